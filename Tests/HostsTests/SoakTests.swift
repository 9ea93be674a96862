import Foundation
import TestSupport
import Testing

/// Eight plugins, each a library with a Swift runtime of its own, in one C process under 16 threads.
struct SoakTests {
    @Test(.enabled(if: Tools.compiler != nil, "no C compiler: apt-get install gcc"))
    func eightPluginsUnderSixteenThreads() throws {
        let program = try Tools.compile("soak.c", try #require(Tools.compiler))
        let folder = try TemporaryFolder.make()
        var plugins: [String] = []
        for copy in 1 ... 2 {
            for architecture in Repository.architectures {
                // The loader knows libraries by file: a copy is another library.
                let path = "\(folder)/lib\(architecture.library)-\(copy).so"
                try FileManager.default.copyItem(atPath: architecture.path, toPath: path)
                plugins.append("\(path):\(architecture.model)")
            }
        }
        let result = try HostProcess.run(program, ["16", "60000"] + plugins)
        #expect(result.status == 0 && !result.wasKilled, "\(result.errors.prefix(4000))")
        let words = result.output.split(separator: " ")
        #expect(words.first.flatMap { Int($0) }.map { $0 >= 60_000 } == true)
        #expect(result.output.hasSuffix(" calls, 16 threads, 8 plugins: no error\n"))
    }
}
