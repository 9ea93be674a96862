import SequenceModel
import Testing

@testable import Evaluation

@Suite("Bytes to text as they come")
struct UTF8StreamTests {
    /// What comes out after each byte, then at the end.
    static func pieces(_ bytes: [UInt8]) -> [String] {
        var stream = UTF8Stream()
        return bytes.map { stream.push([$0]) } + [stream.finish()]
    }

    @Test("a character comes with its last byte")
    func whole() {
        #expect(Self.pieces(Array("aé".utf8)) == ["a", "", "é", ""])
        #expect(Self.pieces(Array("€".utf8)) == ["", "", "€", ""])
        #expect(Self.pieces(Array("🎉!".utf8)) == ["", "", "", "🎉", "!", ""])
    }

    @Test("an unfinished character becomes U+FFFD when the text ends or something else follows")
    func unfinished() {
        #expect(Self.pieces([0xF0, 0x9F]) == ["", "", "\u{FFFD}"])
        #expect(Self.pieces([0xE2, 0x82, 0x41]) == ["", "", "\u{FFFD}A", ""])
    }

    @Test("what can never become a character does not wait", arguments: [[0x80], [0xFF], [0xC0], [0xF5]] as [[UInt8]])
    func impossible(bytes: [UInt8]) {
        #expect(Self.pieces(bytes) == ["\u{FFFD}", ""])
    }

    @Test("overlong forms, surrogates and values past U+10FFFF do not wait")
    func restrictedSecondBytes() {
        for bytes: [UInt8] in [[0xE0, 0x80], [0xED, 0xA0], [0xF0, 0x80], [0xF4, 0x90]] {
            #expect(Self.pieces(bytes) == ["", "\u{FFFD}\u{FFFD}", ""])
        }
    }

    @Test("piece by piece says what the whole says")
    func sameAsWhole() {
        var random = RandomKey(seed: 3).stream
        let leads: [UInt8] = [0x41, 0x80, 0xBF, 0xC2, 0xE0, 0xA0, 0xED, 0xF0, 0x90, 0xF4, 0x9F, 0xFF]
        for _ in 0 ..< 2000 {
            let bytes = (0 ..< 12).map { _ in leads[random.index(below: leads.count)] }
            #expect(Self.pieces(bytes).joined() == String(decoding: bytes, as: UTF8.self))
        }
    }
}
