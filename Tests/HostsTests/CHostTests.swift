import Foundation
import TestSupport
import Testing

/// The C host: built with pkg-config and the installed header, it trains every architecture and lets it write.
@Suite(
    .enabled(if: Tools.compiler != nil && Tools.make != nil, "no C compiler or make: apt-get install gcc make"),
    .enabled(if: Tools.packageConfiguration != nil, "no pkg-config: apt-get install pkg-config"))
struct CHostTests {
    static let program: Result<String, any Error> = Result {
        let folder = try Folders.copy("zoo/hosts/c")
        guard let make = Tools.make, let compiler = Tools.compiler else { throw Tools.Failure(description: "no compiler") }
        let built = try HostProcess.run(
            make, ["-s", "CC=\(compiler)", "CFLAGS=-O1 -Wall -Wextra -Werror"],
            environment: ["PKG_CONFIG_PATH": try Tools.installHeader()], folder: folder)
        guard built.status == 0 else { throw Tools.Failure(description: built.output + built.errors) }
        return folder + "/train"
    }

    let program: String
    let text = Repository.path("README.md")

    init() throws { program = try CHostTests.program.get() }

    @Test(arguments: Repository.architectures)
    func trainsAndWrites(_ architecture: Repository.Architecture) throws {
        let result = try HostProcess.run(program, [architecture.path, architecture.model, text, "30", "60000"])
        #expect(result.status == 0 && !result.wasKilled, "\(result.errors)")
        let losses = Figures.losses(result.output)
        #expect(losses.count == 4)
        let (first, last) = (try #require(losses.first), try #require(losses.last))
        #expect(abs(first - 5.545) < 0.6 && last < 4.5, "\(losses)")
        // What it wrote goes on from the beginning of the file.
        let begin = try String(contentsOfFile: text, encoding: .utf8).utf8.prefix(32)
        #expect(result.output.contains(String(decoding: begin, as: UTF8.self)))
    }

    @Test func namesWhatIsWrong() throws {
        let plugin = Repository.plugin("Minimal")
        let cases: [(arguments: [String], status: Int32, words: String)] = [
            ([], 64, "usage:"),
            ([plugin, "minimal", "/nowhere"], 2, "/nowhere: cannot be read"),
            ([plugin, "nonsense", text], 2, "there are 1: not found (5)"),
            ([text, "minimal", text], 2, "invalid ELF header"),
            ([plugin, "minimal", text, "1", "3"], 2, "no configuration of minimal has 3 parameters"),
        ]
        for (arguments, status, words) in cases {
            let result = try HostProcess.run(program, arguments)
            #expect(result.status == status && result.errors.contains(words), "\(arguments): \(result.errors)")
        }
    }
}
