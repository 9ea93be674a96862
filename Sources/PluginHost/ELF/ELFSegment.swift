/// One program header of an ELF file: a part of the file and where it goes in memory.
struct ELFSegment {
    static let headerSize = 56
    static let load: UInt32 = 1
    static let dynamic: UInt32 = 2
    /// PT_GNU_RELRO
    static let readOnlyLater: UInt32 = 0x6474_E552

    let type: UInt32
    let isExecutable: Bool
    let offset: UInt64
    let address: UInt64
    let fileSize: UInt64
    let memorySize: UInt64

    init(_ header: LittleEndianBytes, at start: Int) {
        type = header.number(at: start)
        isExecutable = header.number(UInt32.self, at: start + 4) & 1 != 0
        offset = header.number(at: start + 8)
        address = header.number(at: start + 16)
        fileSize = header.number(at: start + 32)
        memorySize = header.number(at: start + 40)
    }

    var name: String {
        let names: [UInt32: String] = [
            0: "PT_NULL", 1: "PT_LOAD", 2: "PT_DYNAMIC", 3: "PT_INTERP", 4: "PT_NOTE", 6: "PT_PHDR", 7: "PT_TLS",
            0x6474_E550: "PT_GNU_EH_FRAME", 0x6474_E551: "PT_GNU_STACK", 0x6474_E552: "PT_GNU_RELRO",
            0x6474_E553: "PT_GNU_PROPERTY",
        ]
        return names[type] ?? "type \(type)"
    }

    /// Whether it could be mapped: no larger than an address space, and not smaller in memory than in the file.
    var fitsMemory: Bool {
        let addressSpace: UInt64 = 1 << 47
        return address < addressSpace && memorySize < addressSpace - address && fileSize <= memorySize
    }

    /// Where in memory the last page of it ends, of the largest pages that Linux uses for programs (64 KiB).
    var pageEnd: UInt64 { (address + memorySize + 0xFFFF) & ~0xFFFF }

    /// Where in the file the bytes at memory `target ..< target + length` are; nil when they are not all in this
    /// segment's file part.
    func fileOffset(of target: UInt64, length: UInt64) -> UInt64? {
        guard type == ELFSegment.load, target >= address else { return nil }
        let inside = target - address
        guard inside <= fileSize, length <= fileSize - inside else { return nil }
        return offset + inside
    }
}
