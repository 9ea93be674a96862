import Foundation
import TestSupport

/// A program of another host in a process of its own, with an environment that has nothing of Swift in it.
struct HostProcess {
    var status: Int32
    /// True when a signal ended it; `status` is the signal then.
    var wasKilled: Bool
    var output: String
    var errors: String

    /// Runs `program` to its end, for five minutes at most.
    static func run(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], folder: String? = nil
    ) throws -> HostProcess {
        let scratch = try TemporaryFolder.make()
        let process = Process()
        // A program that hangs is a failure (status 124), not a test run without an end.
        process.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
        process.arguments = ["--foreground", "--kill-after=5", "300", program] + arguments
        var variables = ProcessInfo.processInfo.environment.filter { variable in
            !["LD_", "PYTHON", "SWIFT"].contains { variable.key.hasPrefix($0) }
        }
        variables["LC_ALL"] = "C.UTF-8"
        process.environment = variables.merging(environment) { _, new in new }
        if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
        // Files, not pipes: a program that writes much does not wait for us.
        func file(_ name: String) throws -> FileHandle {
            let path = "\(scratch)/\(name)"
            _ = FileManager.default.createFile(atPath: path, contents: nil)
            return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        }
        func text(_ name: String) throws -> String {
            String(decoding: try Data(contentsOf: URL(fileURLWithPath: "\(scratch)/\(name)")), as: UTF8.self)
        }
        process.standardOutput = try file("output")
        process.standardError = try file("errors")
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return HostProcess(
            status: process.terminationStatus, wasKilled: process.terminationReason == .uncaughtSignal,
            output: try text("output"), errors: try text("errors"))
    }
}
