import Conformance
import Foundation
import PluginHost
import TestSupport
import Testing

/// Every hostile plugin is caught, by the test that is there for its fault, which the honest plugin passes.
@Suite(.serialized) struct HostileTests {
    /// Beside the tests lies the command, whose child process tries a test.
    private static let zoo = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appendingPathComponent("zoo").path

    /// What the tests say of the honest plugin, by name.
    private static let honest = Result<[String: TestResult], any Error> {
        let results = try runner(seconds: 45).run(ConformanceSuite.tests, path: TestPlugins.bigram.get(), model: "bigram")
        return Dictionary(uniqueKeysWithValues: results.map { ($0.test, $0) })
    }

    private static func runner(seconds: Int) -> ConformanceRunner {
        var runner = ConformanceRunner(command: [zoo, "run-conformance-test"], seed: 0)
        runner.secondsPerTest = seconds
        runner.secondsToLoad = min(seconds, 10)
        return runner
    }

    private func results(_ plugin: HostilePlugin, _ names: [String]) throws -> [TestResult] {
        let tests = names.compactMap { ConformanceSuite.test(named: $0) }
        // A fault that nobody looks for is not caught: it is told of as long as the test is not there.
        for name in names where ConformanceSuite.test(named: name) == nil {
            withKnownIssue { Issue.record("zoo check has no test \(name), which \(plugin) is for") }
        }
        // One that hangs is given up after two seconds; of the others no outcome may be for want of time.
        let hangs = plugin.defines.contains { $0 == "WAY_HANG" || $0 == "WAY_SPIN" }
        return try HostileTests.runner(seconds: hangs ? 2 : 45).run(tests, path: plugin.library(), model: plugin.id)
    }

    @Test func honestPluginPasses() throws {
        for result in try HostileTests.honest.get().values {
            #expect(!result.outcome.isFailure, "\(result.test) \(result.outcome): \(result.detail)")
        }
    }

    @Test(arguments: HostilePlugin.all) func isCaught(_ plugin: HostilePlugin) throws {
        switch plugin.expectation {
        case .refused(let words):
            do {
                _ = try HostileTests.runner(seconds: 2).models(path: plugin.library())
                // A description can be asked of a table that lacks functions which come later.
                for result in try results(plugin, ["description"]) {
                    #expect(result.outcome.isFailure && result.detail.contains(words), "\(result.outcome): \(result.detail)")
                }
            } catch let error as ZooError {
                #expect(error.message.contains(words), "\(error.message)")
            }
        case .fails(let names):
            for result in try results(plugin, names) {
                #expect(result.outcome.isFailure, "\(result.test) \(result.outcome): \(result.detail)")
                #expect(!result.detail.contains("took longer than 45 seconds"), "\(result.test)")
                if plugin.source == "dies.c" { #expect(result.outcome == .crashed, "\(result.test): \(result.detail)") }
                let honest = try HostileTests.honest.get()[result.test]
                #expect(honest?.outcome != .failed && honest?.outcome != .crashed, "\(result.test): \(honest?.detail ?? "")")
            }
        case .warns(let name):
            for result in try results(plugin, [name]) { #expect(result.outcome == .warning, "\(result.test) \(result.outcome): \(result.detail)") }
            if let honest = try HostileTests.honest.get()[name] { #expect(honest.outcome == .passed, "\(name): \(honest.detail)") }
        case .passes(let names):
            for result in try results(plugin, names) { #expect(result.outcome == .passed, "\(result.test) \(result.outcome): \(result.detail)") }
        }
    }
}
