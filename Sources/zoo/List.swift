import ArgumentParser
import Dispatch
import PluginHost
import SequenceModel

/// `zoo list`: the models that the plugins found bring.
struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the models that plugins bring.",
        discussion: """
            Plugins are looked for in --plugins, in ZOO_PLUGIN_PATH (folders separated by colons), in the user's data folder \
            ($XDG_DATA_HOME or ~/.local/share, then zoo/plugins), beside the executable and in ../lib/zoo/plugins from there.

            On a terminal that is too narrow the table leaves out the folder of the plugin, then the plugin, and breaks the capabilities \
            into lines; through a pipe, and with --json, everything is there.

            What cannot be used is told on stderr. The exit status is 0 when there is at least one model, 2 when there is none.

            With --json: an array of objects with the keys id, name, family, likelihood ("exact", "upper-bound", "none"), plugin, \
            plugin_name, plugin_version, plugin_sha256, abi, summary, paper, licence, capabilities, configuration_schema, probes (objects \
            with name, summary, signature, and problem: why it cannot be called, or null).
            """)

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let catalogue = try global.catalogue()
        for failure in catalogue.failures { Terminal.writeError("warning: \(failure.error.message)\n") }
        if global.json {
            // The hashes are all of the time: one processor for each library.
            let plugins = Array(Dictionary(catalogue.entries.map { ($0.plugin.path, $0.plugin) }) { first, _ in first }.values)
            DispatchQueue.concurrentPerform(iterations: plugins.count) { _ = try? plugins[$0].sha256() }
            print(JSONValue.array(try catalogue.entries.map(List.describe)).prettyPrinted, terminator: "")
        }
        guard !catalogue.entries.isEmpty else {
            throw ZooError(
                .plugin, "no plugin was found in \(catalogue.searchPath.joined(separator: ", "))",
                hint: "--plugins DIR looks there as well; zoo doctor says what is on the search path")
        }
        if !global.json { print(List.table(catalogue.entries, width: Terminal.outputWidth), terminator: "") }
    }

    private static func table(_ entries: [CatalogueEntry], width: Int?) -> String {
        let heading = ["ID", "NAME", "FAMILY", "LIKELIHOOD", "CAPABILITIES", "PLUGIN"]
        let rows = entries.map { entry in
            let description = entry.description
            return [
                description.id, description.name, description.family, description.likelihood.label,
                description.capabilities.labels.joined(separator: ","), entry.plugin.path,
            ]
        }
        return fitted([heading] + rows, width: width)
    }

    /// The rows with as much about the plugin, the last column, as fits; what is left to give way is the column before it.
    static func fitted(_ rows: [[String]], width: Int?) -> String {
        guard let width else { return TextColumns.format(rows) }
        let short = rows.map { row -> [String] in
            let path = row.last ?? ""
            return Array(row.dropLast()) + [String(path.split(separator: "/").last ?? "")]
        }
        for candidate in [rows, short] {
            let text = TextColumns.format(candidate)
            if text.split(separator: "\n").allSatisfy({ $0.count <= width }) { return text }
        }
        // The id says which: the name, the second column, goes first, then the family.
        var text = ""
        for left in 0 ... 2 {
            let narrower = rows.map { row in row.indices.filter { !(1 ..< 1 + left).contains($0) && $0 != row.count - 1 }.map { row[$0] } }
            text = TextColumns.format(narrower, width: width)
            if text.split(separator: "\n").allSatisfy({ $0.count <= width }) { break }
        }
        return text
    }

    private static func describe(_ entry: CatalogueEntry) throws -> JSONValue {
        let description = entry.description
        return .object([
            "id": .string(description.id), "name": .string(description.name), "family": .string(description.family),
            "likelihood": .string(description.likelihood.label), "plugin": .string(entry.plugin.path),
            "plugin_name": .string(entry.plugin.name), "plugin_version": .string(entry.plugin.version),
            "plugin_sha256": .string(try entry.plugin.sha256()), "abi": .string(entry.plugin.abi),
            "summary": .string(description.summary), "paper": .string(description.paper),
            "licence": .string(description.licence),
            "capabilities": .array(description.capabilities.labels.map { .string($0) }),
            "configuration_schema": try JSONParser.parse(description.configurationSchema),
            "probes": .array(entry.probes.map { $0.json }),
        ])
    }
}
