import Glibc

/// Looks at a plugin file before the dynamic linker does: opening a truncated library is a SIGBUS, not an error.
public enum PluginFile {
    /// The one function that a plugin exports.
    public static let entryPoint = "sm_plugin_query"

    /// Checks that `path` is a whole ELF shared library for this machine that exports the entry point.
    ///
    /// Throws `.plugin` with one message: missing, a directory, empty, not ELF, truncated (and at which segment),
    /// another architecture (both are named), a program, damaged, without the function. A file that passes may still
    /// crash in its constructors.
    ///
    /// - Complexity: a few small reads, whatever the size of the file.
    public static func inspect(_ path: String) throws -> PluginFileReport {
        let file = try FileReader(plugin: path)
        let segments = try readHeaders(of: file)
        try findEntryPoint(in: file, segments: segments)
        guard let resolved = realpath(path, nil) else { throw failure(file, String(cString: strerror(errno))) }
        defer { free(resolved) }
        return PluginFileReport(
            path: String(cString: resolved), byteCount: Int(file.size),
            identity: PluginFileIdentity(device: file.device, inode: file.inode),
            modificationTime: file.modificationTime, machine: ELFMachine.host.name)
    }

    private static let headerSize = 64

    private static func failure(_ file: FileReader, _ text: String, hint: String? = nil) -> ZooError {
        ZooError(.plugin, "\(file.path): \(text)", hint: hint)
    }

    private static func truncated(_ file: FileReader, _ what: String) -> ZooError {
        failure(file, "is truncated: \(what), the file has \(file.size) bytes", hint: "build or copy the plugin again")
    }

    /// The ELF header and the program headers, each checked against the size of the file.
    private static func readHeaders(of file: FileReader) throws -> [ELFSegment] {
        guard file.size > 0 else { throw failure(file, "is empty", hint: "build or copy the plugin again") }
        let magic: [UInt8] = [0x7F, 0x45, 0x4C, 0x46]
        let start = file.bytes(at: 0, count: Int(min(file.size, 4)))?.bytes ?? []
        guard start == Array(magic.prefix(start.count)), !start.isEmpty else {
            throw failure(file, "is not a shared library: it does not begin with the ELF magic number")
        }
        guard let identification = file.bytes(at: 0, count: 20) else {
            throw truncated(file, "the ELF header takes \(headerSize) bytes")
        }
        let machine = ELFMachine(number: identification.number(at: 18))
        let wordClass: UInt8 = identification.number(at: 4)
        guard wordClass == 2 else {
            guard wordClass == 1 else { throw failure(file, "is damaged: ELF class \(wordClass); allowed: 1 and 2") }
            throw failure(
                file, "is a 32-bit library for \(machine.name); this program is 64-bit for \(ELFMachine.host.name)")
        }
        let order: UInt8 = identification.number(at: 5)
        guard order == 1 else {
            throw failure(
                file,
                order == 2
                    ? "is a big-endian library; this program is little-endian for \(ELFMachine.host.name)"
                    : "is damaged: ELF byte order \(order); allowed: 1 and 2")
        }
        guard machine == .host else {
            throw failure(file, "is built for \(machine.name); this program is for \(ELFMachine.host.name)")
        }
        guard let header = file.bytes(at: 0, count: headerSize) else {
            throw truncated(file, "the ELF header takes \(headerSize) bytes")
        }
        let type: UInt16 = header.number(at: 16)
        guard type == 3 else {
            let names: [UInt16: String] = [1: "an object file", 2: "a program", 4: "a core dump"]
            throw failure(file, "is \(names[type] ?? "an ELF file of type \(type)"), not a shared library")
        }
        let segments = try readSegments(of: file, header: header)
        try checkSectionTable(of: file, header: header)
        return segments
    }

