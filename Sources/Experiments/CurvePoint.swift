/// One point of a learning curve: in JSON `[tokens, bits_per_byte]`.
public struct CurvePoint: Codable, Sendable, Equatable {
    /// Training tokens seen.
    public var tokens: Int
    /// Of the split that `ResultRow.curveSplit` names.
    public var bitsPerByte: Double

    /// `bitsPerByte` is finite: JSON has no word for anything else.
    public init(tokens: Int, bitsPerByte: Double) {
        self.tokens = tokens
        self.bitsPerByte = bitsPerByte
    }

    /// Throws `DecodingError` unless it is an array of exactly two numbers.
    public init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        tokens = try container.decode(Int.self)
        bitsPerByte = try container.decode(Double.self)
        guard container.isAtEnd else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "a point of a curve has two numbers: tokens and bits per byte")
        }
    }

    /// An array of two numbers, tokens first.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        try container.encode(tokens)
        try container.encode(bitsPerByte)
    }
}
