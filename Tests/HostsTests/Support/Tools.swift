import Foundation
import TestSupport

/// Programs that the tests of other hosts need.
enum Tools {
    static let compiler = find(["cc", "gcc", "clang"])
    static let make = find(["make"])
    static let packageConfiguration = find(["pkg-config"])

    /// A Python of at least 3.10 that has NumPy: the first on PATH, or Debian's where none on PATH has it.
    static let python: String? = python(that: "import sys, numpy; sys.exit(sys.version_info < (3, 10))")

    /// One that can also build and install a package without a network.
    static let installingPython: String? = python(
        that: """
            import setuptools, pip, numpy, sys
            if int(setuptools.__version__.split('.')[0]) < 71: import wheel
            sys.exit(sys.version_info < (3, 10))
            """)

    /// Compiles a C program of Tests/Hosts against the public header alone and returns its path.
    static func compile(_ source: String, _ compiler: String) throws -> String {
        let program = try TemporaryFolder.make() + "/program"
        let result = try HostProcess.run(
            compiler,
            [
                "-std=c11", "-O1", "-g", "-Wall", "-Wextra", "-Werror", "-I", Repository.path("Sources/CSequenceModel/include"),
                Repository.path("Tests/Hosts/\(source)"), "-o", program, "-ldl", "-lpthread",
            ])
        guard result.status == 0 else { throw Failure(description: result.errors) }
        return program
    }

    /// Installs header and pkg-config file as `make install` does and returns the folder for PKG_CONFIG_PATH.
    static func installHeader() throws -> String {
        let prefix = try TemporaryFolder.make()
        let files = FileManager.default
        try files.createDirectory(atPath: "\(prefix)/include", withIntermediateDirectories: true)
        try files.copyItem(
            atPath: Repository.path("Sources/CSequenceModel/include/sequence_model.h"),
            toPath: "\(prefix)/include/sequence_model.h")
        let template = try String(
            contentsOfFile: Repository.path("Sources/CSequenceModel/sequence-model.pc.in"), encoding: .utf8)
        try Data(template.replacingOccurrences(of: "@PREFIX@", with: prefix).utf8)
            .write(to: URL(fileURLWithPath: "\(prefix)/sequence-model.pc"))
        return prefix
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private static func python(that script: String) -> String? {
        all(["python3"]).first { (try? HostProcess.run($0, ["-c", script]))?.status == 0 }
    }

    private static func find(_ names: [String]) -> String? { all(names).first }

    private static func all(_ names: [String]) -> [String] {
        let path = (ProcessInfo.processInfo.environment["PATH"] ?? "") + ":/usr/bin"
        let folders = path.split(separator: ":").map(String.init)
        return names.flatMap { name in folders.map { "\($0)/\(name)" } }
            .filter { FileManager.default.isExecutableFile(atPath: $0) }
    }
}
