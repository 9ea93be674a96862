internal import SequenceModel

/// `Codable` → `EncodedNode`. The standard library's protocols without Foundation, which plugins do not carry.
struct ConfigurationEncoder: Encoder {
    let node: EncodedNode
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(Keyed<Key>(node: node))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        node.items = []
        return Unkeyed(node: node)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { Single(node: node) }

    /// Writes any value into `node`.
    static func write<T: Encodable>(_ value: T, into node: EncodedNode) throws {
        if let type = T.self as? any ConfigurationChoice.Type { node.words = type.words }
        switch value {
        case let value as Bool: node.leaf = .boolean(value)
        case let value as String: node.leaf = .string(value)
        case let value as any BinaryInteger:
            guard let integer = Int64(exactly: value) else {
                throw EncodingError.invalidValue(value, .init(codingPath: [], debugDescription: "beyond 64 bits"))
            }
            node.leaf = .integer(integer)
        case let value as Double: node.leaf = .number(value)
        case let value as Float: node.leaf = .number(Double(value))
        default: try value.encode(to: ConfigurationEncoder(node: node))
        }
    }

    struct Single: SingleValueEncodingContainer {
        let node: EncodedNode
        var codingPath: [any CodingKey] { [] }
        func encodeNil() { node.leaf = .null }
        func encode<T: Encodable>(_ value: T) throws { try ConfigurationEncoder.write(value, into: node) }
    }

    struct Unkeyed: UnkeyedEncodingContainer {
        let node: EncodedNode
        var codingPath: [any CodingKey] { [] }
        var count: Int { node.items?.count ?? 0 }

        private func item() -> EncodedNode {
            let item = EncodedNode()
            node.items?.append(item)
            return item
        }

        func encodeNil() { item().leaf = .null }
        func encode<T: Encodable>(_ value: T) throws { try ConfigurationEncoder.write(value, into: item()) }
        func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
            KeyedEncodingContainer(Keyed<Key>(node: item()))
        }
        func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
            ConfigurationEncoder(node: item()).unkeyedContainer()
        }
        func superEncoder() -> any Encoder { ConfigurationEncoder(node: item()) }
    }
}
