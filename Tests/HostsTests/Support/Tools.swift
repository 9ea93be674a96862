import Foundation
import TestSupport

/// Programs that the tests of other hosts need.
enum Tools {
    static let compiler = find(["cc", "gcc", "clang"])
    static let make = find(["make"])
    static let packageConfiguration = find(["pkg-config"])

    /// A Python of at least 3.10 that has NumPy.
    static let python: String? = all(["python3"]).first { path in
        let check = "import sys, numpy; sys.exit(sys.version_info < (3, 10))"
        return (try? HostProcess.run(path, ["-c", check]))?.status == 0
    }

    /// Whether that Python can build and install a package without a network.
    static let installsPackages: Bool = {
        guard let python else { return false }
        let check = "import pip, setuptools, sys; v = int(setuptools.__version__.split('.')[0])\nif v < 71: import wheel"
        return (try? HostProcess.run(python, ["-c", check]))?.status == 0
    }()

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

    private static func find(_ names: [String]) -> String? { all(names).first }

    private static func all(_ names: [String]) -> [String] {
        let path = (ProcessInfo.processInfo.environment["PATH"] ?? "") + ":/usr/bin"
        let folders = path.split(separator: ":").map(String.init)
        return names.flatMap { name in folders.map { "\($0)/\(name)" } }
            .filter { FileManager.default.isExecutableFile(atPath: $0) }
    }
}
