extension PluginFile {
    /// Most symbols that are looked at: more than any plugin has.
    private static let maximumSymbols = 1 << 20

    /// Reads symbols, run paths and needed libraries of a file that `inspect` accepts. Throws `.plugin` as it does, and for
    /// tables that lead outside the file.
    ///
    /// - Complexity: O(symbols)
    public static func symbols(_ path: String) throws -> PluginFileSymbols {
        _ = try inspect(path)
        let file = try FileReader(plugin: path)
        func damaged(_ what: String) -> ZooError { ZooError(.plugin, "\(path): is damaged: its \(what) leads outside the file") }
        guard let header = file.bytes(at: 0, count: 64) else { throw damaged("ELF header") }
        let count = Int(header.number(UInt16.self, at: 56))
        guard let table = file.bytes(at: header.number(at: 32), count: count * ELFSegment.headerSize) else {
            throw damaged("program header table")
        }
        let segments = (0 ..< count).map { ELFSegment(table, at: $0 * ELFSegment.headerSize) }
        guard let dynamic = segments.first(where: { $0.type == ELFSegment.dynamic && $0.fileSize > 0 }),
            let entries = file.bytes(at: dynamic.offset, count: Int(clamping: dynamic.fileSize))
        else { throw damaged("dynamic segment") }
        func read(_ address: UInt64, _ length: Int, _ what: String) throws -> LittleEndianBytes {
            for segment in segments {
                if let offset = segment.fileOffset(of: address, length: UInt64(length)),
                    let bytes = file.bytes(at: offset, count: length)
                {
                    return bytes
                }
            }
            throw damaged(what)
        }
        let known = ELFDynamicTable(entries)
        guard let stringsAddress = known[.strings], let stringsSize = known[.stringsSize], stringsSize < 1 << 28 else {
            throw damaged("string table")
        }
        let strings = try read(stringsAddress, Int(stringsSize), "string table").bytes
        func text(_ offset: UInt64) -> String {
            guard let start = Int(exactly: offset), start < strings.count else { return "" }
            return String(decoding: strings[start...].prefix { $0 != 0 }, as: UTF8.self)
        }
        func texts(tags: Set<UInt64>) -> [String] {
            stride(from: 0, through: entries.count - ELFDynamicTable.entrySize, by: ELFDynamicTable.entrySize).compactMap { start in
                tags.contains(entries.number(at: start)) ? text(entries.number(at: start + 8)) : nil
            }
        }
        let runPaths = texts(tags: [15, 29]).flatMap { $0.split(separator: ":").map(String.init) }
        let symbolCount = try countSymbols(known, read)
        var exported: Set<String> = []
        if let address = known[.symbols], symbolCount > 0 {
            let symbols = try read(address, symbolCount * 24, "dynamic symbol table")
            for index in 1 ..< max(symbolCount, 1) {
                let start = index * 24
                let information: UInt8 = symbols.number(at: start + 4)
                let visibility: UInt8 = symbols.number(at: start + 5)
                let section: UInt16 = symbols.number(at: start + 6)
                // Undefined, local, or hidden; 0xFFF1 is the name of a version, which is no symbol.
                guard section != 0, section != 0xFFF1, information >> 4 != 0, ![1, 2].contains(visibility & 3) else { continue }
                exported.insert(text(UInt64(symbols.number(UInt32.self, at: start))))
            }
        }
        return PluginFileSymbols(exported: exported.sorted(), runPaths: runPaths, needed: texts(tags: [1]))
    }

    /// Neither hash table says it outright: DT_HASH has as many chains as symbols, DT_GNU_HASH ends with the last chain.
    private static func countSymbols(
        _ table: ELFDynamicTable, _ read: (UInt64, Int, String) throws -> LittleEndianBytes
    ) throws -> Int {
        let what = "symbol hash table"
        if let hash = table[.hash] { return Int(min(try read(hash + 4, 4, what).number(UInt32.self, at: 0), UInt32(maximumSymbols))) }
        guard let hash = table[.gnuHash] else { return 0 }
        let header = try read(hash, 16, what)
        let bucketCount = Int(header.number(UInt32.self, at: 0))
        let first = Int(header.number(UInt32.self, at: 4))
        let filterWords = Int(header.number(UInt32.self, at: 8))
        guard bucketCount <= maximumSymbols, filterWords <= maximumSymbols else { return 0 }
        let buckets = hash &+ 16 &+ UInt64(filterWords) * 8
        let starts = try read(buckets, bucketCount * 4, what)
        var last = (0 ..< bucketCount).map { Int(starts.number(UInt32.self, at: $0 * 4)) }.max() ?? 0
        guard last >= first else { return first }
        let chains = buckets &+ UInt64(bucketCount) * 4
        while last - first < maximumSymbols {
            if try read(chains &+ UInt64(last - first) * 4, 4, what).number(UInt32.self, at: 0) & 1 != 0 { break }
            last += 1
        }
        return last + 1
    }
}
