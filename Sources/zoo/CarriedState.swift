import PluginHost
import SequenceModel
import Training

/// States of sessions that go from one command to the next.
enum CarriedState {
    /// The session that a file of `--save-state` continues, of one row.
    ///
    /// - Throws: `ZooError`: `.usage` for a model without sessions, `.data` for a file that is not of this model, configuration, weights
    ///   and plugin, or not whole.
    static func load(
        _ path: String, of loaded: LoadedModel, catalogue: PluginCatalogue
    ) throws -> any SequenceSession {
        try requireSessions(of: loaded.model, catalogue, for: "--load-state")
        let file = try SessionStateFile(path: path, owner: SessionStateFile.Owner(loaded))
        let session: any SequenceSession
        do {
            session = try loaded.model.loadSession(file.state)
        } catch let error as SequenceModelError {
            throw ZooError(error, while: path)
        }
        guard session.rows == 1, session.position == file.position else {
            throw ZooError(
                .plugin,
                "\(loaded.model.description.id) made of \(path) a session of \(session.rows) rows at position \(session.position); "
                    + "it was saved with 1 row at \(file.position)")
        }
        return session
    }

    /// Writes the state of `session`; returns the bytes of the plugin's part.
    static func save(_ session: any SequenceSession, of loaded: LoadedModel, to path: String) throws -> Int {
        let state = try session.save()
        try SessionStateFile(owner: .init(loaded), position: session.position, state: state).write(to: path)
        return state.count
    }

    /// Refuses models that keep nothing between two calls.
    static func requireSessions(of model: any SequenceModel, _ catalogue: PluginCatalogue, for option: String) throws {
        let description = model.description
        let isExact = description.likelihood == .exact
        guard !description.capabilities.contains(.session) || !isExact else { return }
        let able = catalogue.entries.map(\.description).filter {
            $0.capabilities.contains(.session) && $0.likelihood == .exact
        }
        throw ZooError(
            .usage,
            description.capabilities.contains(.session)
                ? "\(option) needs an exact likelihood, symbol by symbol; that of \(description.id) is not"
                : "\(option) needs a model that reads on and keeps a state; \(description.id) has no sessions",
            hint: able.isEmpty ? nil : "models that keep a state: \(able.map(\.id).joined(separator: ", "))")
    }
}
