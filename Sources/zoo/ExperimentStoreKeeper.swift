import Experiments
import PluginHost
import RunStore

/// Keeps the database of an experiment up to date while it runs. A database that cannot be written harms no run: it is made from files that are there
/// anyway, so that is a warning, given once.
final class ExperimentStoreKeeper {
    private let folder: ExperimentFolder
    private var store: RunStore?
    private var isGivenUp = false

    init(_ folder: ExperimentFolder) { self.folder = folder }

    /// Adds a run that has just ended.
    func add(_ record: ExperimentRecord) { attempt { try $0.add(record, in: folder) } }

    /// Makes it hold what `results.jsonl` says.
    func update() { attempt { try $0.update(from: folder) } }

    private func attempt(_ body: (RunStore) throws -> Void) {
        guard !isGivenUp else { return }
        do {
            let store = try store ?? RunStore.open(folder)
            self.store = store
            try body(store)
        } catch {
            isGivenUp = true
            let words = (error as? ZooError)?.message ?? "\(error)"
            Terminal.writeError(
                "warning: \(words)\nwarning: the results are whole; zoo query \(folder.path) --rebuild makes the database anew\n")
        }
    }
}
