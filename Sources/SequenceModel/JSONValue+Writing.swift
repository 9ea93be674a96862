extension JSONValue: CustomStringConvertible {
    /// Compact JSON text, members in order. Numbers that are not finite are written as null.
    public var description: String {
        var text = ""
        write(to: &text, indentation: nil, level: 0)
        return text
    }

    /// JSON text with two spaces of indentation and a final line break.
    public var prettyPrinted: String {
        var text = ""
        write(to: &text, indentation: "  ", level: 0)
        return text + "\n"
    }

    private func write(to text: inout String, indentation: String?, level: Int) {
        func lineBreak(_ level: Int) {
            guard let indentation else { return }
            text += "\n" + String(repeating: indentation, count: level)
        }
        switch self {
        case .null: text += "null"
        case .boolean(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .number(let value): text += value.isFinite ? String(describing: value) : "null"
        case .string(let value): JSONValue.write(value, to: &text)
        case .array(let items):
            text += "["
            for (index, item) in items.enumerated() {
                if index > 0 { text += indentation == nil ? "," : ", " }
                item.write(to: &text, indentation: indentation, level: level + 1)
            }
            text += "]"
        case .object(let object):
            text += "{"
            for (index, key) in object.keys.enumerated() {
                if index > 0 { text += "," }
                lineBreak(level + 1)
                JSONValue.write(key, to: &text)
                text += indentation == nil ? ":" : ": "
                (object[key] ?? .null).write(to: &text, indentation: indentation, level: level + 1)
            }
            if !object.isEmpty { lineBreak(level) }
            text += "}"
        }
    }

    private static func write(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let hexadecimal = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - hexadecimal.count) + hexadecimal
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
