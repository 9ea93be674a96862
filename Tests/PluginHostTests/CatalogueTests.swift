import Foundation
import PluginHost
import SequenceModel
import Testing
import TestSupport

@Suite struct CatalogueTests {
    private func copy(_ path: String, to folder: String, as name: String) throws {
        try FileManager.default.copyItem(atPath: path, toPath: "\(folder)/\(name)")
    }

    @Test func findsWhatFoldersHold() throws {
        let folder = try TemporaryFolder.make()
        try copy(TestPlugins.bigram.get(), to: folder, as: "libb.so")
        try copy(TestPlugins.compile("misbehaving.c", defines: ["VARIANT_GENERATES"]), to: folder, as: "liba.so")
        try copy(TestPlugins.compile("misbehaving.c", defines: ["FAULT_NEWER_MAJOR"]), to: folder, as: "libc.so")
        try Data("text".utf8).write(to: URL(fileURLWithPath: "\(folder)/libd.so"))
        try Data("text".utf8).write(to: URL(fileURLWithPath: "\(folder)/notes.txt"))
        try FileManager.default.createDirectory(atPath: "\(folder)/libe.so", withIntermediateDirectories: true)
        let catalogue = PluginCatalogue(searchPath: [folder, "\(folder)/none"])
        #expect(catalogue.entries.map(\.description.id) == ["bigram", "generator"])
        #expect(catalogue.entries[0].plugin.path == "\(folder)/libb.so")
        #expect(
            catalogue.failures.map(\.error.message) == [
                "\(folder)/libc.so: speaks version 2.0 of the plugin interface; this program speaks 1.0",
                "\(folder)/libd.so: is not a shared library: it does not begin with the ELF magic number",
                "\(folder)/libe.so: is a directory, not a plugin file",
            ])
        #expect(try catalogue.entry(named: "bigram").description.id == "bigram")
    }

    @Test func takesSingleFiles() throws {
        let catalogue = PluginCatalogue(searchPath: [try TestPlugins.bigram.get()])
        #expect(catalogue.entries.map(\.description.id) == ["bigram"])
        #expect(catalogue.failures.isEmpty)
    }

    @Test func whatEveryUserMayWriteIsRefused() throws {
        let folder = try TemporaryFolder.make()
        let file = "\(folder)/liba.so"
        try copy(TestPlugins.bigram.get(), to: folder, as: "liba.so")
        for (open, searched) in [(folder, folder), (file, file), (file, folder)] {
            #expect(chmod(open, 0o757) == 0)
            let catalogue = PluginCatalogue(searchPath: [searched])
            #expect(catalogue.entries.isEmpty)
            #expect(
                catalogue.failures.map(\.error.message) == [
                    "\(open): every user may write there, so nothing is loaded from it; chmod o-w '\(open)'"
                ])
            #expect(chmod(open, 0o755) == 0)
            #expect(PluginCatalogue(searchPath: [searched]).entries.count == 1)
        }
    }

    @Test func unknownModels() throws {
        let catalogue = PluginCatalogue(searchPath: [try TestPlugins.bigram.get()])
        #expect(
            outcome { try catalogue.entry(named: "bigrm") }
                == "data: there is no model bigrm; did you mean bigram? Known: bigram")
        #expect(
            outcome { try catalogue.entry(named: "transformer") }
                == "data: there is no model transformer. Known: bigram")
        let error = #expect(throws: ZooError.self) { try catalogue.entry(named: "bigrm") }
        #expect(error?.hint == "zoo list says more about each")
        let nothing = PluginCatalogue(searchPath: ["/nowhere", "/no/place"])
        #expect(
            outcome { try nothing.entry(named: "bigram") }
                == "plugin: there is no model bigram: no plugin was found in /nowhere, /no/place")
    }

    /// The model may be in the plugin that could not be loaded.
    @Test func unknownModelsNameBrokenPlugins() throws {
        let broken = try TestPlugins.compile("misbehaving.c", defines: ["FAULT_MAGIC"])
        let catalogue = PluginCatalogue(searchPath: [try TestPlugins.bigram.get(), broken])
        let error = #expect(throws: ZooError.self) { try catalogue.entry(named: "mamba") }
        #expect(error?.hint?.contains("\(broken): its table begins with") == true)
    }

    @Test func twoFilesWithOneModel() throws {
        let first = try TestPlugins.bigram.get()
        let second = try TestPlugins.compile("misbehaving.c", defines: ["VARIANT_SAME_ID"])
        let catalogue = PluginCatalogue(searchPath: [first, second])
        #expect(catalogue.entries.isEmpty)
        let message = "two plugins bring a model bigram: \(first) and \(second)"
        #expect(catalogue.failures.map(\.error.message) == [message])
        #expect(outcome { try catalogue.entry(named: "bigram") } == "plugin: \(message)")
    }

    /// The same file under two names, and a copy of it, are one plugin.
    @Test func copiesAreNoConflict() throws {
        let path = try TestPlugins.bigram.get()
        let folder = try TemporaryFolder.make()
        try copy(path, to: folder, as: "copy.so")
        try FileManager.default.createSymbolicLink(atPath: "\(folder)/link.so", withDestinationPath: path)
        let catalogue = PluginCatalogue(searchPath: [path, folder])
        #expect(catalogue.entries.map(\.plugin.path) == [path])
        #expect(catalogue.failures.isEmpty)
    }

    @Test func searchPath() throws {
        let path = PluginCatalogue.defaultSearchPath(adding: ["/a", "b", "/a"])
        #expect(Array(path.prefix(2)) == ["/a", "b"])
        #expect(Set(path).count == path.count)
        let executable = try #require(realpath("/proc/self/exe", nil).map { String(cString: $0) })
        let folder = String(executable[..<executable.lastIndex(of: "/")!])
        #expect(path.contains(folder) && path.contains("\(folder)/../lib/zoo/plugins"))
        #expect(!path.contains(".") && !path.contains("") && !path.contains(FileManager.default.currentDirectoryPath))
    }
}
