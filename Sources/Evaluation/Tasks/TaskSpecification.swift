import PluginHost
public import SequenceModel
import Training

/// A task with its parameters: `mqar`, `mqar:pairs=4,length=64`.
///
/// Coded as that text, in which what is as usual is left out.
public struct TaskSpecification: Sendable, Hashable, Codable, CustomStringConvertible {
    /// Of the task.
    public let name: String
    /// What differs from the defaults, in the task's order: equal texts are equal tasks.
    public let text: String

    /// From what the command line says. Lists are written with slashes: `test_lengths=64/256`.
    ///
    /// - Throws: `ZooError` (`.usage`): no such task or parameter, with the nearest name, a value that is not allowed, or parameters that
    ///   contradict each other.
    public init(_ text: String) throws {
        let name = String(text.prefix { $0 != ":" })
        let description = try TaskCatalogue.description(of: name)
        var values: [String: [Int]] = [:]
        let hasParameters = text.count > name.count
        let parts = text.dropFirst(name.count + 1).split(separator: ",", omittingEmptySubsequences: false)
        for part in hasParameters ? parts : [] {
            let (key, value) = try TaskSpecification.parse(part, of: description)
            guard values.updateValue(value, forKey: key) == nil else {
                throw ZooError(.usage, "task \(text): \(key) is there twice")
            }
        }
        self.name = name
        let changed = description.parameters.compactMap { parameter in
            values[parameter.name].flatMap { $0 == parameter.defaultValues ? nil : "\(parameter.name)=\(TaskParameter.text($0))" }
        }
        self.text = changed.isEmpty ? name : "\(name):\(changed.joined(separator: ","))"
        _ = try description.make(TaskSpecification.filled(description, values))
    }

    /// `text`.
    public var description: String { text }

    /// All parameters, defaults filled in.
    public var parameters: TaskParameters {
        get throws {
            let description = try TaskCatalogue.description(of: name)
            let parts = text.dropFirst(name.count + 1).split(separator: ",")
            let values = try parts.map { try TaskSpecification.parse($0, of: description) }
            return TaskSpecification.filled(description, Dictionary(values, uniquingKeysWith: { $1 }))
        }
    }

    /// All parameters as JSON: numbers, and arrays for lists.
    public var json: JSONObject {
        get throws {
            let (all, description) = (try parameters, try TaskCatalogue.description(of: name))
            var object = JSONObject()
            for parameter in description.parameters {
                let numbers = all.list(parameter.name).map { JSONValue.integer(Int64($0)) }
                object[parameter.name] = parameter.isList ? .array(numbers) : numbers.first
            }
            return object
        }
    }

    /// The task itself.
    public func make() throws -> any SequenceTask { try TaskCatalogue.description(of: name).make(parameters) }

    /// Of the task with all its parameters and the revision of the generators, in hexadecimal.
    public var sha256: String {
        get throws {
            let text = "\(TaskCatalogue.revision) \(name) \(JSONValue.object(try json).description)"
            return TextData(Array(text.utf8), name: name).sha256
        }
    }

    /// Defaults where nothing was said.
    private static func filled(_ description: TaskDescription, _ values: [String: [Int]]) -> TaskParameters {
        let all = description.parameters.map { ($0.name, values[$0.name] ?? $0.defaultValues) }
        return TaskParameters(values: Dictionary(all, uniquingKeysWith: { $1 }))
    }

    private static func parse(_ part: Substring, of task: TaskDescription) throws -> (String, [Int]) {
        let hint = "zoo tasks \(task.name) shows its parameters"
        guard let sign = part.firstIndex(of: "="), sign != part.startIndex else {
            throw ZooError(.usage, "task \(task.name): \(part.isEmpty ? "nothing" : String(part)) where KEY=VALUE was expected", hint: hint)
        }
        let key = String(part[..<sign])
        guard let parameter = task.parameters.first(where: { $0.name == key }) else {
            let names = task.parameters.map(\.name)
            let near = nearestName(to: key, among: names).map { "did you mean \($0)?" }
            throw ZooError(
                .usage, "task \(task.name): there is no parameter \(key)", hint: near ?? "its parameters are \(names.joined(separator: ", "))")
        }
        let text = part[part.index(after: sign)...]
        let pieces = parameter.isList ? text.split(separator: "/", omittingEmptySubsequences: false) : [text]
        let values = pieces.compactMap { Int($0) }
        let range = "\(parameter.allowed.lowerBound) to \(parameter.allowed.upperBound)"
        guard values.count == pieces.count, values.allSatisfy(parameter.allowed.contains) else {
            let form = parameter.isList ? "whole numbers from \(range), with / between them" : "a whole number from \(range)"
            throw ZooError(.usage, "task \(task.name): \(key) is \(text); allowed: \(form)", hint: hint)
        }
        return (key, values)
    }

    /// From the text.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        do {
            try self.init(text)
        } catch let error as ZooError {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: error.message)
        }
    }

    /// As the text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
