import SequenceModel
import Testing

@Suite struct JSONParserTests {
    private func message(_ text: String) -> String { message(Array(text.utf8)) }

    private func message(_ bytes: [UInt8]) -> String {
        do {
            return "accepted: \(try JSONParser.parse(bytes))"
        } catch let error as SequenceModelError {
            return error.code == .invalidArgument ? error.message : "code \(error.code.rawValue)"
        } catch {
            return "\(error)"
        }
    }

    @Test func readsEveryKindOfValue() throws {
        let value = try JSONParser.parse(
            #" {"a": [1, -0, 2.5, 1e3, true, false, null], "b": {"c": "x\n\u0041\ud83d\ude00\/"}, "": 9223372036854775807} "#
        )
        let object = try #require(value.objectValue)
        #expect(object.keys == ["a", "b", ""])
        #expect(
            object["a"]
                == .array([
                    .integer(1), .integer(0), .number(2.5), .number(1000), .boolean(true), .boolean(false), .null,
                ]))
        #expect(value["b"]?["c"] == .string("x\nA😀/"))
        #expect(value[""]?.integerValue == Int.max)
    }

    @Test func writesWhatItReads() throws {
        let text = #"{"a":[1,-2.5,1e+30,true,null,"q\"\\\u0001é"],"b":{},"c":[]}"#
        let value = try JSONParser.parse(text)
        #expect(try JSONParser.parse(value.description) == value)
        #expect(try JSONParser.parse(value.prettyPrinted) == value)
        #expect(value.description == #"{"a":[1,-2.5,1e+30,true,null,"q\"\\\u0001é"],"b":{},"c":[]}"#)
    }

    @Test func integersTooLargeBecomeNumbers() throws {
        #expect(try JSONParser.parse("9223372036854775808") == .number(9_223_372_036_854_775_808))
        #expect(try JSONParser.parse("9223372036854775808").integerValue == nil)
        #expect(try JSONParser.parse("1e3").integerValue == 1000)
        #expect(try JSONParser.parse("1.5").integerValue == nil)
    }

    @Test(arguments: [
        ("", "JSON, line 1, column 1: the text ends where a value was expected"),
        ("\u{FEFF}{}", "JSON, line 1, column 1: a value was expected"),
        ("{\"a\":1,}", "JSON, line 1, column 8: a key in quotes was expected"),
        ("[1,]", "JSON, line 1, column 4: a value was expected"),
        ("[1 2]", "JSON, line 1, column 4: ',' or ']' was expected"),
        ("{\"a\":1,\n \"a\":2}", "JSON, line 2, column 5: the key \"a\" is there twice"),
        ("{\"a\" 1}", "JSON, line 1, column 6: ':' was expected after the key \"a\""),
        ("{\"a\":1", "JSON, line 1, column 7: ',' or '}' was expected"),
        ("{'a':1}", "JSON, line 1, column 2: a key in quotes was expected"),
        ("01", "JSON, line 1, column 3: a malformed number"),
        ("-", "JSON, line 1, column 2: a malformed number"),
        ("1.", "JSON, line 1, column 3: a digit was expected after '.'"),
        ("1e", "JSON, line 1, column 3: a digit was expected in the exponent"),
        ("1e400", "JSON, line 1, column 6: the number 1e400 is out of range"),
        ("NaN", "JSON, line 1, column 1: a value was expected"),
        ("nul", "JSON, line 1, column 4: expected null"),
        ("{} {}", "JSON, line 1, column 4: text after the end of the value"),
        ("// c\n{}", "JSON, line 1, column 1: a value was expected"),
        ("\"abc", "JSON, line 1, column 5: a string without end"),
        ("\"a\tb\"", "JSON, line 1, column 4: a control character in a string"),
        ("\"\\x\"", "JSON, line 1, column 4: an unknown escape"),
        ("\"\\u12g4\"", "JSON, line 1, column 6: four hexadecimal digits were expected"),
        ("\"\\ud800\"", "JSON, line 1, column 8: half of a surrogate pair"),
        ("\"\\udc00\"", "JSON, line 1, column 8: half of a surrogate pair"),
        ("\"\\ud800\\u0041\"", "JSON, line 1, column 14: half of a surrogate pair"),
    ])
    func refusesAndSaysWhere(text: String, expected: String) { #expect(message(text) == expected) }

    @Test func refusesBytesThatAreNotUTF8() {
        #expect(message([0x22, 0xFF, 0x22]) == "JSON, line 1, column 4: a string that is not UTF-8")
        // An overlong slash.
        #expect(message([0x22, 0xC0, 0xAF, 0x22]) == "JSON, line 1, column 5: a string that is not UTF-8")
    }

    @Test func refusesDepthAndLength() throws {
        let deep = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(throws: Never.self) { try JSONParser.parse(deep) }
        #expect(
            message(String(repeating: "[", count: 65)) == "JSON, line 1, column 65: nested deeper than 64 levels")
        #expect(message(String(repeating: "[", count: 100_000)).hasSuffix("nested deeper than 64 levels"))
        let error = #expect(throws: SequenceModelError.self) { try JSONParser.parse("[1,2]", maximumBytes: 4) }
        #expect(error?.message == "JSON text has 5 bytes; at most 4 are read")
    }

    /// Every cut of a valid text is refused, none traps.
    @Test func refusesEveryCut() {
        let whole = Array(#"{"k":[1.5e2,"aé\u00e9\ud83d\ude00",null,true],"m":{"n":-7}}"#.utf8)
        #expect(throws: Never.self) { try JSONParser.parse(whole) }
        for length in 0 ..< whole.count {
            #expect(throws: SequenceModelError.self) { try JSONParser.parse(Array(whole.prefix(length))) }
        }
    }

    @Test func objectKeepsOrderAndRemoves() {
        var object: JSONObject = ["b": .integer(1), "a": .integer(2)]
        object["c"] = .null
        object["b"] = .integer(3)
        #expect(object.keys == ["b", "a", "c"])
        object["a"] = nil
        object["absent"] = nil
        #expect(object.keys == ["b", "c"])
        #expect(object.count == 2)
        #expect(JSONValue.object(object).description == #"{"b":3,"c":null}"#)
    }
}
