@testable import Report
import Testing

struct HTMLTests {
    @Test func escapesWhatEndsTextAndAttributes() {
        #expect(HTML.escape("<b a=\"1\" c='2'>&amp;") == "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;")
        #expect(HTML.escape("a\nb\tc") == "a\nb\tc")
        #expect(HTML.escape("\u{0}\u{1B}[31mred\u{7F}\u{9B}") == "\u{FFFD}\u{FFFD}[31mred\u{FFFD}\u{FFFD}")
        #expect(HTML.escape("Größe ✓") == "Größe ✓")
    }

    @Test func jsonCannotEndItsElement() {
        #expect(HTML.scriptJSON(#"{"a":"</script><!--"}"#) == #"{"a":"\u003C/script>\u003C!--"}"#)
    }

    @Test func groupsDigits() {
        #expect(
            [0, 999, 1000, 1_234_567, -12345].map(HTML.grouped) == [
                "0", "999", "1\u{202F}000", "1\u{202F}234\u{202F}567", "−12\u{202F}345",
            ])
    }

    @Test func looksRepeatOnlyAfterThirtyFiveModels() {
        let looks = (0 ..< 35).map { ModelLook(model: "m\($0)", index: $0) }
        #expect(Set(looks.map { $0.colour + $0.shape }).count == 35)
        #expect(ModelLook.assign(["b", "a", "b"])["a"]?.index == 1)
    }
}
