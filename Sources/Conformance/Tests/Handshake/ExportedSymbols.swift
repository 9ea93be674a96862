import PluginHost

extension ConformanceTest {
    static let exportedSymbols = ConformanceTest(
        "exported-symbols", "The file exports one symbol, `sm_plugin_query`.", group: .handshake, strictness: 1,
        motivation: """
            A C helper of a plugin was replaced by the host's function of the same name; without a version script a two-type Swift library \
            exports 26 symbols
            """
    ) { context in
        let exported = try PluginFile.symbols(context.path).exported
        // What linkers add to a library without a version script is nobody's to call.
        let linkers: Set<String> = ["__bss_start", "_edata", "_end", "_init", "_fini"]
        let others = exported.filter { $0 != PluginFile.entryPoint && !linkers.contains($0) }
        guard others.isEmpty else {
            let shown = others.prefix(5).joined(separator: ", ")
            throw CheckEnd.failed("\(others.count) more: \(shown)\(others.count > 5 ? ", …" : "")")
        }
        return "1 symbol"
    }
}
