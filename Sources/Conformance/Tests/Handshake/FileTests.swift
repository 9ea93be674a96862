import CSequenceModel
import Glibc
import PluginHost

extension ConformanceTest {
    static let runPath = ConformanceTest(
        "run-path", "The file names no absolute run path.", group: .handshake, strictness: 1,
        motivation: "swiftc bakes the toolchain's folder into a library, which then works on the machine that built it alone"
    ) { context in
        let paths = try PluginFile.symbols(context.path).runPaths
        let absolute = paths.filter { $0.hasPrefix("/") || $0.isEmpty }
        guard absolute.isEmpty else { throw CheckEnd.failed("run path \(absolute.joined(separator: ":"))") }
        return paths.isEmpty ? "no run path" : paths.joined(separator: ":")
    }

    static let loadTime = ConformanceTest(
        "load-time", "Loading the file and asking what it holds takes less than 100 ms (a warning when it takes longer).",
        group: .handshake, strictness: 6, motivation: "clap-validator's budget for a scan: hosts look at every plugin when they start"
    ) { context in
        let seconds = try context.plugin().loadSeconds
        let text = "\((seconds * 1000).short) ms"
        if seconds > 0.1 { throw CheckEnd.warning(text) }
        return text
    }

    static let handshakeRepeats = ConformanceTest(
        "handshake-repeats", "Asked again, before and after use, the plugin returns the same table and the same descriptions.",
        group: .handshake, strictness: 1,
        motivation: "CLAP 1.2.0 had to concede that a host and a wrapper both initialise a plugin: those that did not count broke"
    ) { context in
        let plugin = try context.plugin()
        func look() throws -> (UnsafePointer<sm_plugin>?, [String]) {
            let table = RawPlugin.ask(plugin.query, plugin.watch, error: RawError())
            return (table, try (0 ..< plugin.modelCount).flatMap { try Description(plugin.describe($0)).texts })
        }
        let first = try look()
        guard first.0 == plugin.address else { throw CheckEnd.failed("the second sm_plugin_query returned another table") }
        let known = min(Int(plugin.table.struct_size), MemoryLayout<sm_plugin>.size)
        let isSame = withUnsafeBytes(of: plugin.table) { $0.prefix(known).elementsEqual(UnsafeRawBufferPointer(start: plugin.address, count: known)) }
        guard isSame else { throw CheckEnd.failed("the table's bytes changed with the second sm_plugin_query") }
        let bytes = Array(UnsafeRawBufferPointer(start: plugin.address, count: Int(min(plugin.address.pointee.struct_size, 4096))))
        try Tour(context.instance(), context).run()
        let second = try look()
        guard second.0 == plugin.address else { throw CheckEnd.failed("after use, sm_plugin_query returns another table") }
        guard first.1 == second.1 else {
            let pair = zip(first.1, second.1).first { $0 != $1 }
            throw CheckEnd.failed("a description changed from \"\(pair?.0 ?? "")\" to \"\(pair?.1 ?? "")\"")
        }
        guard Array(UnsafeRawBufferPointer(start: plugin.address, count: bytes.count)) == bytes else {
            throw CheckEnd.failed("the table's bytes changed with use")
        }
        return "asked 3 times"
    }
}
