import Foundation
import Testing
import TestSupport

@testable import PluginHost

/// Everything that can be wrong with a file before it is loaded, one message each.
@Suite struct PluginFileTests {
    private let folder: String
    private let honest: [UInt8]

    init() throws {
        folder = try TemporaryFolder.make()
        honest = Array(try Data(contentsOf: URL(fileURLWithPath: TestPlugins.bigram.get())))
    }

    private func write(_ bytes: some Collection<UInt8>) throws -> String {
        let path = "\(folder)/\(UUID().uuidString).so"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return path
    }

    /// What `inspect` says of a file with these bytes, without the path.
    private func verdict(_ bytes: some Collection<UInt8>) throws -> String {
        let path = try write(bytes)
        return outcome { try PluginFile.inspect(path) }.replacingOccurrences(of: "\(path): ", with: "")
    }

    /// The honest plugin with `bytes` written at `offset`.
    private func patched(_ offset: Int, _ bytes: UInt8...) -> [UInt8] {
        var copy = honest
        copy.replaceSubrange(offset ..< offset + bytes.count, with: bytes)
        return copy
    }

    private func number<Value: FixedWidthInteger>(_ type: Value.Type, _ offset: Int) -> Int {
        Int(LittleEndianBytes(honest).number(type, at: offset))
    }

    private var segments: [ELFSegment] {
        let table = LittleEndianBytes(honest)
        return (0 ..< number(UInt16.self, 56)).map { ELFSegment(table, at: number(UInt64.self, 32) + 56 * $0) }
    }

    @Test func acceptsAnHonestPlugin() throws {
        let path = try TestPlugins.bigram.get()
        let link = "\(folder)/link.so"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
        let report = try PluginFile.inspect(link)
        #expect(report.path == path)
        #expect(report.byteCount == honest.count)
        #expect(report.machine == ELFMachine.host.name)
        #expect(try PluginFile.inspect(path).identity == report.identity)
    }

