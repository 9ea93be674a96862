import Foundation
import SequenceModel
import TestSupport
import Testing

@testable import PluginHost

/// Functions that this program was not compiled against: a plugin in C declares them, libffi calls them.
@Suite struct ModelProbeTests {
    private static let path = Result { try TestPlugins.compile("probing.c") }
    private static let zoo = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appendingPathComponent("zoo").path

    private var path: String { get throws { try ModelProbeTests.path.get() } }
    private var tester: ProbeTester {
        ProbeTester(command: [ModelProbeTests.zoo, "test-probe", "--"], timeLimit: .seconds(5))
    }

    private func factory() throws -> PluginModelFactory {
        try #require(try Plugin.load(path).models[0] as? PluginModelFactory)
    }

    private func probe(_ name: String) throws -> ModelProbe {
        try ModelProbe.named(name, in: factory().probes, of: "bigram")
    }

    /// A bound model and its probe, without its self-test.
    private func call(_ name: String, _ arguments: [ProbeArgument]) throws -> ProbeAnswer {
        let bigram = try Bigram(path: path)
        let model = try #require(bigram.model as? any ProbedModel)
        return try withExtendedLifetime(bigram) { try model.call(TestedProbe(probe(name)), arguments) }
    }

    private let batch = Batch(rows: 2, length: 3, tokens: [0, 1, 1, 4, 4, 4])

    @Test func listsWhatCannotBeCalled() throws {
        let probes = try factory().probes
        #expect(probes.count == 27 && Set(probes.map(\.name)).count == 27)
        #expect(probes.filter { $0.problem == nil }.count == 17)
        func problem(_ name: String) -> String { probes.first { $0.name == name }?.problem ?? "none" }
        #expect(problem("future").contains("the argument \"S\", which this program does not know"))
        #expect(problem("no_arrow").contains("has no \"->\""))
        #expect(problem("too_many").contains("13 arguments"))
        #expect(problem("untested") == "it has no self-test")
        #expect(problem("badly_tested").hasPrefix("its self-test is not JSON"))
        #expect(problem("null") == "its function is null")
        #expect(problem("probe-23") == "two probes have the name add")
        #expect(problem("probe-24").contains("its name is \"A name\""))
        #expect(problem("escapes") == "its summary holds control characters")
        #expect(problem("broken") == "its summary is not UTF-8")
        #expect(probes.first { $0.name == "future" }?.summary == "Of a later version.")
        #expect(probes.filter(\.isMeasurable).map(\.name) == ["counts", "mean_symbol", "lowest", "highest", "overflows"])
    }

    @Test func callsEverySignature() throws {
        #expect(try call("add", [.integer(-7), .number(3)]) == ProbeAnswer(results: [-14, 1.5], written: []))
        #expect(try call("counts", [.batch(batch)]) == ProbeAnswer(results: [], written: [[1, 2, 0, 0, 3]]))
        #expect(try call("mean_symbol", [.batch(batch)]).results.map { Float($0) } == [14 / 6])
        let numbers = (1 ... 12).map { Double($0 * $0) }
        let expected = zip(1 ... 12, numbers).reduce(0) { $0 + Double($1.0) * $1.1 }
        #expect(try call("many", numbers.map { .number($0) }).results == [expected])
        #expect(try call("root", [.integer(1_000_000)]).results == [1000])
        let arena = try Arena(byteCount: 48, for: "a test")
        let view = TensorView(data: try #require(arena.bytes.baseAddress), shape: [3, 2], scalar: .float64)
        view.write([1, 2, 3, 4, 5, 6.25])
        #expect(try call("sum", [.tensor(view)]).results == [6, 21.25])
        let bigram = try Bigram(path: path)
        let bias = try #require(bigram.memory.views[2].floats)
        let pair = TensorView(data: view.data, shape: [2], scalar: .float64)
        let answer = try call("everything", [.integer(6), .tensor(pair), .number(0.25), .batch(batch)])
        #expect(answer.results == [1.5, 6] && answer.written[0] == [6.25])
        #expect(answer.written[1] == [1 + Double(bias[0]), 2 + Double(bias[1])])
    }

    /// Nothing reaches the function unless number and types of the arguments fit.
    @Test func checksArguments() throws {
        let integer = ProbeArgument.integer(1)
        for arguments in [[], [integer], [.number(1), .integer(1)], [integer, .number(1), integer], [integer, .batch(batch)]] {
            #expect {
                _ = try call("add", arguments)
            } throws: { error in
                let error = error as? SequenceModelError
                return error?.code == .invalidArgument && error?.message.hasPrefix("probe add takes \"id\" (id->id); ") == true
            }
        }
        // What it would read past the end of.
        let short = Batch(rows: 2, length: 3, tokens: [1, 2])
        #expect(outcome { try call("counts", [.batch(short)]) } == "3: probe counts: batch of 2 × 3 has 2 tokens")
        let arena = try Arena(byteCount: 64, for: "a test")
        let data = try #require(arena.bytes.baseAddress) + 8
        let crooked = TensorView(data: data, shape: [1], scalar: .float64)
        #expect(outcome { try call("sum", [.tensor(crooked)]) } == "3: probe sum: a tensor is not aligned to 64 bytes")
    }

