public import SequenceModel
import PluginHost
import Training

/// What every model tries alike before its results: each combination of values is one run of each model, and the one that scores best on
/// the validation part is what the model's results are trained with.
public struct TuningGrid: Sendable, Equatable {
    /// One training option and the values that are tried.
    public struct Axis: Sendable, Equatable {
        /// A key of `TrainingOptions`; none that the budget fixes.
        public var key: String
        /// Each allowed for the option, none twice, in the order given.
        public var values: [JSONValue]
    }

    /// More runs of each model are nearly always a mistyped list.
    static let maximumPoints = 256

    /// In the order given; keys are unique.
    public var axes: [Axis]

    /// Axes from `learning_rate=1e-3,3e-3`, one text for each option.
    ///
    /// - Throws: `ZooError` (`.usage`): not a list, an option that does not exist or that the budget fixes, a value that the option does
    ///   not take, something named twice, too many combinations.
    public init(_ texts: [String]) throws {
        axes = []
        for text in texts {
            let axis = try TuningGrid.axis(text)
            guard !axes.contains(where: { $0.key == axis.key }) else {
                throw ZooError(.usage, "--tune names \(axis.key) twice", hint: "give all of its values at once: --tune \(axis.key)=A,B")
            }
            axes.append(axis)
        }
        let count = axes.reduce(1) { $0 * $1.values.count }
        guard count <= TuningGrid.maximumPoints else {
            throw ZooError(.usage, "--tune makes \(count) combinations for each model; at most \(TuningGrid.maximumPoints)")
        }
    }

    /// Takes axes that were checked elsewhere: of known keys, none twice, with values that their option takes.
    init(axes: [Axis]) { self.axes = axes }

    /// How many combinations there are; not exact where nobody could run them all.
    public var pointCount: Int { axes.reduce(1) { min($0 * $1.values.count, 1 << 30) } }

    /// Every combination, the last axis running fastest; one empty point without axes.
    public var points: [JSONObject] {
        axes.reduce([JSONObject()]) { points, axis in
            points.flatMap { point in
                axis.values.map { value in
                    var longer = point
                    longer[axis.key] = value
                    return longer
                }
            }
        }
    }

    /// `learning_rate=0.001, weight_decay=0.1`
    public static func text(_ point: JSONObject) -> String {
        point.keys.map { "\($0)=\((point[$0] ?? .null).description)" }.joined(separator: ", ")
    }

    private static func axis(_ text: String) throws -> Axis {
        guard let sign = text.firstIndex(of: "="), sign != text.startIndex else {
            throw ZooError(
                .usage, "--tune \(text): expected KEY=VALUE,VALUE,…", hint: "for example --tune learning_rate=0.001,0.003")
        }
        let key = String(text[..<sign])
        if let option = SettingTable.budgetKeys[key] {
            throw ZooError(.usage, "--tune \(key): that is part of the budget that all models share", hint: "use \(option)")
        }
        let known = TrainingOptions.keyNames.filter { SettingTable.budgetKeys[$0] == nil }
        guard known.contains(key) else {
            let near = nearestName(to: key, among: known).map { "did you mean \($0)?" }
            throw ZooError(
                .usage, "--tune \(key): no such training option", hint: near ?? "the options are \(known.joined(separator: ", "))")
        }
        var values: [JSONValue] = []
        for part in text[text.index(after: sign)...].split(separator: ",", omittingEmptySubsequences: false) {
            let value = (try? JSONParser.parse(String(part))) ?? .string(String(part))
            var options = TrainingOptions()
            do {
                try options.set(key, to: value)
            } catch var error as ZooError {
                error.message = "--tune \(text): \(error.message)"
                throw error
            }
            guard !values.contains(value) else { throw ZooError(.usage, "--tune \(text): \(part) is there twice") }
            values.append(value)
        }
        return Axis(key: key, values: values)
    }
}
