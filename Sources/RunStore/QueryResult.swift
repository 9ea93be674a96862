public import SequenceModel

/// What a query found.
public struct QueryResult: Sendable, Equatable {
    /// Names of the columns, as the statement gives them; they need not be unique.
    public var columns: [String]
    /// Values in the order of the columns.
    public var rows: [[JSONValue]]
    /// There were more rows than were asked for.
    public var isCut: Bool

    /// Takes the values as they are.
    public init(columns: [String], rows: [[JSONValue]], isCut: Bool = false) {
        self.columns = columns
        self.rows = rows
        self.isCut = isCut
    }

    /// Comma-separated values (RFC 4180): a header line, quoted where needed, lines end in CR LF. NULL is empty. Text that a spreadsheet would run as a formula
    /// is left as it is: this is for programs.
    public var csv: String {
        ([columns.map(QueryResult.cell)] + rows.map { $0.map { QueryResult.cell(QueryResult.text($0)) } })
            .map { $0.joined(separator: ",") + "\r\n" }.joined()
    }

    /// A list of objects. Of columns with the same name, the later ones get a number.
    public var json: JSONValue {
        var names: [String] = []
        for column in columns {
            var name = column
            var count = 1
            while names.contains(name) {
                count += 1
                name = "\(column)_\(count)"
            }
            names.append(name)
        }
        return .array(
            rows.map { row in
                var object = JSONObject()
                for (name, value) in zip(names, row) { object[name] = value }
                return .object(object)
            })
    }

    /// A value as a person reads it; NULL is empty.
    public static func text(_ value: JSONValue) -> String {
        switch value {
        case .null: ""
        case .string(let text): text
        case .integer, .number, .boolean, .array, .object: value.description
        }
    }

    private static func cell(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { "\",\n\r".unicodeScalars.contains($0) }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
