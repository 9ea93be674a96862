import Foundation
import PluginHost
import SequenceModel
import Testing

@testable import Training

struct DataTests {
    @Test func readsFilesFoldersAndPatternsInOrder() throws {
        let folder = TemporaryFolder()
        let b = try folder.write("b.txt", "BB")
        let a = try folder.write("a.txt", "AAA")
        _ = try folder.write("sub/c.txt", "C")
        _ = try folder.write("sub/.hidden", "no")
        _ = try folder.write("sub/empty", "")
        // A link back up must not be followed for ever, and a file is read once however often it is named.
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/sub/up", withDestinationPath: folder.path)
        #expect(try TextData.load([b, a]).bytes == Array("AAABB".utf8))
        #expect(try TextData.load([folder.path]).bytes == Array("AAABBC".utf8))
        #expect(try TextData.load([folder.path, b, folder.path + "/*.txt"]).bytes == Array("AAABBC".utf8))
        #expect(try TextData.load([folder.path + "/?.txt"]).bytes == Array("AAABB".utf8))
        // sha256sum of AAABB.
        #expect(try TextData.load([b, a]).sha256 == TextData(Array("AAABB".utf8), name: "").sha256)
        #expect(TextData(Array("abc".utf8), name: "").sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test func anyBytesAreText() throws {
        let folder = TemporaryFolder()
        let bytes: [UInt8] = [0, 255, 0xC3, 13, 10, 0xF0]
        #expect(try TextData.load([try folder.write("x", bytes)]).bytes == bytes)
    }

    @Test func refusesWhatCannotBeRead() throws {
        let folder = TemporaryFolder()
        let empty = try folder.write("empty.txt", "")
        let loop = folder.path + "/loop"
        try FileManager.default.createSymbolicLink(atPath: loop, withDestinationPath: loop)
        let pipe = folder.path + "/pipe"
        mkfifo(pipe, 0o600)
        try FileManager.default.createDirectory(atPath: folder.path + "/nothing", withIntermediateDirectories: false)
        let cases: [(String, String)] = [
            (folder.path + "/missing.txt", "data file \(folder.path)/missing.txt does not exist"),
            (empty + "/x", "data file \(empty)/x does not exist"),
            (folder.path + "/*.csv", "no data file matches \(folder.path)/*.csv"),
            (empty, "data file \(empty) is empty"),
            (loop, "cannot read \(loop): Too many levels of symbolic links"),
            (pipe, "data file \(pipe) is not a regular file"),
            (folder.path + "/nothing", "there is no data file with anything in it in \(folder.path)/nothing"),
        ]
        for (path, message) in cases {
            let error = zooError { _ = try TextData.load([path]) }
            #expect(error?.message == message)
            #expect(error?.code == .data)
        }
        #expect(zooError { _ = try TextData.load(["~/x"]) }?.hint == "write the path in full: only the shell knows what ~ is")
    }

    @Test(.enabled(if: geteuid() != 0, "root may read everything")) func refusesWhatMayNotBeRead() throws {
        let folder = TemporaryFolder()
        let path = try folder.write("secret", "x")
        chmod(path, 0)
        #expect(zooError { _ = try TextData.load([path]) }?.message == "cannot read \(path): Permission denied")
    }

    @Test func noticesThatAFileChanged() throws {
        let folder = TemporaryFolder()
        let path = try folder.write("x.txt", "some text")
        let data = try TextData.load([path])
        try data.checkUnchanged()
        _ = try folder.write("x.txt", "other")
        let error = zooError { try data.checkUnchanged() }
        #expect(error?.message == "data file \(path) changed while it was in use: it had 9 bytes and now has 5")
        #expect(error?.hint == "train on a copy that nobody writes to")
        _ = try folder.write("x.txt", "SOME TEXT")
        #expect(zooError { try data.checkUnchanged() }?.message == "data file \(path) changed while it was in use: it was written to")
        try FileManager.default.removeItem(atPath: path)
        #expect(zooError { try data.checkUnchanged() }?.message == "data file \(path) disappeared while it was in use")
    }

    @Test func splitsIntoContiguousBlocks() throws {
        let data = TextData([UInt8](repeating: 7, count: 1_115_394), name: "text")
        let splits = DataSplits(data)
        #expect(splits.trainRange == 0 ..< 1_003_854)
        #expect(splits.validationRange == 1_003_854 ..< 1_059_624)
        #expect(splits.testRange == 1_059_624 ..< 1_115_394)
        // nanoGPT's: int(n * 0.9).
        let two = DataSplits(data, rule: try SplitRule("90/10"))
        #expect(two.trainRange.count == 1_003_854 && two.validationRange.count == 111_540 && two.testRange.isEmpty)
        #expect(try SplitRule("8/1/1").description == "8/1/1")
        for text in ["", "90", "90/5/5/0", "0/50/50", "a/b", "90/-5/15", "90//10", "1e9/1/1"] {
            let error = zooError { _ = try SplitRule(text) }
            #expect(error?.code == .usage)
            #expect(error?.message == "the split \"\(text)\" is not two or three whole numbers such as 90/5/5 (train/validation/test)")
        }
    }

