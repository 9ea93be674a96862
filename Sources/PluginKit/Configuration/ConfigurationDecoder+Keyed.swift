internal import SequenceModel

extension ConfigurationDecoder {
    struct Keyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
        let object: JSONObject
        let path: String
        var codingPath: [any CodingKey] { path.isEmpty ? [] : [PlainKey(stringValue: path)] }
        var allKeys: [Key] { object.keys.compactMap(Key.init(stringValue:)) }

        private func member(_ key: some CodingKey) -> ConfigurationDecoder {
            let name = configurationKey(key)
            return ConfigurationDecoder(value: object[name] ?? .null, path: path.isEmpty ? name : "\(path).\(name)")
        }

        func contains(_ key: Key) -> Bool { object[configurationKey(key)] != nil }
        func decodeNil(forKey key: Key) -> Bool { member(key).value == .null }
        func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try member(key).read(type) }
        func nestedContainer<Inner: CodingKey>(keyedBy type: Inner.Type, forKey key: Key) throws -> KeyedDecodingContainer<Inner> {
            try member(key).container(keyedBy: type)
        }
        func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
            try member(key).unkeyedContainer()
        }
        func superDecoder() -> any Decoder { member(PlainKey(stringValue: "super")) }
        func superDecoder(forKey key: Key) -> any Decoder { member(key) }
    }
}
