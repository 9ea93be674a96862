import PluginHost
public import SequenceModel

/// Rows of symbols given as they are: a JSON list of lists of whole numbers, all rows of one length.
public struct TokenRows: Sendable, Equatable {
    /// B
    public var rows: Int
    /// T
    public var length: Int
    /// [B, T]
    public var symbols: [Int32]
    /// True where a row holds the mask symbol: such rows can be evaluated, not scored.
    public var holdsMask: Bool

    /// Reads `json`, refusing with row and position what `shape` does not allow.
    ///
    /// - Throws: `ZooError` `.data`: not JSON, not a list of lists, no rows, rows of different lengths, a value that is not a whole
    ///   number, negative, or past the alphabet (the mask symbol is allowed).
    public init(json: [UInt8], shape: ModelShape, source: String = "token file") throws {
        let value: JSONValue
        do {
            value = try JSONParser.parse(json, maximumBytes: 256 << 20)
        } catch let error as SequenceModelError {
            throw ZooError(.data, "\(source): \(error.message)")
        }
        func refuse(_ text: String) -> ZooError {
            ZooError(.data, "\(source): \(text)", hint: "a list of lists of symbols, as in [[72, 105], [33, 10]]")
        }
        guard let lists = value.arrayValue else { throw refuse("\(value.kind) where a list of rows was expected") }
        guard !lists.isEmpty else { throw refuse("no rows") }
        var symbols: [Int32] = []
        var length = 0
        var holdsMask = false
        for (row, list) in lists.enumerated() {
            guard let items = list.arrayValue else {
                throw refuse("row \(row) is \(list.kind) where a list of symbols was expected")
            }
            guard !items.isEmpty else { throw refuse("row \(row) is empty") }
            if row == 0 { length = items.count }
            guard items.count == length else {
                throw refuse("row \(row) has \(items.count) symbols and row 0 has \(length); all must have as many")
            }
            for (position, item) in items.enumerated() {
                guard case .integer(let symbol) = item else {
                    throw refuse("row \(row), position \(position): \(item.kind) where a whole number was expected")
                }
                let isMask = shape.maskSymbol.map { Int64($0) == symbol } ?? false
                guard isMask || (symbol >= 0 && symbol < Int64(shape.alphabet)) else {
                    throw refuse(
                        "row \(row), position \(position): symbol \(symbol); allowed: 0 to \(shape.alphabet - 1)"
                            + (shape.maskSymbol.map { " and the mask \($0)" } ?? ""))
                }
                holdsMask = holdsMask || isMask
                symbols.append(Int32(symbol))
            }
        }
        if let limit = shape.maximumTokens, length > limit {
            throw refuse("rows have \(length) symbols; this model takes at most \(limit)")
        }
        rows = lists.count
        self.length = length
        self.symbols = symbols
        self.holdsMask = holdsMask
    }
}
