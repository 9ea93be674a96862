internal import SequenceModel

extension ConfigurationEncoder {
    struct Keyed<Key: CodingKey>: KeyedEncodingContainerProtocol {
        let node: EncodedNode
        var codingPath: [any CodingKey] { [] }

        private func member(_ key: some CodingKey) -> EncodedNode {
            let member = EncodedNode()
            node.members.append((configurationKey(key), member))
            return member
        }

        /// An optional that holds nothing is written as null: its key must be known.
        private func writeIfPresent<T: Encodable>(_ value: T?, _ key: Key) throws {
            if let value {
                try ConfigurationEncoder.write(value, into: member(key))
            } else {
                let absent = member(key)
                absent.leaf = .null
                absent.absentType = EncodedNode.typeName(of: T.self)
                if let type = T.self as? any ConfigurationChoice.Type { absent.words = type.words }
            }
        }

        func encodeNil(forKey key: Key) { member(key).leaf = .null }
        func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
            try ConfigurationEncoder.write(value, into: member(key))
        }
        func encodeIfPresent<T: Encodable>(_ value: T?, forKey key: Key) throws { try writeIfPresent(value, key) }
        func encodeIfPresent(_ value: Bool?, forKey key: Key) throws { try writeIfPresent(value, key) }
        func encodeIfPresent(_ value: String?, forKey key: Key) throws { try writeIfPresent(value, key) }
        func encodeIfPresent(_ value: Double?, forKey key: Key) throws { try writeIfPresent(value, key) }
        func encodeIfPresent(_ value: Float?, forKey key: Key) throws { try writeIfPresent(value, key) }
        func encodeIfPresent(_ value: Int?, forKey key: Key) throws { try writeIfPresent(value, key) }
        func encodeIfPresent(_ value: Int32?, forKey key: Key) throws { try writeIfPresent(value, key) }
        func encodeIfPresent(_ value: Int64?, forKey key: Key) throws { try writeIfPresent(value, key) }
        func encodeIfPresent(_ value: UInt?, forKey key: Key) throws { try writeIfPresent(value, key) }
        func encodeIfPresent(_ value: UInt32?, forKey key: Key) throws { try writeIfPresent(value, key) }
        func encodeIfPresent(_ value: UInt64?, forKey key: Key) throws { try writeIfPresent(value, key) }

        func nestedContainer<Inner: CodingKey>(keyedBy type: Inner.Type, forKey key: Key) -> KeyedEncodingContainer<Inner> {
            KeyedEncodingContainer(Keyed<Inner>(node: member(key)))
        }
        func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
            ConfigurationEncoder(node: member(key)).unkeyedContainer()
        }
        func superEncoder() -> any Encoder { ConfigurationEncoder(node: member(PlainKey(stringValue: "super"))) }
        func superEncoder(forKey key: Key) -> any Encoder { ConfigurationEncoder(node: member(key)) }
    }
}