    @Test func refusesBlocksShorterThanAWindow() {
        let splits = DataSplits(TextData([UInt8](repeating: 7, count: 1000), name: "text"))
        let error = zooError { try splits.check(context: 64) }
        #expect(error?.message == "the validation block has 50 bytes, less than one window of 64 + 1 bytes (text: 1000 bytes split 90/5/5)")
        #expect(error?.hint == "give more data, a smaller --context or another --split")
        #expect(throws: Never.self) { try splits.check(context: 49) }
    }

    @Test func overlapCountsSharedWindows() {
        var stream = RandomKey(seed: 1).stream
        let train = (0 ..< 50_000).map { _ in UInt8(stream.index(below: 256)) }
        var test = (0 ..< 5000).map { _ in UInt8(stream.index(below: 256)) }
        #expect(Overlap(of: test[...], in: train[...]).shared == 0)
        // 100 bytes of the training text: 37 windows of 64.
        test.replaceSubrange(1000 ..< 1100, with: train[20_000 ..< 20_100])
        let overlap = Overlap(of: test[...], in: train[...])
        #expect(overlap.shared == 37 && overlap.windows == 4937)
        // Slices with other indices, and every window of a repeated byte.
        let both = train + test
        #expect(Overlap(of: both[50_000...], in: both[..<50_000]).shared == 37)
        #expect(Overlap(of: [UInt8](repeating: 1, count: 100)[...], in: [UInt8](repeating: 1, count: 64)[...]).share == 1)
        #expect(Overlap(of: test[..<63], in: train[...]) == Overlap(of: test[..<10], in: train[...]))
    }
}

struct WindowSamplerTests {
    let bytes = (0 ..< 1000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 3) }

    func sampler(seed: UInt64 = 1, rows: Int = 4, accumulation: Int = 1) -> WindowSampler {
        WindowSampler(bytes: bytes, range: 100 ..< 900, context: 32, rows: rows, accumulation: accumulation, seed: seed)
    }

    @Test func orderFollowsFromTheSeedAlone() {
        let forwards = (0 ..< 20).map { sampler().batch(step: $0, targetsInPlace: false).tokens }
        let backwards = (0 ..< 20).reversed().map { sampler().batch(step: $0, targetsInPlace: false).tokens }
        #expect(forwards == backwards.reversed())
        #expect(forwards[3] != sampler(seed: 2).batch(step: 3, targetsInPlace: false).tokens)
        #expect(Set(forwards).count == 20)
        #expect(sampler().batch(step: 3, targetsInPlace: false).key != sampler().batch(step: 4, targetsInPlace: false).key)
    }

    @Test func windowsStayInsideTheBlock() {
        let starts = (0 ..< 5000).flatMap { step in (0 ..< 4).map { sampler().start(step: step, row: $0) } }
        // Every place from which 33 bytes fit is drawn: the last is 900 − 33.
        #expect(starts.min() == 100 && starts.max() == 867)
    }

    @Test func bothKindsOfModelPredictTheSameBytes() {
        let next = sampler().batch(step: 5, targetsInPlace: false)
        let inPlace = sampler().batch(step: 5, targetsInPlace: true)
        #expect(next.length == 32 && inPlace.length == 33 && next.targetCount == 128 && inPlace.targetCount == 128)
        for row in 0 ..< 4 {
            let start = sampler().start(step: 5, row: row)
            let window = bytes[start ... start + 32].map { Int32($0) }
            #expect(Array(next.tokens[row * 32 ..< row * 32 + 32]) == Array(window[..<32]))
            #expect(Array(next.targets[row * 32 ..< row * 32 + 32]) == Array(window[1...]))
            #expect(Array(inPlace.tokens[row * 33 ..< row * 33 + 33]) == window)
            #expect(Array(inPlace.targets[row * 33 ..< row * 33 + 33]) == [-1] + Array(window[1...]))
        }
    }

    @Test func accumulationDrawsTheSameWindows() {
        let whole = sampler(rows: 8).batch(step: 2, targetsInPlace: true)
        let parts = (0 ..< 2).map { sampler(rows: 4, accumulation: 2).batch(step: 2, part: $0, targetsInPlace: true) }
        #expect(parts.flatMap(\.tokens) == whole.tokens)
        let weights = parts.flatMap { $0.weights ?? [] }
        #expect(weights.filter { $0 > 0 }.count == whole.targetCount)
        #expect(abs(weights.reduce(0, +) - 1) < 1e-5)
    }
}
