/// The header of a safetensors file: what is in the file and where. Nothing in it is used before all of it was checked.
///
/// The checks are those of the reference reader (github.com/huggingface/safetensors, `SafeTensors::read_metadata` and
/// `Metadata::validate`), plus: duplicate and unknown keys, and limits on names, ranks and the number of tensors.
struct SafetensorsHeader: Equatable {
    static let maximumHeaderBytes = 100_000_000
    static let maximumTensors = 100_000
    static let maximumNameBytes = 1024
    static let maximumRank = 32

    /// In the order of their bytes in the file.
    var tensors: [SafetensorsTensor]
    var metadata: [String: String]

    /// The length that the first eight bytes of a file give, checked against the size of the file.
    ///
    /// - Throws: `SafetensorsFault`.
    static func length(prefix: [UInt8], fileSize: Int) throws -> Int {
        guard fileSize >= 8, prefix.count >= 8 else {
            throw SafetensorsFault(offset: 0, "the file has \(fileSize) bytes; a safetensors file has at least 8")
        }
        let length = prefix.prefix(8).enumerated().reduce(UInt64(0)) { $0 | UInt64($1.element) << (8 * UInt64($1.offset)) }
        guard length <= UInt64(maximumHeaderBytes) else {
            throw SafetensorsFault(offset: 0, "the header would have \(length) bytes; at most \(maximumHeaderBytes) are allowed")
        }
        guard Int(length) <= fileSize - 8 else {
            throw SafetensorsFault(
                offset: 0, "the header would have \(length) bytes, the file has only \(fileSize - 8) after its length")
        }
        return Int(length)
    }

    /// Reads and checks `bytes`, the header without its length, of a file of `fileSize` bytes.
    ///
    /// - Throws: `SafetensorsFault`.
    /// - Complexity: O(bytes + n log n) for n tensors.
    init(parsing bytes: [UInt8], fileSize: Int) throws {
        let result = try bytes.withUnsafeBufferPointer { buffer in
            var parser = SafetensorsHeaderParser(bytes: buffer)
            try parser.parse()
            return (parser.entries, parser.metadata)
        }
        metadata = result.1
        let dataBytes = fileSize - 8 - bytes.count
        // Empty tensors share their place with the next one: the end decides between them.
        let ordered = result.0.sorted { ($0.begin, $0.end) < ($1.begin, $1.end) }
        var previousEnd = 0
        tensors = []
        tensors.reserveCapacity(ordered.count)
        for entry in ordered {
            guard entry.begin == previousEnd else {
                throw SafetensorsFault(
                    offset: entry.offset,
                    "tensor \(quoted(entry.name)) begins at \(entry.begin) of the data where \(previousEnd) was expected: "
                        + "tensors must follow each other without gap or overlap")
            }
            guard entry.end >= entry.begin else {
                throw SafetensorsFault(
                    offset: entry.offset,
                    "tensor \(quoted(entry.name)) ends at \(entry.end) of the data, before its begin at \(entry.begin)")
            }
            let byteCount = try SafetensorsHeader.byteCount(entry)
            guard entry.end - entry.begin == byteCount else {
                throw SafetensorsFault(
                    offset: entry.offset,
                    "tensor \(quoted(entry.name)) of \(entry.scalar.rawValue) \(entry.shape) needs \(byteCount) bytes; "
                        + "its place has \(entry.end - entry.begin)")
            }
            previousEnd = entry.end
            tensors.append(
                SafetensorsTensor(
                    name: entry.name, scalar: entry.scalar, shape: entry.shape, range: entry.begin ..< entry.end))
        }
        guard previousEnd == dataBytes else {
            let offset = 8 + bytes.count + min(previousEnd, dataBytes)
            let difference =
                previousEnd < dataBytes
                ? "\(dataBytes - previousEnd) bytes come after the last tensor"
                : "\(previousEnd - dataBytes) bytes are missing at the end"
            throw SafetensorsFault(offset: offset, "\(difference): the tensors have \(previousEnd) bytes, the file holds \(dataBytes)")
        }
    }

    private static func byteCount(_ entry: SafetensorsHeaderParser.Entry) throws -> Int {
        var count = 1
        for size in entry.shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: size)
            guard !overflow else {
                throw SafetensorsFault(
                    offset: entry.offset, "tensor \(quoted(entry.name)): the product of its shape \(entry.shape) is too large")
            }
            count = product
        }
        let (bits, overflow) = count.multipliedReportingOverflow(by: entry.scalar.bitCount)
        guard !overflow else {
            throw SafetensorsFault(
                offset: entry.offset, "tensor \(quoted(entry.name)): the size of its shape \(entry.shape) is too large")
        }
        guard bits % 8 == 0 else {
            throw SafetensorsFault(
                offset: entry.offset,
                "tensor \(quoted(entry.name)) of \(entry.scalar.rawValue) \(entry.shape) has \(bits) bits: not whole bytes")
        }
        return bits / 8
    }
}
