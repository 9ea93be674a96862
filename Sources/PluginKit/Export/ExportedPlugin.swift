public import CSequenceModel
public import SequenceModel

/// Answers `sm_plugin_query` for a shared library that holds these architectures:
///
///     @c @implementation
///     public func sm_plugin_query(
///         _ host: UnsafePointer<sm_host_info>?, _ error: UnsafeMutablePointer<sm_error>?
///     ) -> UnsafePointer<sm_plugin>? {
///         export([Minimal.self], version: "0.1.0", to: host, error)
///     }
///
/// The table is made at the first call and lives as long as the process; a library exports one. Returns nil and fills
/// `error` for a host of another major version.
public func export(
    _ models: @autoclosure () -> [any TensorModel.Type], version: String, to host: UnsafePointer<sm_host_info>?,
    _ error: UnsafeMutablePointer<sm_error>?
) -> UnsafePointer<sm_plugin>? {
    export(factories: models().map(makeFactory), version: version, to: host, error)
}

/// The same for types that conform to `SequenceModel` themselves.
public func export(
    factories: @autoclosure () -> [any ModelFactory], version: String, to host: UnsafePointer<sm_host_info>?,
    _ error: UnsafeMutablePointer<sm_error>?
) -> UnsafePointer<sm_plugin>? {
    var table: UnsafePointer<sm_plugin>?
    _ = answer(error) {
        if let host {
            let information = try readSized(host, "host information", zero: sm_host_info())
            guard Int32(information.abi_major) == SM_ABI_MAJOR else {
                throw SequenceModelError(
                    .invalidArgument,
                    "this plugin speaks version \(SM_ABI_MAJOR) of the interface, the host version \(information.abi_major)")
            }
        }
        let plugin = try ExportedPlugin.current ?? ExportedPlugin(factories: factories(), version: version)
        ExportedPlugin.current = plugin
        table = UnsafePointer(plugin.table)
    }
    return table
}

/// The one plugin of a shared library, as the C functions find it.
final class ExportedPlugin {
    /// Written by the first `sm_plugin_query`, which the contract never runs concurrently with anything in this library.
    nonisolated(unsafe) static var current: ExportedPlugin?

    let factories: [any ModelFactory]
    let table: UnsafeMutablePointer<sm_plugin>
    /// Strings that live as long as the process.
    private let descriptions: [sm_description]
    /// Of each model.
    let probes: [[sm_probe]]
    /// `sm.probes/1` of each model that has any; never freed.
    private let probeTables: [UnsafeMutablePointer<sm_probes>?]

    /// Throws `.internal` for probes that cannot be exported.
    init(factories: [any ModelFactory], version: String) throws {
        self.factories = factories
        let probes = try factories.enumerated().map { try ExportedProbes.structs($1, model: $0) }
        self.probes = probes
        probeTables = probes.enumerated().map { model, probes in
            guard !probes.isEmpty else { return nil }
            let table = UnsafeMutablePointer<sm_probes>.allocate(capacity: 1)
            table.initialize(to: ExportedProbes.table(model: model, count: probes.count))
            return table
        }
        descriptions = factories.map { ExportedPlugin.describe($0.description) }
        table = UnsafeMutablePointer<sm_plugin>.allocate(capacity: 1)
        let name = factories.map(\.description.id).joined(separator: ",")
        table.initialize(to: coreTable(name: name, version: version, models: UInt32(factories.count)))
    }

    static func factory(_ model: UInt32) throws -> any ModelFactory {
        guard let plugin = current, model < plugin.factories.count else {
            throw SequenceModelError(.notFound, "model \(model); there are \(current?.factories.count ?? 0)")
        }
        return plugin.factories[Int(model)]
    }

    /// `sm.probes/1` of a model; nil when it has no probes.
    static func probeTable(_ model: UInt32) -> UnsafeRawPointer? {
        guard let plugin = current, model < plugin.probeTables.count else { return nil }
        return plugin.probeTables[Int(model)].map { UnsafeRawPointer($0) }
    }

    static func description(_ model: UInt32) throws -> sm_description {
        _ = try factory(model)
        return current?.descriptions[Int(model)] ?? sm_description()
    }

    private static func describe(_ description: ModelDescription) -> sm_description {
        var result = sm_description()
        result.likelihood = description.likelihood.rawValue
        result.capabilities = description.capabilities.rawValue
        result.id = UnsafePointer(permanentText(description.id))
        result.name = UnsafePointer(permanentText(description.name))
        result.family = UnsafePointer(permanentText(description.family))
        result.summary = UnsafePointer(permanentText(description.summary))
        result.paper = UnsafePointer(permanentText(description.paper))
        result.licence = UnsafePointer(permanentText(description.licence))
        result.configuration_schema = UnsafePointer(permanentText(description.configurationSchema))
        return result
    }
}
