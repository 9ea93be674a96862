import PluginHost
public import SequenceModel

extension TrainingOptions {
    /// A key as it is written in JSON and on the command line, with what it takes.
    private struct Key {
        var name: String
        /// Whether a resumed run may have another value: those that change no result.
        var isFree = false
        var get: (TrainingOptions) -> JSONValue?
        /// Returns what is allowed when the value is not.
        var set: (inout TrainingOptions, JSONValue) -> String?
    }

    private static func whole(
        _ name: String, _ path: any WritableKeyPath<TrainingOptions, Int> & Sendable, _ range: ClosedRange<Int>,
        isFree: Bool = false
    ) -> Key {
        Key(name: name, isFree: isFree, get: { .integer(Int64($0[keyPath: path])) }) { options, value in
            guard let number = value.integerValue, range.contains(number) else { return describe(range) }
            options[keyPath: path] = number
            return nil
        }
    }

    private static func whole(
        _ name: String, _ path: any WritableKeyPath<TrainingOptions, Int?> & Sendable, _ range: ClosedRange<Int>,
        isFree: Bool = false
    ) -> Key {
        Key(name: name, isFree: isFree, get: { $0[keyPath: path].map { .integer(Int64($0)) } }) { options, value in
            guard let number = value.integerValue, range.contains(number) else { return describe(range) }
            options[keyPath: path] = number
            return nil
        }
    }

    private static func real(
        _ name: String, _ path: any WritableKeyPath<TrainingOptions, Double> & Sendable, _ allowed: String,
        _ test: @escaping (Double) -> Bool
    ) -> Key {
        Key(name: name, get: { .number($0[keyPath: path]) }) { options, value in
            guard let number = value.doubleValue, number.isFinite, test(number) else { return allowed }
            options[keyPath: path] = number
            return nil
        }
    }

    private static func real(
        _ name: String, _ path: any WritableKeyPath<TrainingOptions, Double?> & Sendable, _ allowed: String,
        _ test: @escaping (Double) -> Bool
    ) -> Key {
        Key(name: name, get: { $0[keyPath: path].map { .number($0) } }) { options, value in
            guard let number = value.doubleValue, number.isFinite, test(number) else { return allowed }
            options[keyPath: path] = number
            return nil
        }
    }

    private static func describe(_ range: ClosedRange<Int>) -> String {
        "a whole number from \(range.lowerBound) to \(range.upperBound)"
    }

    private static var keys: [Key] {
        [
            whole("steps", \.steps, 1 ... 1_000_000_000),
            whole("tokens", \.tokens, 1 ... 1_000_000_000_000_000),
            real("minutes", \.minutes, "a number over 0") { $0 > 0 },
            whole("context", \.context, 1 ... 1 << 24),
            whole("batch", \.batch, 1 ... 1 << 20),
            whole("accumulate", \.accumulate, 1 ... 1 << 20),
            real("learning_rate", \.learningRate, "a number over 0") { $0 > 0 },
            real("min_learning_rate", \.minimumLearningRate, "a number from 0 on") { $0 >= 0 },
            whole("warmup", \.warmup, 0 ... 1_000_000_000),
            Key(name: "schedule", get: { .string($0.schedule.rawValue) }) { options, value in
                guard let shape = value.stringValue.flatMap(Schedule.Shape.init(rawValue:)) else {
                    return Schedule.Shape.allCases.map(\.rawValue).joined(separator: ", ")
                }
                options.schedule = shape
                return nil
            },
            real("weight_decay", \.weightDecay, "a number from 0 on") { $0 >= 0 },
            real("beta1", \.beta1, "a number from 0 to below 1") { $0 >= 0 && $0 < 1 },
            real("beta2", \.beta2, "a number from 0 to below 1") { $0 >= 0 && $0 < 1 },
            real("epsilon", \.epsilon, "a number over 0") { $0 > 0 },
            real("clip", \.clip, "a number from 0 on; 0 is no clipping") { $0 >= 0 },
            Key(name: "seed", get: { .integer(Int64(bitPattern: $0.seed)) }) { options, value in
                guard case .integer(let number) = value else { return "a whole number" }
                options.seed = UInt64(bitPattern: number)
                return nil
            },
            Key(name: "split", get: { .string($0.split) }) { options, value in
                guard let text = value.stringValue, (try? SplitRule(text)) != nil else { return "\"90/5/5\" or the like" }
                options.split = text
                return nil
            },
            whole("evaluate_every", \.evaluateEvery, 0 ... 1_000_000_000, isFree: true),
            whole("evaluation_bytes", \.evaluationBytes, 1 ... 1 << 40, isFree: true),
            whole("checkpoint_every", \.checkpointEvery, 0 ... 1_000_000_000, isFree: true),
            whole("keep", \.keep, 1 ... 1_000_000, isFree: true),
        ]
    }