    private static func readSegments(of file: FileReader, header: LittleEndianBytes) throws -> [ELFSegment] {
        let tableOffset: UInt64 = header.number(at: 32)
        let entrySize: UInt16 = header.number(at: 54)
        let count: UInt16 = header.number(at: 56)
        guard entrySize == ELFSegment.headerSize, count > 0, count < 0xFFFF else {
            throw failure(file, "is damaged: \(count) program headers of \(entrySize) bytes")
        }
        let length = Int(count) * ELFSegment.headerSize
        guard let table = file.bytes(at: tableOffset, count: length) else {
            throw truncated(file, "the \(count) program headers take \(length) bytes from \(tableOffset) on")
        }
        let segments = (0 ..< Int(count)).map { ELFSegment(table, at: $0 * ELFSegment.headerSize) }
        for (index, segment) in segments.enumerated() where segment.fileSize > 0 {
            let (end, overflow) = segment.offset.addingReportingOverflow(segment.fileSize)
            guard !overflow, end <= file.size else {
                let place = "\(segment.fileSize) bytes from \(segment.offset) on"
                throw truncated(file, "segment \(index) (\(segment.name)) takes \(place)")
            }
            guard segment.type != ELFSegment.load || segment.fitsMemory else {
                throw failure(file, "is damaged: segment \(index) (\(segment.name)) does not fit into memory")
            }
        }
        let loaded = segments.filter { $0.type == ELFSegment.load }
        guard !loaded.isEmpty else { throw failure(file, "is damaged: it has no segment to load") }
        // The loader makes room from the first to the last and puts each where it says: out of order they land on other libraries.
        for (before, after) in zip(loaded, loaded.dropFirst()) where before.address + before.memorySize > after.address {
            throw failure(
                file, "is damaged: a segment at address \(after.address) comes after one that ends at \(before.address + before.memorySize)")
        }
        // What becomes read-only after loading must be the library's own.
        for (index, segment) in segments.enumerated() where segment.type == ELFSegment.readOnlyLater && segment.memorySize > 0 {
            let isInside = segment.fitsMemory
                && loaded.contains { $0.address <= segment.address && segment.address + segment.memorySize <= $0.pageEnd }
            guard isInside else { throw failure(file, "is damaged: segment \(index) (\(segment.name)) lies outside those that are loaded") }
        }
        return segments
    }

    /// The loader does without section headers, but a file that lost them was not copied whole.
    private static func checkSectionTable(of file: FileReader, header: LittleEndianBytes) throws {
        let offset: UInt64 = header.number(at: 40)
        let entrySize: UInt16 = header.number(at: 58)
        let count: UInt16 = header.number(at: 60)
        guard offset > 0, count > 0 else { return }
        let (end, overflow) = offset.addingReportingOverflow(UInt64(entrySize) * UInt64(count))
        guard !overflow, end <= file.size else {
            throw truncated(
                file, "the section table takes \(UInt64(entrySize) * UInt64(count)) bytes from \(offset) on")
        }
    }

    private static func findEntryPoint(in file: FileReader, segments: [ELFSegment]) throws {
        guard let dynamic = segments.first(where: { $0.type == ELFSegment.dynamic && $0.fileSize > 0 }) else {
            throw failure(file, "is not a shared library: it has no dynamic segment")
        }
        let limit = UInt64(ELFDynamicTable.maximumEntries * ELFDynamicTable.entrySize)
        guard dynamic.fileSize <= limit, let bytes = file.bytes(at: dynamic.offset, count: Int(dynamic.fileSize)) else {
            throw failure(file, "is damaged: its dynamic segment has \(dynamic.fileSize) bytes")
        }
        let table = ELFDynamicTable(bytes)
        for part in table.tables where part.size > 0 {
            guard segments.contains(where: { $0.fileOffset(of: part.address, length: part.size) != nil }) else {
                throw failure(file, "is damaged: its \(part.name) leads outside the file")
            }
        }
        guard !table.isProgram else { throw failure(file, "is a program, not a shared library") }
        let finding: ELFSymbolLookup.Finding
        do {
            finding = try ELFSymbolLookup(file: file, segments: segments, table: table).find(entryPoint)
        } catch {
            throw failure(file, error.what)
        }
        switch finding {
        case .function: return
        case .absent: throw failure(file, "is not a plugin: it does not export \(entryPoint)")
        case .undefined: throw failure(file, "is not a plugin: it refers to \(entryPoint) but does not define it")
        case .hidden: throw failure(file, "is not a plugin: it defines \(entryPoint) but does not export it")
        case .notFunction: throw failure(file, "is not a plugin: its \(entryPoint) is not a function")
        }
    }
}
