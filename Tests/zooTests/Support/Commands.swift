import Foundation
import TestSupport

/// A program in a process of its own, as somebody starts it in a shell.
struct Commands {
    var environment: [String: String]
    var folder: String

    /// Working copy that the tests were built from.
    static let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    /// - Parameter environment: replaces variables of the tests' own environment.
    init(in folder: String, environment: [String: String] = [:]) {
        self.folder = folder
        var variables = ProcessInfo.processInfo.environment
        for name in ["ZOO_PLUGIN_PATH", "XDG_DATA_HOME", "PKG_CONFIG_PATH", "MAKEFLAGS", "MAKELEVEL", "ZOO", "ZOO_KIT"] {
            variables[name] = nil
        }
        variables["NO_COLOR"] = "1"
        self.environment = variables.merging(environment) { _, new in new }
    }

    /// Runs one line of bash to its end, for `seconds` at most (then the status is 124). Output and errors come together.
    func run(_ line: String, seconds: Int = 900) throws -> (status: Int32, output: String) {
        let path = try TemporaryFolder.make() + "/output"
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        let output = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
        process.arguments = ["--foreground", "--kill-after=5", String(seconds), "/bin/bash", "-c", line]
        process.environment = environment
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self))
    }
}