    /// The names of all keys.
    public static var keyNames: [String] { keys.map(\.name) }

    /// All that is set, as JSON.
    public var json: JSONValue {
        var object = JSONObject()
        for key in TrainingOptions.keys { object[key.name] = key.get(self) }
        return .object(object)
    }

    /// Options from a JSON object; what is not in it keeps its default.
    ///
    /// - Throws: `ZooError(.usage)` that names every key at fault at once.
    public init(json: JSONValue) throws {
        self.init()
        guard let object = json.objectValue else {
            throw ZooError(.usage, "training options must be a JSON object, not \(json.kind)")
        }
        var faults: [String] = []
        for key in object.keys {
            if let fault = apply(key, object[key] ?? .null) { faults.append(fault) }
        }
        guard faults.isEmpty else { throw ZooError(.usage, faults.joined(separator: "; ")) }
    }

    /// Sets one key.
    ///
    /// - Throws: `ZooError(.usage)` for an unknown key, with the nearest one, or a value that is not allowed.
    public mutating func set(_ name: String, to value: JSONValue) throws {
        if let fault = apply(name, value) { throw ZooError(.usage, fault) }
    }

    private mutating func apply(_ name: String, _ value: JSONValue) -> String? {
        guard let key = TrainingOptions.keys.first(where: { $0.name == name }) else {
            let near = nearestName(to: name, among: TrainingOptions.keyNames).map { "; did you mean \($0)?" } ?? ""
            return "there is no training option \(name)\(near)"
        }
        return key.set(&self, value).map { "\(name) is \(TrainingOptions.text(value)); allowed: \($0)" }
    }

    /// Throws `.usage`, naming everything at fault at once, unless the options make sense together.
    public func validate() throws {
        var faults: [String] = []
        var copy = self
        for key in TrainingOptions.keys {
            guard let value = key.get(self) else { continue }
            if let allowed = key.set(&copy, value) {
                faults.append("\(key.name) is \(TrainingOptions.text(value)); allowed: \(allowed)")
            }
        }
        let budgets = [("steps", steps != nil), ("tokens", tokens != nil), ("minutes", minutes != nil)].filter(\.1).map(\.0)
        if budgets.isEmpty { faults.append("there is no budget: give one of steps, tokens and minutes") }
        if budgets.count > 1 { faults.append("there are \(budgets.count) budgets, \(budgets.joined(separator: " and ")); give one") }
        if faults.isEmpty {
            let (part, first) = context.multipliedReportingOverflow(by: batch)
            let (whole, second) = part.multipliedReportingOverflow(by: accumulate)
            // Far above what any memory holds, far below where products of sizes overflow.
            if first || part > 1 << 28 {
                faults.append("context × batch is \(context) × \(batch); allowed: at most 2²⁸ tokens in a micro-batch")
            } else if second || whole > 1 << 32 {
                faults.append(
                    "context × batch × accumulate is \(context) × \(batch) × \(accumulate); allowed: at most 2³² tokens in a step")
            }
        }
        if faults.isEmpty, let planned = plannedSteps, let warmup, warmup >= planned {
            faults.append("warmup is \(warmup) steps; allowed: fewer than the \(planned) steps of training")
        }
        if let minimumLearningRate, minimumLearningRate > learningRate {
            faults.append("min_learning_rate is \(minimumLearningRate); allowed: at most learning_rate, \(learningRate)")
        }
        guard faults.isEmpty else { throw ZooError(.usage, faults.joined(separator: "; ")) }
    }

    /// For messages: JSON itself has no word for what is not a finite number.
    private static func text(_ value: JSONValue) -> String {
        if case .number(let number) = value { return "\(number)" }
        return value.description
    }

    /// What keeps a run with options `other` from being continued with these: "learning_rate was 0.001 and is 0.002".
    func differences(from other: TrainingOptions) -> [String] {
        TrainingOptions.keys.filter { !$0.isFree }.compactMap { key in
            let (before, now) = (key.get(other), key.get(self))
            guard before != now else { return nil }
            return "\(key.name) was \(before?.description ?? "not set") and is \(now?.description ?? "not set")"
        }
    }
}
