import Conformance
import Foundation
import Testing

/// The plugins of this repository pass every test of `zoo check`, but for those that do not apply to them, which are these.
@Suite(.serialized) struct HonestTests {
    private static let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path
    private static let sessions: Set = [
        "session-steps", "session-chunks", "copy-capacity", "state-round-trip", "state-fork", "state-rewind", "state-damaged",
        "state-foreign", "state-bytes",
    ]

    @Test(arguments: [
        ("minimal", "Minimal", ["bound-above-exact", "copy-capacity", "generation"]),
        ("transformer", "Transformer", ["bound-above-exact", "copy-capacity", "generation"]),
        ("hyena", "Hyena", ["bound-above-exact", "copy-capacity", "generation", "state-rewind"]),
        ("s4d", "StateSpace", ["bound-above-exact", "copy-capacity", "generation", "state-rewind"]),
        ("mamba2", "StateSpace", ["bound-above-exact", "copy-capacity", "generation", "state-rewind"]),
        ("mamba", "StateSpace", ["bound-above-exact", "copy-capacity", "generation", "state-rewind"]),
        ("diffusion", "Diffusion", sessions.union(["causality", "probabilities-sum", "score-is-logits"])),
        ("lstm", "LSTM", ["bound-above-exact", "generation", "state-rewind"]),
        ("gru", "LSTM", ["bound-above-exact", "generation", "state-rewind"]),
    ] as [(String, String, Set<String>)])
    func passes(_ model: String, _ library: String, _ skipped: Set<String>) throws {
        let path = "\(HonestTests.folder)/lib\(library).so"
        let runner = ConformanceRunner(command: ["\(HonestTests.folder)/zoo", "run-conformance-test"], seed: 0)
        #expect(try runner.models(path: path).contains(model))
        let tests = ConformanceSuite.tests(strictness: 10)
        let results = try runner.run(tests, path: path, model: model)
        #expect(results.map(\.test) == tests.map(\.name))
        for result in results {
            #expect(!result.outcome.isFailure, "\(result.test) \(result.outcome): \(result.detail)")
            if result.outcome == .skipped { #expect(!result.detail.isEmpty, "\(result.test) is skipped without a reason") }
        }
        #expect(Set(results.filter { $0.outcome == .skipped }.map(\.test)) == skipped)
    }
}
