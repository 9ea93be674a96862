import Foundation
import TestSupport
import Testing

/// `--out` names a folder of ours or none: what somebody else keeps there is left alone.
struct FolderTests {
    private static let small = ["--parameters", "30k", "--context", "16", "--batch", "2", "--steps", "1", "--quiet"]

    /// A folder with these files, by path below it.
    private func folder(_ files: [String: String]) throws -> String {
        let folder = try TemporaryFolder.make()
        for (path, text) in files {
            let url = URL(fileURLWithPath: "\(folder)/\(path)")
            try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        }
        return folder
    }

    private func contents(_ folder: String) throws -> [String: Data] {
        var found: [String: Data] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder) {
            found[path] = FileManager.default.contents(atPath: "\(folder)/\(path)") ?? Data()
        }
        return found
    }

    private func train(_ out: String, _ more: String...) throws -> ZooProcess.Result {
        try ZooProcess(["train", "transformer", "--out", out] + FolderTests.small + more).wait()
    }

    private func compare(_ out: String) throws -> ZooProcess.Result {
        try ZooProcess(["compare", "transformer", "--decode-contexts", "none", "--out", out] + FolderTests.small).wait()
    }

    @Test(arguments: [
        ["main.swift": "print(1)"], ["src/main.c": "int main;"], [".git/HEAD": "ref"], ["notes.txt": ""],
        ["checkpoints/mine.bin": "x"], ["lock": "", "thesis.tex": "x"], ["runs/a/log.jsonl": "{}"],
    ])
    func foreignFoldersAreLeftAlone(_ files: [String: String]) throws {
        let folder = try folder(files)
        let before = try contents(folder)
        let first = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).sorted().first { $0 != "lock" })
        let train = try train(folder)
        #expect(train.status == 2)
        #expect(
            train.errors == """
                error: \(folder) is not empty and holds no run: there is \(first)
                hint: name a new folder with --out, such as \(folder)/run

                """)
        let compare = try compare(folder)
        #expect(compare.status == 2)
        #expect(compare.errors.hasPrefix("error: \(folder) is not empty and holds no comparison: there is "), "\(compare.errors)")
        #expect(compare.errors.hasSuffix("hint: choose another --out, such as \(folder)/compare\n"))
        #expect(try contents(folder) == before)
    }

    /// A plan or a run of another program is not ours because of its name.
    @Test func namesAloneMakeNoFolderOurs() throws {
        let planned = try folder(["plan.json": #"{"rooms": 3}"#])
        let plan = try compare(planned)
        #expect(plan.status == 2 && plan.errors.contains("\(planned)/plan.json"), "\(plan.errors)")
        #expect(try contents(planned).keys.sorted() == ["plan.json"])
        let run = try folder(["run.json": #"{"distance": "10 km"}"#])
        let resumed = try train(run, "--resume")
        #expect(resumed.status == 2)
        #expect(resumed.errors.hasPrefix("error: \(run)/run.json was not written by zoo train\nhint: "), "\(resumed.errors)")
        #expect(try train(run).status == 2)
        #expect(try contents(run).keys.sorted() == ["run.json"])
        // Each keeps out of the other's.
        let trained = try TemporaryFolder.make() + "/run"
        #expect(try train(trained).status == 0)
        let before = try contents(trained)
        #expect(try compare(trained).status == 2)
        #expect(try contents(trained) == before)
    }

    @Test func emptyFoldersAndEarlyEndsAreFine() throws {
        let empty = try TemporaryFolder.make()
        let first = try train(empty)
        #expect(first.status == 0, "\(first.errors)")
        // As a run leaves it that was killed before it had written what it is.
        let early = try folder(["lock": "", "log.jsonl": ""])
        try FileManager.default.createDirectory(atPath: early + "/checkpoints", withIntermediateDirectories: false)
        #expect(try train(early).status == 0)
        let compared = try folder([".lock": ""])
        let comparison = try compare(compared)
        #expect(comparison.status == 0, "\(comparison.errors)")
        // The same command again goes on in its folder.
        #expect(try compare(compared).status == 0)
    }
}
