import Foundation

/// Places of the working copy and what was built beside the tests.
enum Repository {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func path(_ name: String) -> String { root.appendingPathComponent(name).path }

    /// `lib<name>.so`, the plugin as every host loads it.
    static func plugin(_ name: String) -> String {
        let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        return tests.appendingPathComponent("lib\(name).so").path
    }

    /// Library and model id of one plugin of each kind that there is.
    static let architectures = [
        Architecture(library: "Transformer", model: "transformer"), Architecture(library: "StateSpace", model: "mamba"),
        Architecture(library: "Diffusion", model: "diffusion"), Architecture(library: "Minimal", model: "minimal"),
    ]

    struct Architecture: Sendable, CustomStringConvertible {
        let library: String
        let model: String
        var description: String { model }
        var path: String { Repository.plugin(library) }
    }
}
