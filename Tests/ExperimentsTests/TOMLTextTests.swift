import Experiments
import PluginHost
import SequenceModel
import Testing

struct TOMLTextTests {
    private func parse(_ text: String) throws -> JSONValue { try TOMLText.parse(Array(text.utf8), name: "f.toml") }

    @Test func valuesAreThoseOfJSON() throws {
        let value = try parse(
            """
            \u{FEFF}text = "a\\u00e9 😀 \\" \\\\"\r
            literal = 'C:\\x'
            whole = 1_000
            hexadecimal = 0x10
            number = 1e-3
            exact = 0.1
            big = 9223372036854775807
            yes = true
            list = [1, "two", [3.5]]
            a.b = 1
            date = 2026-03-14
            [table]
            nan = nan
            infinite = -inf
            [[items]]
            name = "x"
            """)
        #expect(value["text"] == .string("aé 😀 \" \\"))
        #expect(value["literal"] == .string("C:\\x"))
        #expect(value["whole"] == .integer(1000) && value["hexadecimal"] == .integer(16))
        #expect(value["number"]?.doubleValue == 1e-3 && value["exact"]?.doubleValue == 0.1)
        #expect(value["big"] == .integer(.max) && value["yes"] == .boolean(true))
        #expect(value["list"]?.arrayValue?.count == 3 && value["a"]?["b"] == .integer(1))
        #expect(value["date"] == .string("2026-03-14"))
        #expect(value["table"]?["nan"] == .string("NaN") && value["table"]?["infinite"] == .string("-Infinity"))
        #expect(value["items"]?.arrayValue?[0]["name"] == .string("x"))
        #expect(try parse("") == .object([:]))
    }

    @Test func oneValue() {
        #expect(TOMLText.value("[1, 2]") == .array([.integer(1), .integer(2)]))
        #expect(TOMLText.value("0.5") == .number(0.5))
        #expect(TOMLText.value("'x'") == .string("x"))
        #expect(TOMLText.value("word") == nil && TOMLText.value("1\nother = 2") == nil && TOMLText.value("") == nil)
    }

    @Test(arguments: [
        ("a = 1\nb = [1, }\n", "f.toml: line 2: ] was expected before }"), ("a = { b = ]\n", "f.toml: line 1: } was expected before ]"),
        ("a = 1\na = 2\n", "f.toml: line 2, column "), ("a = \n", "f.toml: line 1, column "), ("[a\n", "f.toml: line 1, column "),
        ("a = 99999999999999999999\n", "f.toml: line 1, column "), ("a = 2026-13-40\n", "f.toml: line 1, column "),
        ("[a]\n[a]\n", "f.toml: line 2, column "), ("x = \"a\nb\"\n", "f.toml: line 1, column "),
        ("a = 1\nb = " + String(repeating: "[", count: 100) + "\n", "f.toml: line 2: keys and values are nested more than 32 deep"),
        ("a = '''\n\n'''\n" + String(repeating: "b.", count: 5000) + "c = 1\n", "f.toml: line 4: keys and values are nested"),
        ("a = 1\n[=]\n", "f.toml: line 2: the name of a table is missing"), ("[[ é]]", "f.toml: line 1: the name of a table is missing"),
        ("\u{FEFF}[\n]", "f.toml: line 1: the name of a table is missing"), ("[]", "f.toml: line 1, column "), ("[", "f.toml: line 1, column "),
        ("a\0 = 1\n", "f.toml: a zero byte at offset 1, line 1; TOML is text"),
    ])
    func whatIsWrongIsNamedWithItsPlace(_ text: String, _ beginning: String) throws {
        let error = try #require(message { _ = try parse(text) })
        #expect(error.code == .data && error.text.hasPrefix(beginning), "\(error.text)")
        #expect(!error.text.contains("\n"))
    }

    @Test func bytesThatAreNoText() throws {
        let error = try #require(message { _ = try TOMLText.parse(Array("a = 1\nb = \"".utf8) + [0xFF, 0x22], name: "f") })
        #expect(error.text == "f: the byte at offset 11, line 2, is not UTF-8")
        let long = [UInt8](repeating: UInt8(ascii: "#"), count: TOMLText.maximumBytes + 1)
        #expect(message { _ = try TOMLText.parse(long, name: "f") }?.text == "f has 1048577 bytes; allowed: at most 1048576")
        // As deep as is allowed, in every notation, goes well.
        let deep = String(repeating: "a.", count: 31) + "a = 1\nb = " + String(repeating: "[", count: 32) + String(repeating: "]", count: 32)
        #expect(throws: Never.self) { try TOMLText.parse(Array(deep.utf8), name: "f") }
    }

    /// Dots and brackets in text and comments nest nothing.
    @Test func textIsNotNested() throws {
        let dots = String(repeating: ".[{", count: 100)
        let text = "a = \"\(dots)\" # \(dots)\nb = '\(dots)'\nc = \"\"\"\n\(dots)\n\\\"\"\"\"\nd = '''\n\(dots)'''\n"
        #expect(try parse(text)["d"] == .string(dots))
    }
}
