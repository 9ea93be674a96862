import Foundation
import PluginHost
import TestSupport
import Testing

@testable import Conformance

/// What catches a plugin: memory with guards, and children that end badly.
@Suite(.serialized) struct GuardTests {
    private static let zoo = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appendingPathComponent("zoo").path

    @Test("blocks that nobody overran are whole, whatever is written inside", arguments: [[1], [64], [7, 4096, 3]])
    func untouched(_ sizes: [Int]) throws {
        let memory = try GuardedMemory(byteCounts: sizes)
        for (block, count) in zip(memory.blocks, sizes) {
            #expect(UInt(bitPattern: block) % 64 == 0)
            memset(block, 0x5A, count)
        }
        #expect(memory.damage() == nil)
    }

    @Test("a write one past the end is found, with its block", arguments: [0, 1, 2])
    func pastEnd(_ block: Int) throws {
        let memory = try GuardedMemory(byteCounts: [7, 4096, 64])
        memory.blocks[block].storeBytes(of: 0, toByteOffset: memory.byteCounts[block], as: UInt8.self)
        let damage = try #require(memory.damage())
        #expect(damage.block == block && damage.distance == 0)
    }

    @Test("a write one before the begin is found", arguments: [0, 1, 2])
    func beforeBegin(_ block: Int) throws {
        let memory = try GuardedMemory(byteCounts: [7, 4096, 64])
        memory.blocks[block].storeBytes(of: 0, toByteOffset: -1, as: UInt8.self)
        #expect(try #require(memory.damage()).block == block - 1)
    }

    @Test("an output tells of numbers that nobody wrote, that are not finite, and behind its end")
    func output() throws {
        let output = try GuardedOutput(count: 3)
        #expect(output.firstUnwritten == 0 && output.overrun == nil && output.firstNotFinite == nil)
        output.floatAddress[0] = 1
        output.floatAddress[2] = .infinity
        #expect(output.firstUnwritten == 1 && output.firstNotFinite == 2 && output.overrun == nil)
        output.floatAddress[3] = 0
        #expect(output.overrun == 0)
    }

    /// Comparing finds what stays written; what is put back ends the child at the write itself.
    @Test("parameters that are only to be read refuse a write")
    func protection() throws {
        let left = try result("score.c", "FAULT_SCORE_WRITES_PARAMETERS", "parameters-read-only")
        #expect(left.outcome == .failed && left.detail.contains("output.bias was written"), "\(left.outcome): \(left.detail)")
        let putBack = try result("score.c", "FAULT_WRITES_AND_PUTS_BACK", "parameters-read-only")
        #expect(putBack.outcome == .crashed, "\(putBack.outcome): \(putBack.detail)")
        for words in ["SIGSEGV", "in score", "parameters are protected against writing"] {
            #expect(putBack.detail.contains(words), "\(putBack.detail)")
        }
        let memory = try GuardedMemory(byteCounts: [8])
        memory.protect()
        memory.unprotect()
        memory.blocks[0].storeBytes(of: 1, as: UInt8.self)
        #expect(memory.difference(from: [[0, 0, 0, 0, 0, 0, 0, 0]]) == 0)
    }

    @Test("a child that ends badly is reported with its cause", arguments: [
        ("WAY_HANG AT_TRAINING", "gradient-accumulates", "took longer than 2 seconds in loss_and_gradient"),
        ("WAY_CRASH AT_TRAINING", "gradient-accumulates", "crashed with SIGSEGV"),
        ("WAY_LEAVE AT_TRAINING", "gradient-accumulates", "ended the process with status 3 in loss_and_gradient"),
        ("WAY_KILL AT_RESOLVE", "configuration-defaults", "crashed with SIGKILL"),
    ])
    func cause(_ fault: String, _ test: String, _ words: String) throws {
        let result = try result("dies.c", fault, test, seconds: fault.contains("HANG") ? 2 : 45)
        #expect(result.outcome == .crashed && result.detail.contains(words), "\(result.outcome): \(result.detail)")
    }

    @Test("a child that eats memory gets no more than its limit, and its last words are told")
    func memory() throws {
        let result = try result("dies.c", "WAY_EATS AT_TRAINING", "gradient-accumulates")
        #expect(result.outcome == .crashed && result.detail.contains("SIGABRT"), "\(result.outcome): \(result.detail)")
        let match = try #require(result.detail.firstMatch(of: /last words: no memory after ([0-9]+) MiB/), "\(result.detail)")
        #expect(try #require(Int(match.1)) <= 4096)
    }

    private func result(_ source: String, _ fault: String, _ name: String, seconds: Int = 45) throws -> TestResult {
        let defines = fault.split(separator: " ").map(String.init) + ["HOSTILE_ID=\"faulty\""]
        let path = try TestPlugins.compile("hostile/\(source)", defines: defines)
        let test = try #require(ConformanceSuite.test(named: name))
        var runner = ConformanceRunner(command: [GuardTests.zoo, "run-conformance-test"], seed: 0)
        runner.secondsPerTest = seconds
        return try #require(runner.run([test], path: path, model: "faulty").first)
    }
}
