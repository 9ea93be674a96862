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
        ("a = 1\na = 2", "line 2, column 1: a is there twice"), ("a = \n", "line 1, column 5: a value was expected, not the end of the line"),
        ("[a\n", "line 1, column 3: ] was expected after the name of a table, not the end of the line"),
        ("a = 99999999999999999999", "line 1, column 5: 99999999999999999999 is out of range: whole numbers have 64 bits"),
        ("a = 1e999", "line 1, column 5: 1e999 is out of range"), ("a = 2026-03-14", "line 1, column 5: 2026-03-14 is a date or a time"),
        ("a = 07:32:00", "line 1, column 5: 07:32:00 is a date or a time"), ("a = word", "line 1, column 5: word is no value; text stands in quotes"),
        ("[a]\n[a]", "line 2, column 1: a is there already"), ("a.b = 1\n[a]", "line 2, column 1: a is there already"),
        ("[a.b]\n[a]\nb.c = 1", "line 3, column 1: b is there already"), ("a = 1\n[[a]]", "line 2, column 1: a is there already"),
        ("a = {b = 1}\n[a.c]", "line 2, column 1: a has a value already; it cannot be a table"),
        ("a = 1 2", "line 1, column 7: nothing more was expected"), ("é = 1", "line 1, column 1: a key was expected"),
        ("[=]", "line 1, column 2: a key was expected"), ("= 1", "line 1, column 1: a key was expected"),
        ("a = \"é\nb\"", "line 1, column 5: the text that begins here does not end on its line"),
        ("a = \"\"\"b", "line 1, column 5: the text that begins here does not end"), ("a = \"\\x\"", "line 1, column 6: \\ stands before one of"),
        ("a = \"\\uD800\"", "line 1, column 6: \\u takes 4 hexadecimal digits of a character"),
        ("a = [1 2]", "line 1, column 8: , was expected or ] after a value of a list, not 2"),
        ("a = [1, }", "line 1, column 9: a value was expected, not }"), ("a = {b = 1,}", "line 1, column 12: a key was expected"),
        ("a = +", "line 1, column 5: + is no value"), ("a = 01", "line 1, column 5: 01 is no value"),
        ("a = 1__0", "line 1, column 5: 1__0 is no value"), ("a = 1.", "line 1, column 5: 1. is no value"),
        ("a = 0x", "line 1, column 5: 0x is no value"), ("# \u{1}", "line 1, column 3: a control character in a comment"),
        ("a = 1\nb = " + String(repeating: "[", count: 100), "line 2, column 38: keys and values are nested more than 32 deep"),
        ("a = '''\n\n'''\n" + String(repeating: "b.", count: 5000) + "c = 1", "line 4, column 65: keys and values are nested"),
        (String(repeating: "a.b = {", count: 60), "line 1, column "),
    ])
    func whatIsWrong(_ text: String, _ expected: String) throws {
        let error = try #require(message { _ = try parse(text) })
        #expect(error.code == .data && error.text.hasPrefix("f.toml: " + expected), "\(error.text)")
        #expect(!error.text.contains("\n"))
    }

    @Test func zeroBytes() {
        #expect(message { _ = try parse("a\0 = 1") }?.text == "f.toml: a zero byte at offset 1, line 1; TOML is text")
    }

    /// What is unusual and allowed.
    @Test func allThatIsAllowed() throws {
        let value = try parse(
            #"""
            "quoted key"."b.c" = '''
            one 'two' three'''' # a quote before the end
            long = """\
                joined \
              again "quoted""""
            [ x . y ] # spaces
            z = [ # over lines
              1, 0o17, 0b101, 0xfF,

              -1_000, +2, -0.5, 6.02E+23, 1_0.2_5e-1_0,
            ]
            [x]
            own = {a.b = 1, c = {}, d = [[], [{}]]}
            [[list]]
            [list.sub]
            k = 1
            [[list]]
            fruit.apple = 1
            [list.fruit.pear]
            empty = ""
            """#)
        #expect(value["quoted key"]?["b.c"] == .string("one 'two' three'"))
        #expect(value["long"] == .string("joined again \"quoted\""))
        let numbers = value["x"]?["y"]?["z"]?.arrayValue ?? []
        #expect(Array(numbers.prefix(6)) == [.integer(1), .integer(15), .integer(5), .integer(255), .integer(-1000), .integer(2)])
        #expect(numbers.dropFirst(6).compactMap(\.doubleValue) == [-0.5, 6.02e23, 10.25e-10])
        #expect(value["x"]?["own"]?["a"]?["b"] == .integer(1) && value["x"]?["own"]?["d"]?.arrayValue?.count == 2)
        let list = value["list"]?.arrayValue ?? []
        #expect(list.count == 2 && list[0]["sub"]?["k"] == .integer(1) && list[1]["fruit"]?["pear"]?["empty"] == .string(""))
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
