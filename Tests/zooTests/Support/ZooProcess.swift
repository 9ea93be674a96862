import Foundation
import TestSupport

/// The real command in a process of its own, as a user starts it.
final class ZooProcess {
    private let process = Process()
    private let folder: String

    struct Result {
        var status: Int32
        /// True when a signal ended it; `status` is the signal then.
        var wasKilled: Bool
        var output: String
        var errors: String
    }

    /// The executable beside the tests, where the plugins are too.
    static let executable: String = {
        let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        return folder.appendingPathComponent("zoo").path
    }()

    /// - Parameters:
    ///   - limit: largest file it may write, in bytes (as a full disk does, it makes writes fail).
    ///   - isOrdinaryUser: root, too, may read and write only what the permissions say.
    init(
        _ arguments: [String], environment: [String: String] = [:], limit: Int? = nil, isOrdinaryUser: Bool = false
    ) throws {
        folder = try TemporaryFolder.make()
        if let limit {
            // The shell counts in blocks of 512 bytes.
            process.executableURL = URL(fileURLWithPath: "/bin/sh")
            process.arguments = ["-c", "ulimit -f \(limit / 512); exec \"$@\"", "sh", ZooProcess.executable] + arguments
        } else if isOrdinaryUser, geteuid() == 0 {
            process.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
            process.arguments =
                ["--bounding-set=-dac_override,-dac_read_search", ZooProcess.executable] + arguments
        } else {
            process.executableURL = URL(fileURLWithPath: ZooProcess.executable)
            process.arguments = arguments
        }
        var variables = ProcessInfo.processInfo.environment
        variables["SWIFT_BACKTRACE"] = "enable=no"
        variables["NO_COLOR"] = "1"
        for name in ["ZOO_PLUGIN_PATH", "XDG_DATA_HOME"] { variables[name] = nil }
        process.environment = variables.merging(environment) { _, new in new }
        process.standardOutput = try file("output")
        process.standardError = try file("errors")
        process.standardInput = FileHandle.nullDevice
        try process.run()
    }

    var isRunning: Bool { process.isRunning }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    func wait() throws -> Result {
        process.waitUntilExit()
        return Result(
            status: process.terminationStatus, wasKilled: process.terminationReason == .uncaughtSignal,
            output: try text("output"), errors: try text("errors"))
    }

    static func run(_ arguments: String..., environment: [String: String] = [:], limit: Int? = nil) throws -> Result {
        try ZooProcess(arguments, environment: environment, limit: limit).wait()
    }

    private func file(_ name: String) throws -> FileHandle {
        _ = FileManager.default.createFile(atPath: "\(folder)/\(name)", contents: nil)
        return try FileHandle(forWritingTo: URL(fileURLWithPath: "\(folder)/\(name)"))
    }

    private func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")), as: UTF8.self)
    }
}
