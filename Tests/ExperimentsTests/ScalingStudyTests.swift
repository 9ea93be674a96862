import Foundation
import PluginHost
import Testing

@testable import Experiments

/// Grids, folders and results of scaling studies.
struct ScalingStudyTests {
    @Test func gridsAreCheapestFirst() throws {
        let grid = try ScalingGrid(sizes: [1_000_000, 100_000], tokens: [4_100, 1_000_000], context: 256, batch: 16)
        #expect(grid.cells.map(\.name) == ["100k-4096", "1M-4096", "100k-999424", "1M-999424"])
        #expect(grid.cells.map(\.steps) == [1, 1, 244, 244])
        #expect(zip(grid.cells, grid.cells.dropFirst()).allSatisfy { $0.operations <= $1.operations })
        let profiles = try ScalingGrid(sizes: [100_000, 200_000, 400_000], tokens: [], operations: [1e12], context: 64, batch: 4)
        #expect(profiles.cells.allSatisfy { abs($0.operations / 1e12 - 1) < 0.001 })
        #expect(profiles.cells.map(\.size).sorted() == [100_000, 200_000, 400_000])
    }

    @Test func gridsThatCannotBeAreRefused() {
        func refusal(_ sizes: [Int], _ tokens: [Int], _ operations: [Double] = []) -> String? {
            message { _ = try ScalingGrid(sizes: sizes, tokens: tokens, operations: operations, context: 256, batch: 16) }?.text
        }
        #expect(refusal([100_000, 100_000], [1_000_000]) == "--sizes names 100k twice")
        #expect(refusal([100_000], [5_000, 5_000]) == "--tokens names 5k twice")
        #expect(refusal([100_000], [1_000]) == "--tokens 1k is less than one step of 16 × 256 tokens")
        #expect(refusal([100_000], [], [1e6]) == "--operations 1e06 with 100k parameters is less than one step of 16 × 256 tokens")
        #expect(refusal([100_000], [10_000, 10_001]) == "--tokens 10.0k is the same number of whole steps as another: 8192 tokens")
        #expect(refusal([], []) == "the grid is empty: give --sizes and --tokens")
        #expect(refusal(Array(1 ... 401).map { $0 * 1000 }, [1_000_000]) == "the grid has 401 configurations; at most 400")
    }

    private func results(_ size: Int, _ steps: Int, sha256: String = "00ff", context: Int = 16, bits: [Double?]) -> ComparisonResults {
        var found = exampleResults([])
        found.budget = ComparisonBudget(parameters: size, context: context, batch: 4, steps: steps, seeds: bits.indices.map { UInt64($0 + 1) })
        found.data = exampleData(sha256: sha256)
        found.rows = bits.enumerated().map { index, value in
            var row = exampleRow("mamba", seed: UInt64(index + 1), bits: value)
            row.parameters = size
            row.trainTokens = steps * 4 * context
            if value == nil {
                row.status = .diverged
                row.detail = "at step 5: the loss is nan"
            }
            return row
        }
        return found
    }

    @Test func aStudyIsReadFromItsComparisons() throws {
        let folder = try TemporaryFolder()
        for (size, steps) in [(1000, 10), (1000, 20), (2000, 10)] {
            let cell = ComparisonFolder("\(folder.path)/\(size)-\(steps)")
            try RunFiles.makeFolder(cell.path)
            try results(size, steps, bits: [2, 2.5, size == 2000 ? nil : 3]).write(to: cell.results)
        }
        let study = ScalingFolder(folder.path)
        let found = try ScalingResults(study.comparisons(), replicates: 20)
        #expect(found.points.count == 8 && found.failures.count == 1)
        #expect(found.points.map(\.size) == [1000, 1000, 1000, 1000, 1000, 1000, 2000, 2000])
        #expect(abs(found.points[1].loss - 2.5 * log(2)) < 1e-12 && found.points[0].tokens == 640)
        #expect(found.points[0].operations == 3_840_000)
        #expect(found.failures[0].detail == "at step 5: the loss is nan" && found.failures[0].tokens == 640)
        #expect(found.models.count == 1 && found.models[0].fit == nil)
        #expect(found.models[0].refusal?.hasPrefix("2 sizes and 2 token counts ended well") == true)
        try JSONFile.write(found, to: study.results)
        #expect(try ScalingResults.read(study.results) == found)
        // What a whole study writes is read back the same, laws and all.
        var whole = found
        whole.points = SyntheticCurves.points()
        whole.models = [ModelScaling(whole.points, replicates: 30)]
        try JSONFile.write(whole, to: study.results)
        #expect(try ScalingResults.read(study.results) == whole)
        let text = try String(contentsOfFile: study.results, encoding: .utf8).replacing("\"schema\": 1", with: "\"schema\": 9")
        try RunFiles.write(text, to: study.results)
        #expect(message { _ = try ScalingResults.read(study.results) }?.text.hasSuffix("has schema 9; this version of zoo reads schema 1") == true)
    }

    @Test func whatIsNotOneStudyIsRefused() throws {
        let folder = try TemporaryFolder()
        func refusal(_ cells: [ComparisonResults]) -> String? {
            message {
                _ = try ScalingResults(
                    cells.enumerated().map { ($1, ComparisonFolder("cell-\($0)")) }, replicates: 20)
            }?.text
        }
        #expect(refusal([]) == "there are no comparisons to fit")
        #expect(
            refusal([results(1000, 10, bits: [2]), results(2000, 10, sha256: "11", bits: [2])])
                == "cell-1 was made with another text than cell-0: their losses are not of one curve")
        #expect(
            refusal([results(1000, 10, bits: [2]), results(2000, 10, context: 32, bits: [2])])
                == "cell-1 has context 32, cell-0 has 16: their losses are not of one curve")
        let study = ScalingFolder(folder.path)
        #expect(message { _ = try study.comparisons() }?.text == "\(folder.path) holds no comparison that came to its end")
        #expect(message { _ = try ScalingFolder(folder.path + "/none").comparisons() }?.text == "there is no \(folder.path)/none")
        try study.check()
        _ = try folder.write("x", "letter.txt")
        let found = message { try study.check() }
        #expect(found?.text == "\(folder.path) is not empty and holds no scaling study: there is letter.txt")
        #expect(found?.hint == "choose another --out, such as \(folder.path)/scale")
        #expect(message { try ScalingFolder(folder.path + "/letter.txt").check() }?.text.hasSuffix("cannot be read as a folder") == true)
    }

    /// The count that the share of the matrix rate uses, over a whole run.
    @Test func operationsCountAttention() {
        var row = exampleRow()
        row.trainTokens = 640
        row.parameters = 1000
        #expect(ScalingPoint.operations(row, context: 16) == 3_840_000)
        row.config = ConfigurationJSON(json(#"{"num_hidden_layers": 2, "num_attention_heads": 2, "hidden_size": 8}"#))
        // 12 for each of 2 layers and 8 channels and the 136 pairs of a window of 16; 40 windows.
        let attention = 12.0 * 2 * 8 * 136 * 40
        #expect(ScalingPoint.operations(row, context: 16) == 3_840_000 + attention)
    }
}
