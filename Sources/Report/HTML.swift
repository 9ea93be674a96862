/// Text that is safe inside HTML.
enum HTML {
    /// For text and for attribute values in double quotes.
    static func escape(_ text: String) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            // Forbidden in HTML, and nothing anybody wants to see.
            case _
            where scalar.value < 0x20 && scalar != "\n" && scalar != "\t" || (0x7F ... 0x9F).contains(scalar.value):
                result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// JSON inside a `script` element: without `<`, so that no string in it can end the element.
    static func scriptJSON(_ json: String) -> String { json.replacing("<", with: "\\u003C") }

    /// A number with thin spaces between groups of three digits.
    static func grouped(_ count: Int) -> String {
        let digits = String(count.magnitude)
        var result = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { result += "\u{202F}" }
            result.append(digit)
        }
        return count < 0 ? "−" + result : result
    }
}