    @Test func passesErrorsOn() throws {
        #expect(outcome { try call("root", [.integer(-2)]) } == "3: probe root: i is -2; allowed: 0 or more")
        #expect(outcome { try call("overflows", [.batch(batch)]) } == "13: probe overflows of bigram: it wrote past the end of its tensor")
        #expect(outcome { try call("future", []) }.contains("which this program does not know"))
    }

    @Test(arguments: ["add", "sum", "counts", "mean_symbol", "everything", "many", "root", "first_value"])
    func honestSelfTestsPass(name: String) throws {
        let tested = try tester.tested(probe(name), of: "bigram", plugin: path)
        #expect(tested.probe.name == name)
    }

    @Test(arguments: [
        ("lies", "its self-test expects the results [6.0, 2.6] and got [6.0, 2.5]"),
        ("dereferences", "its self-test crashed (Segmentation fault), in a process of its own"),
        ("hangs", "its self-test took longer than 2.0 seconds, in a process of its own"),
        ("leaves", "its self-test ended the process with status 0, in a process of its own"),
        ("overflows", "probe overflows of bigram: it wrote past the end of its tensor"),
        ("refuses", "probe refuses: i is -1; allowed: 0 or more"),
        ("miscounted", "its self-test has 2 arguments; the signature i->i has 1"),
        ("future", "the signature \"Sd->d\" has the argument \"S\", which this program does not know; known: i d T W B"),
    ])
    func containsTheOthers(name: String, reason: String) throws {
        let tester = ProbeTester(command: [ModelProbeTests.zoo, "test-probe", "--"], timeLimit: .seconds(2))
        let path = try path
        #expect(
            outcome { try tester.tested(probe(name), of: "bigram", plugin: path) }
                == "plugin: probe \(name) of bigram is not called: \(reason)")
    }

    /// A child that says nothing, or cannot be started, is no pass.
    @Test func doubtIsNoPass() throws {
        for (program, reason) in [("/no/such/program", "could not be tried"), ("/bin/true", "ended the process with status 0")] {
            let tester = ProbeTester(command: [program])
            #expect(outcome { try tester.tested(probe("add"), of: "bigram", plugin: path) }.contains(reason))
        }
    }

    @Test func tablesThatCannotBeBelieved() throws {
        func load(_ fault: String) throws -> String {
            let path = try TestPlugins.compile("probing.c", defines: [fault])
            return outcome { try Plugin.load(path).models.count }.replacing(path, with: "FILE")
        }
        #expect(try load("FAULT_MANY") == "plugin: FILE: sm.probes/1 has 65 probes; allowed: at most 64")
        #expect(try load("FAULT_NO_DESCRIBE") == "plugin: FILE: describe of sm.probes/1 is null")
        let without = try TestPlugins.compile("probing.c", defines: ["FAULT_NO_OUTPUTS"])
        let probes = try #require(try Plugin.load(without).models[0] as? PluginModelFactory).probes
        #expect(probes.first { $0.name == "counts" }?.problem == "it writes tensors, and outputs of sm.probes/1 is null")
        #expect(probes.first { $0.name == "add" }?.problem == nil)
        let flat = try TestPlugins.compile("probing.c", defines: ["FAULT_EXTENT"])
        let bigram = try Bigram(path: flat)
        let model = try #require(bigram.model as? any ProbedModel)
        #expect(outcome { try model.outputs(of: model.probes[2]) }.contains("the extent of symbol is 0; allowed: at least 1"))
    }

    @Test func namesTheNearest() throws {
        let probes = try factory().probes
        #expect(
            outcome { try ModelProbe.named("count", in: probes, of: "bigram").name }
                .hasPrefix("usage: bigram has no probe count; did you mean counts? Known: add, sum, counts"))
        #expect(
            outcome { try ModelProbe.named("x", in: [], of: "bigram").name } == "usage: bigram has no probes, so none is called x")
    }
}
