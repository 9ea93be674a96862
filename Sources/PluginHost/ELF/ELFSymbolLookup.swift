/// Finds a dynamic symbol without section headers, the way the dynamic linker does: through DT_GNU_HASH or DT_HASH
/// (System V ABI, chapter 5; Drepper 2011, "How To Write Shared Libraries").
struct ELFSymbolLookup {
    enum Finding: Equatable {
        case absent
        /// Referred to, to be found elsewhere.
        case undefined
        /// A variable or something else that cannot be called.
        case notFunction
        /// Defined, but not visible to the loader.
        case hidden
        case function(address: UInt64)
    }

    /// A table that leads outside the file.
    struct Damage: Error {
        let what: String
    }

    private static let symbolSize: UInt64 = 24
    /// Longest hash chain that is followed: chains of real libraries have a handful of links.
    private static let maximumSteps = 100_000

    let file: FileReader
    let segments: [ELFSegment]
    let table: ELFDynamicTable

    func find(_ name: String) throws(Damage) -> Finding {
        guard table[.symbols] != nil, table[.strings] != nil else { throw Damage(what: "has no dynamic symbol table") }
        guard table[.symbolSize] ?? ELFSymbolLookup.symbolSize == ELFSymbolLookup.symbolSize else {
            throw Damage(what: "has dynamic symbols of \(table[.symbolSize] ?? 0) bytes instead of 24")
        }
        var finding = Finding.absent
        if let hash = table[.gnuHash] {
            finding = try findGNU(name, in: hash)
        } else if let hash = table[.hash] {
            finding = try findSystemV(name, in: hash)
        } else {
            throw Damage(what: "has no symbol hash table (DT_GNU_HASH or DT_HASH)")
        }
        return finding
    }

    private func word(at address: UInt64) throws(Damage) -> UInt32 {
        try read(address, 4, "symbol hash table").number(at: 0)
    }

    private func read(_ address: UInt64, _ count: Int, _ what: String) throws(Damage) -> LittleEndianBytes {
        for segment in segments {
            if let offset = segment.fileOffset(of: address, length: UInt64(count)),
                let bytes = file.bytes(at: offset, count: count)
            {
                return bytes
            }
        }
        throw Damage(what: "is damaged: its \(what) leads outside the file")
    }

    private func offset(_ base: UInt64, _ index: UInt64, times size: UInt64) throws(Damage) -> UInt64 {
        let (product, overflow) = index.multipliedReportingOverflow(by: size)
        let (sum, carry) = base.addingReportingOverflow(product)
        guard !overflow, !carry else { throw Damage(what: "is damaged: its symbol hash table leads outside the file") }
        return sum
    }

    private func findGNU(_ name: String, in hash: UInt64) throws(Damage) -> Finding {
        let header = try read(hash, 16, "symbol hash table")
        let bucketCount: UInt32 = header.number(at: 0)
        let firstSymbol: UInt32 = header.number(at: 4)
        let filterWords: UInt32 = header.number(at: 8)
        guard bucketCount > 0 else { return .absent }
        let buckets = try offset(try offset(hash, 1, times: 16), UInt64(filterWords), times: 8)
        let chains = try offset(buckets, UInt64(bucketCount), times: 4)
        let key = name.utf8.reduce(UInt32(5381)) { $0 &* 33 &+ UInt32($1) }
        var index = try word(at: try offset(buckets, UInt64(key % bucketCount), times: 4))
        guard index >= firstSymbol else { return .absent }
        var undefinedSeen = Finding.absent
        for _ in 0 ..< ELFSymbolLookup.maximumSteps {
            let link = try word(at: try offset(chains, UInt64(index - firstSymbol), times: 4))
            if link | 1 == key | 1 {
                let finding = try symbol(UInt64(index), named: name)
                if finding != .absent { undefinedSeen = finding }
                if case .function = finding { return finding }
            }
            if link & 1 != 0 { break }
            guard index < UInt32.max else { break }
            index += 1
        }
        // Symbols that are only imported stand before the hashed ones.
        if undefinedSeen == .absent {
            for index in 1 ..< max(UInt64(min(firstSymbol, UInt32(ELFSymbolLookup.maximumSteps))), 1) {
                let finding = try symbol(index, named: name)
                if finding != .absent { return finding }
            }
        }
        return undefinedSeen
    }

    private func findSystemV(_ name: String, in hash: UInt64) throws(Damage) -> Finding {
        let header = try read(hash, 8, "symbol hash table")
        let bucketCount: UInt32 = header.number(at: 0)
        let chainCount: UInt32 = header.number(at: 4)
        guard bucketCount > 0 else { return .absent }
        var key: UInt32 = 0
        for byte in name.utf8 {
            key = (key << 4) &+ UInt32(byte)
            let high = key & 0xF000_0000
            key = (key ^ (high >> 24)) & ~high
        }
        let buckets = try offset(hash, 1, times: 8)
        let chains = try offset(buckets, UInt64(bucketCount), times: 4)
        var index = try word(at: try offset(buckets, UInt64(key % bucketCount), times: 4))
        var found = Finding.absent
        for _ in 0 ..< min(Int(chainCount), ELFSymbolLookup.maximumSteps) where index != 0 {
            let finding = try symbol(UInt64(index), named: name)
            if finding != .absent { found = finding }
            if case .function = finding { break }
            index = try word(at: try offset(chains, UInt64(index), times: 4))
        }
        return found
    }

    private func symbol(_ index: UInt64, named name: String) throws(Damage) -> Finding {
        guard let symbols = table[.symbols], let strings = table[.strings] else { return .absent }
        let record = try read(
            try offset(symbols, index, times: ELFSymbolLookup.symbolSize), Int(ELFSymbolLookup.symbolSize),
            "dynamic symbol table")
        let nameOffset: UInt32 = record.number(at: 0)
        let wanted = Array(name.utf8) + [0]
        guard let limit = table[.stringsSize], UInt64(nameOffset) + UInt64(wanted.count) <= limit else {
            return .absent
        }
        let text = try read(try offset(strings, UInt64(nameOffset), times: 1), wanted.count, "string table")
        guard text.bytes == wanted else { return .absent }
        let information: UInt8 = record.number(at: 4)
        let visibility: UInt8 = record.number(at: 5)
        let section: UInt16 = record.number(at: 6)
        let address: UInt64 = record.number(at: 8)
        guard section != 0 else { return .undefined }
        // STB_LOCAL; STV_INTERNAL and STV_HIDDEN.
        guard information >> 4 != 0, ![1, 2].contains(visibility & 3) else { return .hidden }
        // STT_FUNC, or STT_GNU_IFUNC, which the loader resolves to one.
        let isFunction = [2, 10].contains(information & 15)
        let isCode = segments.contains { $0.isExecutable && $0.fileOffset(of: address, length: 1) != nil }
        return isFunction && isCode ? .function(address: address) : .notFunction
    }
}
