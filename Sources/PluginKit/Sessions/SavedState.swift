internal import SequenceModel

/// The bytes of a saved session: a header of 64 bytes, little-endian, and what the model remembers.
///
///     offset  0  "SQMSTATE"
///     offset  8  uint32 format version, uint32 rows
///     offset 16  uint64 position
///     offset 24  2 × uint64 identity: model, configuration, declarations, scalar type
///     offset 40  uint64 fingerprint of the parameters' values
///     offset 48  uint64 length of what follows
///     offset 56  uint64 checksum of all the rest
struct SavedState {
    static let headerBytes = 64
    private static let magic = Array("SQMSTATE".utf8)
    /// 2: caches are written head by head.
    private static let version: UInt32 = 2

    var rows: Int
    var position: Int
    var payload: [UInt8]

    func bytes(identity: StateIdentity) -> [UInt8] {
        var bytes = SavedState.magic
        func add(_ value: some FixedWidthInteger) { withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) } }
        add(SavedState.version)
        add(UInt32(rows))
        add(UInt64(position))
        add(identity.model.0)
        add(identity.model.1)
        add(identity.parameters)
        add(UInt64(payload.count))
        add(checksum(payload, seed: checksum(bytes)))
        return bytes + payload
    }

    /// Throws `.dataLoss` for anything that `bytes(identity:)` of the same identity did not make.
    init(_ bytes: [UInt8], identity: StateIdentity) throws {
        func refuse(_ text: String) -> SequenceModelError { SequenceModelError(.dataLoss, "the saved state \(text)") }
        guard bytes.count >= SavedState.headerBytes else { throw refuse("has \(bytes.count) bytes; a header has 64") }
        guard bytes.starts(with: SavedState.magic) else { throw refuse("does not begin as a saved state") }
        func read<T: FixedWidthInteger & UnsignedInteger>(_ offset: Int, _ type: T.Type) -> T {
            (0 ..< T.bitWidth / 8).reversed().reduce(0) { $0 << 8 | T(bytes[offset + $1]) }
        }
        let version = read(8, UInt32.self)
        guard version == SavedState.version else { throw refuse("has format \(version); known: \(SavedState.version)") }
        guard (read(24, UInt64.self), read(32, UInt64.self)) == identity.model else {
            throw refuse("is of another model or configuration")
        }
        guard read(40, UInt64.self) == identity.parameters else { throw refuse("was made with other parameter values") }
        let length = read(48, UInt64.self)
        guard length == UInt64(bytes.count - SavedState.headerBytes) else {
            throw refuse("announces \(length) bytes and has \(bytes.count - SavedState.headerBytes)")
        }
        guard let position = Int(exactly: read(16, UInt64.self)), position <= Int(Int32.max), read(12, UInt32.self) > 0,
            let rows = Int(exactly: read(12, UInt32.self))
        else { throw refuse("has an impossible size") }
        payload = Array(bytes[SavedState.headerBytes...])
        guard read(56, UInt64.self) == checksum(payload, seed: checksum(bytes[0 ..< 56])) else { throw refuse("is damaged") }
        self.rows = rows
        self.position = position
    }

    init(rows: Int, position: Int, payload: [UInt8]) {
        self.rows = rows
        self.position = position
        self.payload = payload
    }
}

/// What a saved state must have in common with the model that reads it.
struct StateIdentity: Equatable {
    var model: (UInt64, UInt64)
    var parameters: UInt64

    static func == (a: StateIdentity, b: StateIdentity) -> Bool { a.model == b.model && a.parameters == b.parameters }
}

/// FNV-1a with 64 bits (Fowler, Noll, Vo), eight bytes at a time, finished by the mixer of SplitMix64: a checksum, no seal.
func checksum(_ bytes: some Sequence<UInt8>, seed: UInt64 = 0) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325 ^ seed
    var word: UInt64 = 0
    var count: UInt64 = 0
    for byte in bytes {
        word = word << 8 | UInt64(byte)
        count += 1
        if count % 8 == 0 {
            hash = (hash ^ word) &* 0x0000_0100_0000_01B3
            hash ^= hash >> 29
            word = 0
        }
    }
    hash = (hash ^ word) &* 0x0000_0100_0000_01B3
    hash = (hash ^ count) &* 0x9E37_79B9_7F4A_7C15
    hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
    hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
    return hash ^ (hash >> 31)
}
