/// What the dynamic linker reads of a shared library: the entries of PT_DYNAMIC that lead to symbols and relocations.
struct ELFDynamicTable {
    /// Tags of entries; the comments of elf.h say what they are.
    enum Tag: UInt64 {
        case relocationTableSize = 2
        case hash = 4
        case strings = 5
        case symbols = 6
        case relocations = 7
        case relocationsSize = 8
        case stringsSize = 10
        case symbolSize = 11
        case jumpRelocations = 23
        case initialisers = 25
        case finalisers = 26
        case initialisersSize = 27
        case finalisersSize = 28
        case gnuHash = 0x6FFF_FEF5
        case flags1 = 0x6FFF_FFFB
    }

    static let entrySize = 16
    /// More entries than any linker writes.
    static let maximumEntries = 1 << 12
    private static let positionIndependentExecutable: UInt64 = 0x0800_0000

    private var values: [Tag: UInt64] = [:]

    init(_ bytes: LittleEndianBytes) {
        for start in stride(from: 0, through: bytes.count - ELFDynamicTable.entrySize, by: ELFDynamicTable.entrySize) {
            let number: UInt64 = bytes.number(at: start)
            if number == 0 { break }
            if let tag = Tag(rawValue: number) { values[tag] = bytes.number(at: start + 8) }
        }
    }

    subscript(tag: Tag) -> UInt64? { values[tag] }

    var isProgram: Bool { (values[.flags1] ?? 0) & ELFDynamicTable.positionIndependentExecutable != 0 }

    /// Tables that the loader walks before any of our checks could run, with their sizes.
    var tables: [(name: String, address: UInt64, size: UInt64)] {
        let pairs: [(String, Tag, Tag)] = [
            ("string table", .strings, .stringsSize), ("relocation table", .relocations, .relocationsSize),
            ("jump relocation table", .jumpRelocations, .relocationTableSize),
            ("initialiser table", .initialisers, .initialisersSize),
            ("finaliser table", .finalisers, .finalisersSize),
        ]
        return pairs.compactMap { name, address, size in
            values[address].map { (name, $0, values[size] ?? 0) }
        }
    }
}
