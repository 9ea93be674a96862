import PluginHost
import SequenceModel

/// What is wrong with a file, all of it: a line for each problem, with its key.
final class ProblemList {
    private(set) var lines: [String] = []

    /// `budget.steps is "many"; allowed: …`
    func add(_ text: String) {
        // Some mistakes are seen twice, as the shared value and as that of a comparison.
        if !lines.contains(text) { lines.append(text) }
    }

    /// What the body throws, under a key.
    func collect<Result>(_ key: String, _ body: () throws -> Result) -> Result? {
        do {
            return try body()
        } catch let error as ZooError {
            add("\(key): \(error.message)")
        } catch {
            add("\(key): \(error)")
        }
        return nil
    }

    /// - Throws: `ZooError` (`.data`) that names them all, unless there are none.
    func check(_ name: String) throws {
        guard let first = lines.first else { return }
        let most = 50
        let rest = lines.count > most ? "\n  and \(lines.count - most) more" : ""
        throw ZooError(
            .data,
            lines.count == 1
                ? "\(name): \(first)"
                : "\(name) has \(lines.count) problems:" + lines.prefix(most).map { "\n  \($0)" }.joined() + rest,
            hint: "zoo run --help says what an experiment file holds")
    }
}
