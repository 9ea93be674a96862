import Foundation
import Testing

/// Plugins in programs that have nothing of Swift: each carries its runtime inside.
struct NoSwiftTests {
    /// Names of files that would mean that the process uses a Swift installation.
    static func foreign(_ maps: String) -> [String] {
        Figures.mappedFiles(maps).filter { path in
            let name = path.split(separator: "/").last.map(String.init) ?? path
            return ["swift", "Foundation", "dispatch", "BlocksRuntime"].contains { name.contains($0) }
        }.sorted()
    }

    @Test(PythonHost.isThere, arguments: Repository.architectures)
    func inPython(_ architecture: Repository.Architecture) throws {
        let result = try PythonHost.run("checks.py", "maps", architecture.path, architecture.model)
        #expect(result.status == 0, "\(result.errors)")
        let files = Figures.mappedFiles(result.output)
        #expect(files.contains(architecture.path), "the listing does not even show the plugin")
        #expect(NoSwiftTests.foreign(result.output).isEmpty)
    }

    /// The listing of this process, which is Swift, shows what the other tests look for.
    @Test func thisProcessIsSwift() throws {
        // The file says that it has no bytes: only reading to the end gives them.
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: "/proc/self/maps"))
        let maps = String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
        #expect(!NoSwiftTests.foreign(maps).isEmpty)
    }
}