    @Test func missing() {
        #expect(outcome { try PluginFile.inspect("\(folder)/none.so") } == "plugin: \(folder)/none.so: no such file")
        #expect(
            outcome { try PluginFile.inspect("\(folder)/none/x.so") } == "plugin: \(folder)/none/x.so: no such file")
    }

    @Test func directory() {
        #expect(outcome { try PluginFile.inspect(folder) } == "plugin: \(folder): is a directory, not a plugin file")
    }

    /// A named pipe would block for ever if it were opened like a file.
    @Test func pipe() throws {
        let path = "\(folder)/pipe.so"
        try #require(mkfifo(path, 0o600) == 0)
        #expect(outcome { try PluginFile.inspect(path) } == "plugin: \(path): is not a regular file")
    }

    @Test(.enabled(if: geteuid() != 0, "root may read everything"))
    func unreadable() throws {
        let path = try write(honest)
        try #require(chmod(path, 0) == 0)
        #expect(outcome { try PluginFile.inspect(path) } == "plugin: \(path): no permission to read it")
    }

    @Test func empty() throws { #expect(try verdict([]) == "plugin: is empty") }

    @Test func notELF() throws {
        let message = "plugin: is not a shared library: it does not begin with the ELF magic number"
        #expect(try verdict("#!/bin/sh\n".utf8) == message)
        #expect(try verdict([0x7F]) != message)
        #expect(try verdict([0x7F, 0x45, 0x4D]) == message)
    }

    @Test func wrongArchitecture() throws {
        let own = ELFMachine.host.name
        let other = ELFMachine.host.number == 183 ? (UInt8(62), "x86-64") : (UInt8(183), "ARM (64-bit)")
        #expect(try verdict(patched(18, other.0, 0)) == "plugin: is built for \(other.1); this program is for \(own)")
        #expect(
            try verdict(patched(18, 0xF3, 0)) == "plugin: is built for RISC-V; this program is for \(own)")
        #expect(
            try verdict(patched(18, 0x34, 0x12))
                == "plugin: is built for machine number 4660; this program is for \(own)")
        var narrow = patched(18, 3, 0)
        narrow[4] = 1
        #expect(
            try verdict(narrow) == "plugin: is a 32-bit library for x86 (32-bit); this program is 64-bit for \(own)")
        #expect(
            try verdict(patched(5, 2)) == "plugin: is a big-endian library; this program is little-endian for \(own)")
        #expect(try verdict(patched(4, 9)) == "plugin: is damaged: ELF class 9; allowed: 1 and 2")
        #expect(try verdict(patched(5, 0)) == "plugin: is damaged: ELF byte order 0; allowed: 1 and 2")
    }

    @Test func wrongKindOfELF() throws {
        #expect(try verdict(patched(16, 1, 0)) == "plugin: is an object file, not a shared library")
        #expect(try verdict(patched(16, 2, 0)) == "plugin: is a program, not a shared library")
        #expect(try verdict(patched(16, 4, 0)) == "plugin: is a core dump, not a shared library")
        #expect(try verdict(patched(16, 9, 0)) == "plugin: is an ELF file of type 9, not a shared library")
    }

    /// A position-independent program is a shared object by its type.
    @Test func program() throws {
        let own = try #require(realpath("/proc/self/exe", nil).map { String(cString: $0) })
        let text = outcome { try PluginFile.inspect(own) }
        #expect(text == "plugin: \(own): is a program, not a shared library")
    }

    @Test func truncatedAtEveryBorderOfASegment() throws {
        let borders = Set(segments.flatMap { [Int($0.offset), Int($0.offset + $0.fileSize)] }).filter {
            $0 < honest.count
        }
        #expect(borders.count > 6)
        for border in borders.sorted() {
            for length in [border - 1, border, border + 1] where length >= 0 && length < honest.count {
                let text = try verdict(honest.prefix(length))
                let expected = length == 0 ? "plugin: is empty" : "plugin: is truncated: "
                #expect(text.hasPrefix(expected), "cut to \(length) bytes: \(text)")
            }
        }
    }

    @Test func truncationIsDescribed() throws {
        #expect(
            try verdict(honest.prefix(3)) == "plugin: is truncated: the ELF header takes 64 bytes, the file has 3 bytes"
        )
        #expect(
            try verdict(honest.prefix(63))
                == "plugin: is truncated: the ELF header takes 64 bytes, the file has 63 bytes")
        let count = segments.count
        #expect(
            try verdict(honest.prefix(64 + 56 * count - 1))
                == "plugin: is truncated: the \(count) program headers take \(56 * count) bytes from 64 on, "
                + "the file has \(64 + 56 * count - 1) bytes")
        let last = try #require(segments.lastIndex { $0.type == ELFSegment.load })
        let segment = segments[last]
        let length = Int(segment.offset + segment.fileSize) - 1
        let text = try verdict(honest.prefix(length))
        #expect(text.contains("bytes from") && text.hasSuffix("the file has \(length) bytes"))
        #expect(
            try verdict(honest.dropLast()).hasPrefix("plugin: is truncated: the section table takes "))
    }

    /// No cut at all passes, so none reaches the dynamic linker, which some of them would kill.
    @Test func noCutPasses() throws {
        for length in stride(from: 0, to: honest.count, by: 97) {
            #expect(try verdict(honest.prefix(length)).hasPrefix("plugin: is "), "cut to \(length) bytes")
        }
    }

    @Test func numbersThatWrapAround() throws {
        let table = number(UInt64.self, 32)
        let load = try #require(segments.firstIndex { $0.type == ELFSegment.load })
        let header = table + 56 * load
        let huge: [UInt8] = [0xF0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]
        func patched(_ offset: Int) -> [UInt8] {
            var copy = honest
            copy.replaceSubrange(offset ..< offset + 8, with: huge)
            return copy
        }
        for offset in [32, 40] {
            #expect(try verdict(patched(offset)).hasPrefix("plugin: is truncated: the "), "field at \(offset)")
        }
        for field in [8, 32] {
            #expect(
                try verdict(patched(header + field)).hasPrefix(
                    "plugin: is truncated: segment \(load) (PT_LOAD) takes "),
                "field at \(field)")
        }
        for field in [16, 40] {
            let text = try verdict(patched(header + field))
            #expect(
                text == "plugin: is damaged: segment \(load) (PT_LOAD) does not fit into memory", "field at \(field)")
        }
    }

    @Test func programHeadersThatAreNone() throws {
        #expect(try verdict(patched(54, 12, 0)).hasPrefix("plugin: is damaged: "))
        #expect(try verdict(patched(56, 0, 0)) == "plugin: is damaged: 0 program headers of 56 bytes")
        #expect(try verdict(patched(56, 0xFF, 0xFF)) == "plugin: is damaged: 65535 program headers of 56 bytes")
    }

    @Test func noDynamicSegment() throws {
        let index = try #require(segments.firstIndex { $0.type == ELFSegment.dynamic })
        let bytes = patched(number(UInt64.self, 32) + 56 * index, 4, 0, 0, 0)
        #expect(try verdict(bytes) == "plugin: is not a shared library: it has no dynamic segment")
    }

    /// Every entry of the dynamic segment in turn points far away: an error or, for entries that nobody needs, none;
    /// never a trap.
    @Test func dynamicEntriesThatLeadAstray() throws {
        let dynamic = try #require(segments.first { $0.type == ELFSegment.dynamic })
        let start = Int(dynamic.offset)
        var messages: Set<String> = []
        for entry in stride(from: start, to: start + Int(dynamic.fileSize), by: 16) {
            for value in [UInt64(0), 1, 0x7FFF_FFFF, .max - 8, .max] {
                var bytes = honest
                withUnsafeBytes(of: value.littleEndian) { bytes.replaceSubrange(entry + 8 ..< entry + 16, with: $0) }
                messages.insert(try verdict(bytes))
            }
        }
        for part in ["string table", "relocation table", "symbol hash table", "initialiser table"] {
            #expect(messages.contains("plugin: is damaged: its \(part) leads outside the file"), "\(part)")
        }
    }

    /// Single bits of the headers and of the dynamic part, in turn: an answer every time.
    @Test func flippedBits() throws {
        let dynamic = try #require(segments.first { $0.type == ELFSegment.dynamic })
        let headers = 0 ..< 64 + 56 * segments.count
        let parts = [Array(headers), Array(Int(dynamic.offset) ..< Int(dynamic.offset + dynamic.fileSize))].joined()
        var refused = 0
        for (count, offset) in parts.enumerated() {
            let text = try verdict(patched(offset, honest[offset] ^ (1 << UInt8(count % 8))))
            if text.hasPrefix("plugin: ") { refused += 1 } else { #expect(text.hasPrefix("no error: ")) }
        }
        #expect(refused > 100)
    }

    @Test(arguments: [
        ([], "is not a plugin: it does not export sm_plugin_query"),
        (["DATA"], "is not a plugin: its sm_plugin_query is not a function"),
        (["IMPORT"], "is not a plugin: it refers to sm_plugin_query but does not define it"),
        (["HIDDEN"], "is not a plugin: it does not export sm_plugin_query"),
    ])
    func withoutTheFunction(defines: [String], message: String) throws {
        for style in ["gnu", "sysv", "both"] {
            let path = try TestPlugins.compile(
                "no_entry.c", defines: defines, flags: ["-fvisibility=default", "-Wl,--hash-style=\(style)"])
            #expect(outcome { try PluginFile.inspect(path) } == "plugin: \(path): \(message)", "\(style)")
        }
    }

    /// Both kinds of symbol hash table, with and without section headers.
    @Test(arguments: ["gnu", "sysv", "both"])
    func findsTheFunction(style: String) throws {
        let path = try TestPlugins.compile("bigram.c", flags: ["-Wl,--hash-style=\(style)", "-s"])
        #expect(throws: Never.self) { try PluginFile.inspect(path) }
        var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        // e_shoff and e_shnum: no section table.
        bytes.replaceSubrange(40 ..< 48, with: [UInt8](repeating: 0, count: 8))
        bytes.replaceSubrange(60 ..< 62, with: [0, 0])
        #expect(try verdict(bytes).hasPrefix("no error: "))
    }
}
