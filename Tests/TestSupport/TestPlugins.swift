public import Foundation

/// Plugins in C from Tests/Plugins, compiled when a test asks for them.
public enum TestPlugins {
    /// The honest bigram model: id "bigram", keys vocab_size and hidden_size. Compiled once in a process. Every part of the
    /// host is tried against it first, and `zoo new --language c` writes its sources under another name.
    public static let bigram: Result<String, any Error> = Result { try compile("bigram.c") }

    /// Compiles `source` (a file name in Tests/Plugins) with `-D` for each of `defines` and returns the path of the
    /// library, in a folder of its own. Throws with the compiler's output.
    public static func compile(
        _ source: String, defines: [String] = [], flags: [String] = [], named name: String = "libplugin.so"
    ) throws -> String {
        let library = try TemporaryFolder.make() + "/" + name
        let arguments =
            ["-shared", "-fPIC", "-O1", "-std=c11", "-D_GNU_SOURCE", "-fvisibility=hidden", "-I", headers.path]
            + defines.map { "-D\($0)" } + [sources.appendingPathComponent(source).path, "-o", library, "-lm"] + flags
        try run(compiler(), arguments)
        return library
    }

    /// Compiles `source` as a program and returns its path.
    public static func compileProgram(_ source: String) throws -> String {
        let program = try TemporaryFolder.make() + "/program"
        try run(
            compiler(),
            ["-O1", "-std=c11", "-D_GNU_SOURCE", sources.appendingPathComponent(source).path, "-o", program, "-ldl"])
        return program
    }

    /// Tests/Plugins.
    public static let sources = tests.appendingPathComponent("Plugins")
    private static let headers = tests.deletingLastPathComponent().appendingPathComponent(
        "Sources/CSequenceModel/include")
    private static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

    private struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private static func compiler() throws -> String {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        for name in ["clang", "cc", "gcc"] {
            for folder in folders where FileManager.default.isExecutableFile(atPath: "\(folder)/\(name)") {
                return "\(folder)/\(name)"
            }
        }
        throw Failure(description: "no C compiler (clang, cc or gcc) on PATH")
    }

    private static func run(_ program: String, _ arguments: [String]) throws {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardError = output
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(description: "\(program) \(arguments.joined(separator: " ")):\n\(text)")
        }
    }
}
