import Foundation
import SequenceModel
import TestSupport
import Testing

/// Damaged plugins: bits flipped, ends cut off. Each is refused, or dies in a child, or works; the command ends as it says it does.
///
/// ZOO_MUTANTS says how many of the C plugin (default 60); a tenth of that of a plugin in Swift. Their seeds count from 0.
@Suite(.serialized) struct MutantTests {
    private static let count = ProcessInfo.processInfo.environment["ZOO_MUTANTS"].flatMap { Int($0) } ?? 60
    private static let folderSize = 50

    /// Half of the changes go to the headers and tables that the loader reads.
    static func mutate(_ bytes: inout [UInt8], seed: Int) {
        var stream = RandomKey(seed: UInt64(seed)).split("mutant").stream
        let original = bytes.count
        if stream.index(below: 4) == 0 { bytes.removeLast(stream.index(below: original - 1) + 1) }
        if bytes.count == original || stream.index(below: 2) == 0 {
            for _ in 0 ... stream.index(below: 8) {
                let isHead = stream.index(below: 2) == 0
                let place = stream.index(below: isHead ? min(bytes.count, 4096) : bytes.count)
                bytes[place] ^= 1 << UInt8(stream.index(below: 8))
            }
        }
    }

    /// How a mutant ended: listed, refused by its looks, dead in its child.
    private func tally(_ errors: String, _ paths: [String]) -> [String: Int] {
        var counts: [String: Int] = [:]
        for path in paths {
            let line = errors.split(separator: "\n").first { $0.contains("\(path): ") || $0.contains("\(path)\n") || $0.hasSuffix(path) }
            let kind =
                switch line {
                case nil: "used"
                case let line? where line.contains("in a process of its own"):
                    line.contains("took longer") ? "hung in a child" : "died in a child"
                case let line? where line.contains("two plugins bring"): "used"
                default: "refused"
                }
            counts[kind, default: 0] += 1
        }
        return counts
    }

    /// - Parameter honest: models that must be there all the same.
    private func checkList(
        _ folder: String, _ paths: [String], _ counts: inout [String: Int], honest: [String] = ["transformer", "mamba", "diffusion", "lstm", "gru"]
    ) throws {
        let clock = ContinuousClock()
        var result = ZooProcess.Result(status: 0, wasKilled: false, output: "", errors: "")
        let time = try clock.measure {
            result = try ZooProcess.run(
                "list", "--plugins", folder, environment: ["XDG_CACHE_HOME": try TemporaryFolder.make()])
        }
        #expect(!result.wasKilled && result.status == 0, "\(folder): \(result.status) \(result.errors)")
        #expect(time < .seconds(60), "\(time)")
        for model in honest { #expect(result.output.contains("\n\(model) "), "\(model): \(result.errors)") }
        counts.merge(tally(result.errors, paths)) { $0 + $1 }
    }

    @Test func ofThePluginInC() throws {
        let original = [UInt8](try Data(contentsOf: URL(fileURLWithPath: try TestPlugins.bigram.get())))
        var counts: [String: Int] = [:]
        var checks: [Int32: Int] = [:]
        for begin in stride(from: 0, to: MutantTests.count, by: MutantTests.folderSize) {
            let folder = try TemporaryFolder.make()
            let seeds = begin ..< min(begin + MutantTests.folderSize, MutantTests.count)
            let paths = try seeds.map { seed in
                var bytes = original
                MutantTests.mutate(&bytes, seed: seed)
                try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/lib\(seed).so"))
                return "\(folder)/lib\(seed).so"
            }
            try checkList(folder, paths, &counts, honest: ["transformer", "mamba", "diffusion", "minimal", "lstm", "gru"])
            // One in ten is tried with zoo check as well.
            for path in paths.enumerated().filter({ $0.offset % 10 == 3 }).map(\.element) {
                let result = try ZooProcess.run(
                    "check", path, "--quiet", "--only", "unknown-extension", "causality", "state-round-trip")
                #expect(!result.wasKilled && [0, 1, 2].contains(result.status), "\(path): \(result.status) \(result.errors)")
                checks[result.status, default: 0] += 1
            }
            try FileManager.default.removeItem(atPath: folder)
        }
        #expect(counts.values.reduce(0, +) == MutantTests.count)
        #expect((counts["refused"] ?? 0) > 0 && (counts["used"] ?? 0) > 0)
        print("mutants of bigram: \(counts.sorted { $0.key < $1.key }); zoo check, exit statuses: \(checks.sorted { $0.key < $1.key })")
    }

    /// One at a time: the file is large. A mutant that works brings the same id as the original, and neither is used then.
    @Test func ofAPluginInSwift() throws {
        let folder = try TemporaryFolder.make()
        let beside = URL(fileURLWithPath: ZooProcess.executable).deletingLastPathComponent().appendingPathComponent("libMinimal.so")
        let original = [UInt8](try Data(contentsOf: beside))
        var counts: [String: Int] = [:]
        for seed in 0 ..< max(MutantTests.count / 10, 3) {
            var bytes = original
            MutantTests.mutate(&bytes, seed: 1_000_000 + seed)
            let path = "\(folder)/lib\(seed).so"
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            try checkList(folder, [path], &counts)
            try FileManager.default.removeItem(atPath: path)
        }
        print("mutants of Minimal: \(counts.sorted { $0.key < $1.key })")
    }
}
