import Foundation
import TestSupport
import Testing

/// Somebody asks for a model whose plugin cannot be used: `zoo train` and `zoo compare` say which file, and why.
struct BadPluginTests {
    /// What is wrong, and what stderr says after the path of the file.
    static let faults: [(String, String)] = [
        ("empty", "is empty"),
        ("text", "is not a shared library: it does not begin with the ELF magic number"),
        ("folder", "is a directory, not a plugin file"),
        ("cut in the header", "is truncated: the ELF header takes 64 bytes, the file has 40 bytes"),
        ("cut in the middle", "is truncated: "),
        ("other machine", "is built for RISC-V; this program is for "),
        ("no symbol", "is not a plugin: it does not export sm_plugin_query"),
        ("older", "speaks version 0.7 of the plugin interface; this program speaks 1.0"),
        ("newer", "speaks version 2.0 of the plugin interface; this program speaks 1.0"),
        ("crash", "crashed (Segmentation fault) while it was loaded, in a process of its own"),
        ("exit", "ended the process with status 0 while it was loaded, in a process of its own"),
    ]

    /// The path of a plugin with this fault.
    private func plugin(_ fault: String) throws -> String {
        let path = try TemporaryFolder.make() + "/lib.so"
        let honest = try Data(contentsOf: URL(fileURLWithPath: TestPlugins.bigram.get()))
        switch fault {
        case "empty": try Data().write(to: URL(fileURLWithPath: path))
        case "text": try Data("#!/bin/sh\n".utf8).write(to: URL(fileURLWithPath: path))
        case "folder":
            try FileManager.default.createDirectory(atPath: path + "/x.so", withIntermediateDirectories: true)
        case "cut in the header": try honest.prefix(40).write(to: URL(fileURLWithPath: path))
        case "cut in the middle": try honest.prefix(honest.count / 2).write(to: URL(fileURLWithPath: path))
        case "other machine":
            var bytes = honest
            bytes.replaceSubrange(18 ..< 20, with: [0xF3, 0])
            try bytes.write(to: URL(fileURLWithPath: path))
        case "no symbol": return try TestPlugins.compile("no_entry.c", flags: ["-fvisibility=default"])
        case "older": return try TestPlugins.compile("misbehaving.c", defines: ["FAULT_OLDER_MAJOR"])
        case "newer": return try TestPlugins.compile("misbehaving.c", defines: ["FAULT_NEWER_MAJOR"])
        case "crash": return try TestPlugins.compile("constructor.c", defines: ["CRASH"])
        default: return try TestPlugins.compile("constructor.c", defines: ["EXIT"])
        }
        return path
    }

    /// In a folder it is passed over: who asks for a model that may have been in it hears of it.
    @Test(arguments: faults.indices) func isNamed(_ index: Int) throws {
        let (fault, message) = BadPluginTests.faults[index]
        let file = fault == "folder" ? try plugin(fault) + "/x.so" : try plugin(fault)
        let path = URL(fileURLWithPath: file).deletingLastPathComponent().path
        let out = try TemporaryFolder.make() + "/out"
        for arguments in [["train", "bigram"], ["compare", "bigram", "transformer"]] {
            let result = try ZooProcess(arguments + ["--plugins", path, "--out", out]).wait()
            #expect(!result.wasKilled && result.status == 2, "\(fault): \(result.status)")
            #expect(result.errors.hasPrefix("error: there is no model bigram"), "\(result.errors)")
            #expect(result.errors.contains("these could not be used:\n  \(file): \(message)"), "\(result.errors)")
            #expect(result.output.isEmpty && !FileManager.default.fileExists(atPath: out))
        }
    }

    /// A file that somebody typed is not passed over: no command goes on without it.
    @Test(arguments: faults.indices) func isRefusedByName(_ index: Int) throws {
        let (fault, message) = BadPluginTests.faults[index]
        if fault == "folder" { return }
        let path = try plugin(fault)
        let out = try TemporaryFolder.make() + "/out"
        for arguments in [
            ["list"], ["list", "--json"], ["train", "transformer", "--out", out], ["compare", "transformer", "mamba", "--out", out],
            ["score", "/none", "--data", "/none"], ["generate", "/none"], ["bench", "abi"],
        ] {
            let result = try ZooProcess(arguments + ["--plugins", path]).wait()
            #expect(!result.wasKilled && result.status == 2, "\(fault): \(result.status)")
            #expect(result.errors.hasPrefix("error: --plugins \(path): \(message)"), "\(result.errors)")
            #expect(result.output.isEmpty && !FileManager.default.fileExists(atPath: out))
        }
    }

    @Test func whatIsNotThere() throws {
        let out = try TemporaryFolder.make() + "/out"
        let result = try ZooProcess.run("train", "bigram", "--plugins", "/no/such/plugin.so", "--out", out)
        #expect(
            result.status == 2 && result.errors == "error: --plugins /no/such/plugin.so: no such file or directory\n")
        #expect(!FileManager.default.fileExists(atPath: out))
    }
}
