import Dispatch
import Foundation
import Synchronization

/// The honest bigram plugin with one fault (Tests/Plugins/hostile), and what must catch it.
public struct HostilePlugin: Sendable, CustomStringConvertible {
    /// What somebody who tries the plugin must find.
    public enum Expectation: Sendable {
        /// Each of these tests of `zoo check` fails or crashes.
        case fails([String])
        /// This test of `zoo check` warns.
        case warns(String)
        /// The file cannot be used; the message has these words.
        case refused(String)
        /// These tests pass: it is honest, if unusual.
        case passes([String])
    }

    /// The model's id: `hostile-gradient-scaled`.
    public let id: String
    /// File in Tests/Plugins/hostile.
    public let source: String
    public let defines: [String]
    public let flags: [String]
    public let expectation: Expectation

    public var description: String { id }

    /// - Parameter fault: macros, separated by spaces; the id is made of them.
    init(_ source: String, _ fault: String, flags: [String] = [], _ expectation: Expectation) {
        self.source = source
        defines = fault.split(separator: " ").map(String.init)
        self.flags = flags + (fault.contains("WAY_THROW") ? ["-lstdc++"] : [])
        self.expectation = expectation
        let words = defines.map { $0.replacing("FAULT_", with: "").replacing("WAY_", with: "").replacing("CONTROL_", with: "") }
        let name = ([source.replacing(".c", with: "")] + words).joined(separator: "-")
        id = "hostile-" + name.lowercased().replacing("_", with: "-")
    }

    /// Where the library is. Throws with the compiler's words.
    public func library() throws -> String { "\(try HostilePlugin.folder.get())/\(fileName)" }

    public var fileName: String { "lib\(id).so" }

    /// True when the file cannot be used at all.
    public var isRefused: Bool {
        if case .refused = expectation { true } else { false }
    }

    /// A folder with all of them, compiled once in a process.
    public static let folder = Result<String, any Error> {
        let folder = try TemporaryFolder.make()
        let failure = Mutex<(any Error)?>(nil)
        DispatchQueue.concurrentPerform(iterations: all.count) { index in
            do {
                try all[index].compile(into: folder)
            } catch {
                failure.withLock { $0 = error }
            }
        }
        if let error = failure.withLock({ $0 }) { throw error }
        return folder
    }

    /// Compiles it into `folder`, with `defines` besides its own. Throws with the compiler's words.
    public func compile(into folder: String, defines more: [String] = []) throws {
        let library = try TestPlugins.compile(
            "hostile/\(source)", defines: defines + ["HOSTILE_ID=\"\(id)\""] + more, flags: flags, named: fileName)
        try FileManager.default.moveItem(atPath: library, toPath: "\(folder)/\(fileName)")
    }

    /// The one with this id.
    public static func named(_ id: String) -> HostilePlugin? { all.first { $0.id == id } }
}
