import CSequenceModel
public import SequenceModel

/// One model of a plugin, as the Swift protocol. Its functions may be called from any thread.
public struct PluginModelFactory: ModelFactory {
    /// Read once, when the plugin was loaded, and checked.
    public let description: ModelDescription
    let functions: sm_plugin
    let index: UInt32
    let extensions: PluginExtensions
    private let path: String

    /// The probes that the model has, those that cannot be called among them.
    public var probes: [ModelProbe] { extensions.modelProbes }

    /// Longest configuration that a plugin may write.
    private static let maximumConfigurationBytes = 1 << 20

    /// - Parameter path: of the plugin's file.
    init(_ table: PluginTable, index: UInt32, path: String) throws {
        functions = table.functions
        self.path = path
        self.index = index
        var foreign = sm_description()
        foreign.struct_size = UInt32(MemoryLayout<sm_description>.size)
        let describe = functions.describe
        try withUnsafeMutablePointer(to: &foreign) { pointer in
            try ErrorBuffer().check("describe") { describe?(index, pointer, $0) ?? SM_UNIMPLEMENTED }
        }
        description = try ModelDescription(foreign: foreign, index: index)
        extensions = try PluginExtensions(functions, model: index)
        try extensions.check(against: description)
    }

    /// Asks the plugin, which fills in defaults.
    ///
    /// - Throws: `SequenceModelError`: `.invalidArgument` for what is no object and for keys and values that the plugin refuses,
    ///   `.internal` for an answer that is no JSON object or over 1 MiB, `.unimplemented` without the function.
    public func resolve(_ configuration: JSONValue) throws -> JSONValue {
        guard configuration.objectValue != nil else {
            throw SequenceModelError(
                .invalidArgument, "the configuration is \(configuration.kind); an object is needed")
        }
        guard let resolve = functions.resolve else { throw absent("resolve") }
        return try configurationWritten(by: "resolve") { writer, error in
            PluginModelFactory.withText(of: configuration) { resolve(index, $0, $1, writer, error) }
        }
    }

    /// Asks the plugin; whether the proposal meets the budget is the caller's to check.
    ///
    /// - Throws: `SequenceModelError`: `.invalidArgument` for a budget below 1 in anything or one that the plugin cannot meet; else as
    ///   `resolve`.
    public func propose(_ budget: Budget) throws -> JSONValue {
        guard let propose = functions.propose else { throw absent("propose") }
        var foreign = sm_budget()
        foreign.struct_size = UInt32(MemoryLayout<sm_budget>.size)
        guard let alphabet = UInt32(exactly: budget.alphabet), let parameters = UInt64(exactly: budget.parameters),
            let context = UInt64(exactly: budget.context), alphabet > 0, parameters > 0, context > 0
        else {
            throw SequenceModelError(
                .invalidArgument,
                "budget of \(budget.parameters) parameters, alphabet \(budget.alphabet), context \(budget.context); "
                    + "each must be at least 1")
        }
        foreign.alphabet = alphabet
        foreign.parameters = parameters
        foreign.context = context
        return try withUnsafePointer(to: &foreign) { foreign in
            try configurationWritten(by: "propose") { writer, error in propose(index, foreign, writer, error) }
        }
    }

    /// Resolves `configuration` first, then makes an instance, which goes with the model.
    ///
    /// - Throws: `SequenceModelError`: what the plugin reports, and `.internal` for declarations that break the contract.
    public func create(_ configuration: JSONValue, services: any HostServices) throws -> any SequenceModel {
        guard let create = functions.create else { throw absent("create") }
        CallJournal.note(model: description.id, path: path)
        let full = try resolve(configuration)
        let host = HostTable(services)
        let errors = ErrorBuffer()
        var instance: OpaquePointer?
        try errors.check("create") { error in
            PluginModelFactory.withText(of: full) { create(index, host.pointer, $0, $1, &instance, error) }
        }
        guard let instance else { throw SequenceModelError(.internal, "create succeeded without an instance") }
        return try PluginModel(
            description: description, configuration: full,
            instance: PluginInstance(instance, functions: functions, host: host, errors: errors), extensions: extensions
        )
    }

    private func absent(_ function: String) -> SequenceModelError {
        SequenceModelError(.unimplemented, "\(description.id) does not offer \(function)")
    }

    /// Collects the JSON object that a function of the plugin writes.
    private func configurationWritten(
        by function: StaticString,
        _ body: (UnsafePointer<sm_writer>, UnsafeMutablePointer<sm_error>) -> Int32
    ) throws -> JSONValue {
        let bytes = try ByteWriter.collect(limit: PluginModelFactory.maximumConfigurationBytes) { writer in
            try ErrorBuffer().check(function) { body(writer, $0) }
        }
        do {
            let value = try JSONParser.parse(bytes)
            guard value.objectValue != nil else {
                throw SequenceModelError(.internal, "\(value.kind) instead of an object")
            }
            return value
        } catch let error as SequenceModelError {
            throw SequenceModelError(
                .internal,
                "\(function) of \(description.id) wrote a configuration that cannot be read: \(error.message)")
        }
    }

    private static func withText(
        of value: JSONValue, _ body: (UnsafePointer<CChar>, UInt64) -> Int32
    ) -> Int32 {
        let text = value.description
        let length = UInt64(text.utf8.count)
        return text.withCString { body($0, length) }
    }
}
