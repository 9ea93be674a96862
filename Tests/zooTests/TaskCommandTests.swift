import Foundation
import SequenceModel
import TestSupport
import Testing

/// `zoo tasks` and `zoo compare --task` as a user starts them.
@Suite(.serialized) struct TaskCommandTests {
    @Test func listAndPage() throws {
        let list = try ZooProcess.run("tasks")
        #expect(list.status == 0 && list.output.hasPrefix("TASK ") && list.output.contains("\nmqar "))
        let page = try ZooProcess.run("tasks", "copy:length=6,test_lengths=6")
        #expect(page.status == 0 && page.output.hasPrefix("copy:length=6,test_lengths=6\n\nRandom symbols, a sign,"))
        #expect(page.output.contains("\nreads  ") && page.output.contains("\nasked  ") && page.output.contains("\nalphabet "))
        let json = try JSONParser.parse(try ZooProcess.run("tasks", "parity", "--json").output)
        #expect(json["vocabulary"] == .integer(2) && json["values"]?["max_length"] == .integer(40))
        let (tokens, targets) = (json["example"]?["tokens"]?.arrayValue ?? [], json["example"]?["targets"]?.arrayValue ?? [])
        #expect(tokens.count == 40 && targets.count == 40)
        let ones = tokens.compactMap(\.integerValue).reduce(0, +)
        #expect(targets.last?.integerValue == ones % 2)
    }

    @Test(arguments: [
        (["tasks", "partiy"], "error: there is no task partiy\nhint: did you mean parity?\n"),
        (["compare", "lstm", "--task", "parity:max_lenght=4"], "error: task parity: there is no parameter max_lenght\nhint: did you mean max_length?\n"),
        (["compare", "lstm", "--task", "parity", "--task", "parity"], "error: --task parity is named twice\n"),
        (["compare", "lstm", "--task", "parity", "--data", "x"], "error: --data and --task cannot both say what is learned\nhint: leave one of them out\n"),
    ]) func whatIsWrong(_ words: [String], _ errors: String) throws {
        let result = try ZooProcess(words).wait()
        #expect(result.status == 64 && result.errors == errors)
    }

    private static func compare(_ out: String, _ more: [String]) throws -> ZooProcess.Result {
        try ZooProcess(
            [
                "compare", "lstm", "llada", "--parameters", "20k", "--steps", "40", "--batch", "32", "--threads", "1", "--out", out,
                "--task", "parity:max_length=6,test_lengths=6/12,test_examples=64",
            ] + more
        ).wait()
    }

    private static func rows(_ out: String) throws -> [JSONValue] {
        try JSONParser.parse([UInt8](try Data(contentsOf: URL(fileURLWithPath: out + "/results.json"))), maximumBytes: 1 << 24)["rows"]?
            .arrayValue ?? []
    }

    /// A model of the next symbol and one that fills in, from training to the page.
    @Test func compareOnATask() throws {
        let out = try TemporaryFolder.make() + "/out"
        let ending = try TaskCommandTests.compare(out, ["--task", "mqar:vocabulary=16,pairs=2,length=16,test_lengths=16,test_examples=64,examples=100"])
        #expect(ending.status == 0, "\(ending.errors)")
        let rows = try TaskCommandTests.rows(out)
        #expect(rows.map { "\($0["model"]?.stringValue ?? "") \($0["task"]?["name"]?.stringValue ?? "")" } == [
            "lstm parity", "llada parity", "lstm mqar", "llada mqar",
        ])
        for row in rows {
            #expect(row["status"]?.stringValue == "ok" && row["bits_per_byte"] == .null)
            let figures = row["task"]?["lengths"]?.arrayValue ?? []
            #expect(figures.compactMap { $0["length"]?.integerValue } == (row["task"]?["name"]?.stringValue == "parity" ? [6, 12] : [16]))
            for figure in figures {
                #expect((0 ... 1).contains(figure["accuracy"]?.doubleValue ?? -1) && figure["examples"] == .integer(64))
                #expect((figure["bits_per_answer"]?.doubleValue ?? 0) > 0)
                #expect((figure["state_bytes"]?.integerValue ?? 0 > 0) == (row["model"]?.stringValue == "lstm"))
            }
        }
        #expect(rows[0]["config"]?["vocab_size"] == .integer(2) && rows[1]["config"]?["vocab_size"] == .integer(3))
        #expect(rows[2]["task"]?["curve"]?.arrayValue?.count == 20)
        #expect(ending.output.contains("parity:max_length=6,test_lengths=6/12,test_examples=64: accuracy at each length"))
        let page = try String(contentsOfFile: out + "/report.html", encoding: .utf8)
        #expect(page.contains("Results on tasks") && page.contains("chart-task-length-1"))
    }

    /// Stopped in the middle, the same command ends with the same losses and the same figures.
    @Test func anInterruptedRunGoesOn() throws {
        let (whole, cut) = (try TemporaryFolder.make() + "/whole", try TemporaryFolder.make() + "/cut")
        #expect(try TaskCommandTests.compare(whole, []).status == 0)
        let words = ["--set", "checkpoint_every=5"]
        let process = try ZooProcess(
            [
                "compare", "lstm", "llada", "--parameters", "20k", "--steps", "40", "--batch", "32", "--threads", "1", "--out", cut,
                "--task", "parity:max_length=6,test_lengths=6/12,test_examples=64",
            ] + words)
        let log = cut + "/runs/lstm-parity-seed-1/log.jsonl"
        let deadline = Date().addingTimeInterval(20)
        while process.isRunning, Date() < deadline {
            let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
            if text.contains("\"step\":7,") { break }
            usleep(2000)
        }
        process.signal(SIGKILL)
        _ = try process.wait()
        let ending = try TaskCommandTests.compare(cut, words)
        #expect(ending.status == 0, "\(ending.errors)")
        func losses(_ out: String, _ run: String) throws -> [String] {
            try String(contentsOfFile: "\(out)/runs/\(run)/log.jsonl", encoding: .utf8).split(separator: "\n").compactMap { line in
                let value = try JSONParser.parse(String(line))
                let figure = value["loss"] ?? value["validation_loss"]
                return figure.map { "\(value["step"] ?? .null) \($0) \(value["validation_accuracy"] ?? .null)" }
            }
        }
        for run in ["lstm-parity-seed-1", "llada-parity-seed-1"] {
            let expected = try losses(whole, run)
            #expect(expected.count == 60)
            #expect(try losses(cut, run) == expected)
        }
        let (one, other) = (try TaskCommandTests.rows(whole), try TaskCommandTests.rows(cut))
        #expect(zip(one, other).allSatisfy { $0["task"] == $1["task"] } && one.count == 2)
    }
}
