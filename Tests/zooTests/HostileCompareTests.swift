import Foundation
import SequenceModel
import TestSupport
import Testing

/// A comparison of three honest models and nine hostile ones: the honest ones are measured as if they were alone.
@Suite(.serialized) struct HostileCompareTests {
    static let honest = ["hostile-loss-none", "minimal", "lstm"]
    /// Status, and how its cause begins.
    static let hostile = [
        ("hostile-dies-crash-at-training", "crashed", "SIGSEGV (segmentation fault) before the first step"),
        ("hostile-dies-trap-at-training", "crashed", "SIG"),
        ("hostile-dies-leave-at-training", "crashed", "exit status 3 before the first step"),
        ("hostile-dies-exit-at-training", "crashed", "ended without a result before the first step"),
        ("hostile-dies-throw-at-create", "crashed", "SIGABRT (aborted) in create"),
        ("hostile-dies-abort-at-score", "crashed", "SIGABRT (aborted) while scoring"),
        ("hostile-dies-hang-at-training", "timeout", "stopped after 6.0 s"),
        ("hostile-gradient-loss-nan-late", "diverged", "at step 21: the loss is nan"),
        ("hostile-gradient-nan-late", "diverged", "at step 21"),
    ]

    private func rows(_ models: [String]) throws -> [JSONValue] {
        let out = try TemporaryFolder.make() + "/out"
        let ending = try ZooProcess(
            ["compare"] + models + [
                "--plugins", try HostilePlugin.folder.get(), "--data", CompareTests.text, "--parameters", "12k", "--context", "32",
                "--batch", "4", "--steps", "30", "--decode-contexts", "16", "--threads", "1", "--timeout", "0.1", "--quiet", "--out", out,
            ], environment: HostileFolderTests.cache
        ).wait()
        #expect(!ending.wasKilled && ending.status == 0, "\(ending.status) \(ending.errors)")
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: out + "/results.json")))
        return try JSONParser.parse(bytes, maximumBytes: 1 << 24)["rows"]?.arrayValue ?? []
    }

    @Test func noHonestResultIsLost() throws {
        var models: [String] = []
        for (index, hostile) in HostileCompareTests.hostile.enumerated() {
            models.append(hostile.0)
            if index % 3 == 0 { models.append(HostileCompareTests.honest[index / 3]) }
        }
        let rows = try rows(models)
        #expect(rows.map { $0["model"]?.stringValue } == models)
        let alone = try self.rows(HostileCompareTests.honest)
        for row in rows {
            let id = row["model"]?.stringValue ?? ""
            if let (_, status, words) = HostileCompareTests.hostile.first(where: { $0.0 == id }) {
                #expect(row["status"]?.stringValue == status, "\(id): \(row["detail"] ?? .null)")
                #expect(row["detail"]?.stringValue?.hasPrefix(words) == true, "\(id): \(row["detail"] ?? .null)")
            } else {
                let same = alone.first { $0["model"]?.stringValue == id }
                #expect(row["status"]?.stringValue == "ok", "\(id): \(row["detail"] ?? .null)")
                #expect(row["bits_per_byte"] != .null && row["bits_per_byte"] == same?["bits_per_byte"], "\(id)")
                #expect(row["curve"] == same?["curve"], "\(id)")
            }
        }
    }
}
