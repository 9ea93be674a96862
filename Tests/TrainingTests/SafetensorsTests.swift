import Foundation
import PluginHost
import SequenceModel
import Testing

@testable import Training

struct SafetensorsTests {
    /// A file of this header and this many zero bytes.
    static func file(_ header: String, data: Int = 0) -> [UInt8] {
        let text = Array(header.utf8)
        return length(text.count) + text + [UInt8](repeating: 0, count: data)
    }

    static func length(_ value: Int) -> [UInt8] { (0 ..< 8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }

    static func entry(_ name: String, _ type: String, _ shape: String, _ begin: Int, _ end: Int) -> String {
        #""\#(name)":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":[\#(begin),\#(end)]}"#
    }

    /// Refused by the reference reader as well (safetensors 0.8.0 from PyPI), but for unknown keys and names that are empty, too long, or hold ".." or
    /// control characters, and more than 32 dimensions: there we are stricter.
    ///
    /// Bytes of a bad file, and what is said of it after "FILE, ".
    static let bad: [(String, [UInt8], String)] = [
        ("empty", [], "offset 0: the file has 0 bytes; a safetensors file has at least 8"),
        ("seven bytes", [1, 2, 3, 4, 5, 6, 7], "offset 0: the file has 7 bytes; a safetensors file has at least 8"),
        (
            "length 2^64 − 1", [UInt8](repeating: 255, count: 8),
            "offset 0: the header would have 18446744073709551615 bytes; at most 100000000 are allowed"
        ),
        (
            "length 10^8 + 1", length(100_000_001),
            "offset 0: the header would have 100000001 bytes; at most 100000000 are allowed"
        ),
        (
            "length of the file", length(10) + [123, 125],
            "offset 0: the header would have 10 bytes, the file has only 2 after its length"
        ),
        (
            "length of the file − 7", length(3) + [123, 125],
            "offset 0: the header would have 3 bytes, the file has only 2 after its length"
        ),
        ("no header", length(0), "offset 8: the header is empty; it must be a JSON object"),
        ("open brace", file("{"), "offset 9: a key in quotes was expected"),
        ("array", file("[]"), "offset 8: the header must be a JSON object: '{' expected"),
        ("not UTF-8", length(6) + [123, 34, 255, 34, 58, 125], "offset 12: a string that is not UTF-8"),
        ("first byte 0xFF", length(1) + [255], "offset 8: the header must be a JSON object: '{' expected"),
        ("trailing comma", file("{\(entry("a", "F32", "[0]", 0, 0)),}"), "offset 62: a key in quotes was expected"),
        ("text after", file("{} {}"), "offset 11: text after the end of the header's object"),
        ("byte-order mark", length(5) + [0xEF, 0xBB, 0xBF, 123, 125], "offset 8: the header must be a JSON object: '{' expected"),
        (
            "twice", file("{\(entry("a", "U8", "[1]", 0, 1)),\(entry("a", "U8", "[1]", 1, 2))}", data: 2),
            #"offset 61: the name "a" is there twice"#
        ),
        (
            "twice, written otherwise",
            file("{\(entry("a", "U8", "[1]", 0, 1)),\(entry("\\u0061", "U8", "[1]", 1, 2))}", data: 2),
            #"offset 61: the name "a" is there twice"#
        ),
        (
            "dtype twice", file(#"{"a":{"dtype":"U8","dtype":"U8","shape":[],"data_offsets":[0,1]}}"#, data: 1),
            #"offset 27: tensor "a": the key "dtype" is there twice"#
        ),
        (
            "unknown dtype", file("{\(entry("a", "F31", "[1]", 0, 4))}", data: 4),
            #"offset 22: tensor "a" has the unknown dtype "F31"; known: BOOL, F4, F6_E2M3, F6_E3M2, U8, I8, F8_E5M2, F8_E4M3, F8_E8M0, I16, U16, F16, BF16, I32, U32, F32, C64, F64, I64, U64"#
        ),
        (
            "unknown key", file(#"{"a":{"dtype":"U8","size":1,"shape":[1],"data_offsets":[0,1]}}"#, data: 1),
            #"offset 27: tensor "a" has the unknown key "size"; known: dtype, shape, data_offsets"#
        ),
        ("no shape", file(#"{"a":{"dtype":"U8","data_offsets":[0,1]}}"#, data: 1), #"offset 9: tensor "a" has no shape"#),
        ("no dtype", file(#"{"a":{"shape":[1],"data_offsets":[0,1]}}"#, data: 1), #"offset 9: tensor "a" has no dtype"#),
        ("no offsets", file(#"{"a":{"shape":[1],"dtype":"U8"}}"#, data: 1), #"offset 9: tensor "a" has no data_offsets"#),
        ("not an object", file(#"{"a":1}"#), #"offset 13: tensor "a" must be described by an object"#),
        (
            "metadata number", file(#"{"__metadata__":{"step":3}}"#),
            #"offset 32: the value of "step" in __metadata__ must be a string"#
        ),
        ("metadata string", file(#"{"__metadata__":"x"}"#), "offset 24: __metadata__ must be an object of strings"),
        (
            "three offsets", file(#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1,2]}}"#, data: 1),
            #"offset 59: tensor "a": data_offsets has more than 2 numbers"#
        ),
        (
            "negative offset", file(#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[-1,0]}}"#, data: 1),
            #"offset 55: tensor "a": data_offsets must hold whole numbers from 0 on"#
        ),
        (
            "fraction", file(#"{"a":{"dtype":"U8","shape":[1.5],"data_offsets":[0,1]}}"#, data: 1),
            #"offset 37: tensor "a": shape: ',' or ']' was expected"#
        ),
        (
            "gap", file("{\(entry("a", "U8", "[1]", 0, 1)),\(entry("b", "U8", "[1]", 2, 3))}", data: 3),
            #"offset 61: tensor "b" begins at 2 of the data where 1 was expected: tensors must follow each other without gap or overlap"#
        ),
        (
            "begins late", file("{\(entry("a", "U8", "[1]", 1, 2))}", data: 2),
            #"offset 9: tensor "a" begins at 1 of the data where 0 was expected: tensors must follow each other without gap or overlap"#
        ),
        (
            "ten tensors in one place",
            file("{" + (0 ..< 10).map { entry("t\($0)", "F32", "[4]", 0, 16) }.joined(separator: ",") + "}", data: 16),
            #"offset 64: tensor "t1" begins at 0 of the data where 16 was expected: tensors must follow each other without gap or overlap"#
        ),
        (
            "end before begin", file("{\(entry("a", "U8", "[0]", 0, 2)),\(entry("b", "U8", "[0]", 2, 0))}", data: 2),
            #"offset 9: tensor "a" of U8 [0] needs 0 bytes; its place has 2"#
        ),
        (
            "shape overflow", file("{\(entry("a", "U8", "[2,9223372036854775807]", 0, 0))}"),
            #"offset 9: tensor "a": the product of its shape [2, 9223372036854775807] is too large"#
        ),
        (
            "shape over 2^63 − 1", file("{\(entry("a", "U8", "[2,18446744073709551614]", 0, 0))}"),
            #"offset 57: tensor "a": shape holds a number over 2⁶³ − 1"#
        ),
        (
            "bits overflow", file("{\(entry("a", "F64", "[9223372036854775807]", 0, 0))}"),
            #"offset 9: tensor "a": the size of its shape [9223372036854775807] is too large"#
        ),
        (
            "half a byte", file("{\(entry("a", "F4", "[3]", 0, 2))}", data: 2),
            #"offset 9: tensor "a" of F4 [3] has 12 bits: not whole bytes"#
        ),
        (
            "size", file("{\(entry("a", "F32", "[2]", 0, 4))}", data: 4),
            #"offset 9: tensor "a" of F32 [2] needs 8 bytes; its place has 4"#
        ),
        (
            "one byte more", file("{\(entry("a", "U8", "[1]", 0, 1))}", data: 2),
            "offset 62: 1 bytes come after the last tensor: the tensors have 1 bytes, the file holds 2"
        ),
        (
            "one byte less", file("{\(entry("a", "U8", "[3]", 0, 3))}", data: 2),
            "offset 63: 1 bytes are missing at the end: the tensors have 3 bytes, the file holds 2"
        ),
        ("a header alone with data", file("{}", data: 3), "offset 10: 3 bytes come after the last tensor: the tensors have 0 bytes, the file holds 3"),
        ("empty name", file("{\(entry("", "U8", "[1]", 0, 1))}", data: 1), "offset 9: a tensor has an empty name"),
        ("name with ..", file("{\(entry("../a", "U8", "[1]", 0, 1))}", data: 1), #"offset 9: the name "../a" holds "..""#),
        (
            "escape code in a name", file("{\(entry("\\u001b[2J", "U8", "[1]", 0, 1))}", data: 1),
            #"offset 9: the name "\u{1b}[2J" holds a control character"#
        ),
        (
            "long name", file("{\(entry(String(repeating: "x", count: 1025), "U8", "[1]", 0, 1))}", data: 1),
            "offset 9: the name \"\(String(repeating: "x", count: 80))…\" has 1025 bytes; at most 1024 are allowed"
        ),
        (
            "rank 33", file("{\(entry("a", "U8", "[" + Array(repeating: "1", count: 33).joined(separator: ",") + "]", 0, 1))}", data: 1),
            #"offset 100: tensor "a": shape has more than 32 numbers"#
        ),
    ]

    @Test(arguments: bad.indices) func refuses(_ index: Int) throws {
        let (name, bytes, message) = SafetensorsTests.bad[index]
        let folder = TemporaryFolder()
        let path = try folder.write("bad.safetensors", bytes)
        let error = zooError { _ = try SafetensorsFile(path: path) }
        #expect(error?.message == "\(path), \(message)", "\(name)")
        #expect(error?.code == .data)
    }

    @Test func missingFileAndFolder() {
        #expect(zooError { _ = try SafetensorsFile(path: "/nowhere/x") }?.message == "safetensors file /nowhere/x does not exist")
        #expect(zooError { _ = try SafetensorsFile(path: "/tmp") }?.message == "safetensors file /tmp is a directory")
    }

    @Test func acceptsWhatTheReferenceReaderAccepts() throws {
        let folder = TemporaryFolder()
        let files: [[UInt8]] = [
            SafetensorsTests.file("{}"),
            SafetensorsTests.file("  {} \n"),
            SafetensorsTests.file("{\(SafetensorsTests.entry("a", "F32", "[]", 0, 4))}", data: 4),
            SafetensorsTests.file("{\(SafetensorsTests.entry("a", "F32", "[2,0]", 0, 0))}"),
            SafetensorsTests.file("{\(SafetensorsTests.entry("a", "F4", "[4]", 0, 2))}", data: 2),
            // Keys out of order, an odd header length, an empty tensor between two others.
            SafetensorsTests.file(
                "{\(SafetensorsTests.entry("b", "U8", "[2]", 1, 3)),\(SafetensorsTests.entry("e", "F64", "[0]", 1, 1)),"
                    + #""__metadata__":{"k":"v","":"\n\ud83d\ude00"},"# + "\(SafetensorsTests.entry("a", "U8", "[1]", 0, 1))}", data: 3),
        ]
        for (index, bytes) in files.enumerated() {
            let file = try SafetensorsFile(path: try folder.write("\(index)", bytes))
            if index == 5 {
                #expect(file.tensors.map(\.name) == ["a", "e", "b"])
                #expect(file.metadata == ["k": "v", "": "\n😀"])
            }
        }
    }

    @Test func writesWhatItReads() throws {
        let folder = TemporaryFolder()
        let path = folder.path + "/x.safetensors"
        let floats: [Float] = [1.5, -.infinity, .leastNonzeroMagnitude, .nan, 0, -0.0]
        let doubles: [Double] = [1.0 / 3, -2]
        let halves: [UInt16] = [0x3C00, 0xC000, 0x7C00]
        let brains: [UInt16] = [0x3F80, 0xC000]
        let integers: [Int64] = [.min, -1, .max]
        try floats.withUnsafeBytes { f in
            try doubles.withUnsafeBytes { d in
                try halves.withUnsafeBytes { h in
                    try brains.withUnsafeBytes { b in
                        try integers.withUnsafeBytes { i in
                            try SafetensorsWriter.write(
                                [
                                    SafetensorsEntry(name: "f", scalar: .float32, shape: [2, 3], bytes: f),
                                    SafetensorsEntry(name: "h", scalar: .float16, shape: [3], bytes: h),
                                    SafetensorsEntry(name: "d\"\\é", scalar: .float64, shape: [2], bytes: d),
                                    SafetensorsEntry(name: "b", scalar: .bfloat16, shape: [2, 1], bytes: b),
                                    SafetensorsEntry(name: "i", scalar: .int64, shape: [3], bytes: i),
                                ], metadata: ["format": "pt"], to: path)
                        }
                    }
                }
            }
        }
        let file = try SafetensorsFile(path: path)
        #expect(try file.floats("f").map(\.bitPattern) == floats.map(\.bitPattern))
        #expect(try file.floats("h") == [1, -2, .infinity])
        #expect(try file.floats("d\"\\é") == [Float(1.0 / 3), -2])
        #expect(try file.floats("b") == [1, -2])
        #expect(try file.integers("i") == integers.map { Int($0) })
        #expect(file.metadata == ["format": "pt"])
        #expect(file["f"]?.shape == [2, 3])
        // The header is padded so that tensors lie at a multiple of 8 bytes.
        #expect(try contents(path)[0] % 8 == 0)
        #expect(zooError { _ = try file.integers("f") }?.message == "\(path): tensor \"f\" is F32; whole numbers are read from I64, I32 and U8")
        #expect(zooError { _ = try file.floats("i") }?.message == "\(path): tensor \"i\" is I64; floating-point values are read from F32, F64, F16 and BF16")
        #expect(zooError { _ = try file.floats("q") }?.message == "\(path) has no tensor \"q\"")
    }

    private static let mutations = ProcessInfo.processInfo.environment["ZOO_RANDOM_CASES"].flatMap { Int($0) } ?? 20_000

    /// 20,000 damaged headers, or ZOO_RANDOM_CASES: each is refused or read, none traps, and what is accepted says the same when written again.
    @Test func survivesMutations() throws {
        let seedText = "{\(SafetensorsTests.entry("model.a", "F32", "[2, 3]", 0, 24)),\(SafetensorsTests.entry("b", "I64", "[1]", 24, 32)),"
            + #""__metadata__":{"format":"pt","x":"\u00e9\n"}}"#
        let original = Array(seedText.utf8)
        let tokens = ["[", "]", "{", "}", "\"", ":", ",", "-", "9223372036854775807", "1e9", "\\u", "\\ud800", "null", "0", "\u{0}", "F32", "é"].map { Array($0.utf8) }
        var stream = RandomKey(seed: 20_000).stream
        var accepted = 0
        for _ in 0 ..< SafetensorsTests.mutations {
            var bytes = original
            for _ in 0 ... stream.index(below: 3) {
                let place = stream.index(below: bytes.count)
                switch stream.index(below: 5) {
                case 0: bytes[place] = UInt8(stream.index(below: 256))
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(contentsOf: tokens[stream.index(below: tokens.count)], at: place)
                case 3: bytes.removeSubrange(place ..< min(place + stream.index(below: 20), bytes.count))
                default:
                    let end = min(place + stream.index(below: 30), bytes.count)
                    bytes.insert(contentsOf: Array(bytes[place ..< end]), at: stream.index(below: bytes.count))
                }
                if bytes.isEmpty { bytes = [123] }
            }
            do {
                let header = try SafetensorsHeader(parsing: bytes, fileSize: 8 + bytes.count + 32)
                accepted += 1
                #expect(header.tensors.reduce(0) { $0 + $1.range.count } == 32)
                #expect(header.tensors.allSatisfy { $0.count * $0.scalar.bitCount == $0.range.count * 8 })
            } catch let fault as SafetensorsFault {
                #expect(fault.offset >= 8 && fault.offset <= 8 + bytes.count + 32)
            }
        }
        // Most are refused; some changes (a letter of a name) are harmless.
        #expect(accepted > SafetensorsTests.mutations / 200 && accepted < SafetensorsTests.mutations / 2)
        print("mutated headers: \(accepted) of \(SafetensorsTests.mutations) accepted")
    }
}
