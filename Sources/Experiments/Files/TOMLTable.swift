import SequenceModel

/// A table while a text is read: TOML decides by how a table came about what may still be put into it.
final class TOMLTable {
    enum Origin {
        /// `[a]`, or the whole text.
        case header
        /// The `a` of `[a.b]`.
        case implied
        /// The `a` of `a.b = 1`.
        case dotted
        /// `{…}`.
        case inline
    }

    /// Tables of the same name, `[[a]]`; by reference, so that one more costs nothing.
    final class List {
        var items: [TOMLTable]
        init(_ first: TOMLTable) { items = [first] }
    }

    enum Value {
        case plain(JSONValue)
        case table(TOMLTable)
        case tables(List)

        var json: JSONValue {
            switch self {
            case .plain(let value): value
            case .table(let table): table.json
            case .tables(let tables): .array(tables.items.map(\.json))
            }
        }
    }

    var origin: Origin
    private var members: [String: Value] = [:]

    init(_ origin: Origin) { self.origin = origin }

    subscript(key: String) -> Value? {
        get { members[key] }
        set { members[key] = newValue }
    }

    /// Members sorted by key.
    var json: JSONValue {
        var object = JSONObject()
        for key in members.keys.sorted() { object[key] = members[key]?.json }
        return .object(object)
    }
}
