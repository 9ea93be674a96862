import Conformance
import Foundation
import Testing

/// The plugins of this repository pass every test of `zoo check`, but for those that do not apply to them, which are these. A model takes
/// five seconds; those that are another configuration of one that is tried wait for ZOO_EVERY_MODEL=1.
@Suite(.serialized) struct HonestTests {
    private static let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path
    private static let sessions: Set = [
        "session-steps", "session-chunks", "copy-capacity", "state-round-trip", "state-fork", "state-rewind", "state-damaged",
        "state-foreign", "state-bytes",
    ]

    private static let causal: Set = ["bound-above-exact", "copy-capacity", "generation"]
    /// What does not apply to a model; an architecture that is not here may skip what it gives a reason for.
    private static let skipped: [String: Set<String>] = [
        "minimal": causal, "transformer": causal, "hyena": causal.union(["state-rewind"]), "s4d": causal.union(["state-rewind"]),
        "mamba": causal.union(["state-rewind"]), "mamba2": causal.union(["state-rewind"]),
        "diffusion": sessions.union(["causality", "probabilities-sum", "score-is-logits"]),
        "rwkv4": ["bound-above-exact", "generation", "state-rewind"], "rwkv7": ["bound-above-exact", "generation", "state-rewind"],
        "lstm": ["bound-above-exact", "generation", "state-rewind"], "gru": ["bound-above-exact", "generation", "state-rewind"],
    ]

    /// Another configuration or order of parts that a model beside them has too.
    private static let variants: Set = ["gru", "deltanet", "titans-lmm", "titans-mal", "samba", "jamba", "ebt-s2"]

    /// The models of a plugin for each folder under Plugins.
    private static let models: [(model: String, library: String)] = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: root.path + "/Plugins")) ?? []).sorted()
        let runner = ConformanceRunner(command: ["\(folder)/zoo", "run-conformance-test"], seed: 0)
        return names.filter { !$0.contains(".") }.flatMap { name in
            // A library that is missing or brings nothing is a model without a name, which fails.
            ((try? runner.models(path: "\(folder)/lib\(name).so")) ?? [""]).map { ($0, name) }
        }
    }()

    @Test func everyModelIsTried() {
        #expect(Set(HonestTests.skipped.keys).isSubset(of: HonestTests.models.map(\.model)))
        #expect(HonestTests.models.count > 25)
        #expect(HonestTests.variants.isSubset(of: HonestTests.models.map(\.model)))
    }

    private static let tried =
        ProcessInfo.processInfo.environment["ZOO_EVERY_MODEL"] != nil ? models : models.filter { !variants.contains($0.model) }

    @Test(arguments: tried) func passes(_ model: String, _ library: String) throws {
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
        guard let skipped = HonestTests.skipped[model] else { return }
        #expect(Set(results.filter { $0.outcome == .skipped }.map(\.test)) == skipped)
    }
}
