import Foundation
import PluginHost
import SequenceModel
import TestSupport
import Testing

@testable import zoo

/// What `zoo new` writes and refuses, from the working copy. That it builds is the subject of AuthorsWayTests.
struct NewTests {
    let folder: String

    init() throws { folder = try TemporaryFolder.make() }

    private func new(_ arguments: String...) throws -> ZooProcess.Result {
        try ZooProcess(["new"] + arguments).wait()
    }

    private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    private func files(_ name: String) throws -> [String] { try AuthorKit.files(in: "\(folder)/\(name)") }

    /// The model of the project is the one of Plugins/Minimal, under another name.
    @Test func swiftProject() throws {
        let result = try new("my-model", "--language", "swift", "--directory", "\(folder)/p")
        #expect(result.status == 0 && result.errors == "", "\(result.errors)")
        #expect(
            try files("p") == [
                ".gitignore", "Makefile", "Package.swift", "README.md", "Sources/MyModel/MyModel.swift",
                "Sources/MyModel/Plugin.swift", "Tests/configuration.json", "Tests/losses.txt", "Tests/run.sh",
            ])
        for (file, original) in [("MyModel.swift", "Minimal.swift"), ("Plugin.swift", "Plugin.swift")] {
            let found = try text("\(folder)/p/Sources/MyModel/\(file)")
            #expect(found.replacing("MyModel", with: "Minimal").replacing("my-model", with: "minimal")
                == (try text("\(Commands.repository)/Plugins/Minimal/\(original)")))
            #expect(!found.contains("inimal"))
        }
        #expect(FileManager.default.isExecutableFile(atPath: "\(folder)/p/Tests/run.sh"))
        #expect(try text("\(folder)/p/Package.swift").contains("?? \"\(Commands.repository)/zoo/kit\""))
        #expect(result.output.hasPrefix("\(folder)/p: a model my-model in Swift, a small one that works. Next:\n  cd \(folder)/p\n  make  "))
        #expect(result.output.contains("\(ZooProcess.executable) compare my-model transformer "))
    }

    /// The sources of the project are those of the tests' bigram, under another name.
    @Test func cProject() throws {
        let result = try new("my-model", "--language", "c", "--directory", "\(folder)/p", "--json")
        #expect(result.status == 0 && result.errors == "", "\(result.errors)")
        let json = try JSONParser.parse(result.output)
        #expect(json.objectValue?.keys == ["directory", "name", "id", "language", "library", "kit"])
        #expect(json["library"] == .string("\(folder)/p/build/libMyModel.so"))
        let sources = ["my_model.c", "my_model_configuration.h", "my_model_model.h", "my_model_session.h"]
        #expect(
            try files("p") == [".gitignore", "Makefile", "README.md"] + sources.map { "Sources/\($0)" }
                + ["Tests/configuration.json", "Tests/losses.txt", "Tests/run.sh"])
        for (file, part) in zip(sources, ["", "_configuration", "_model", "_session"]) {
            let found = try text("\(folder)/p/Sources/\(file)")
            let ending = part.isEmpty ? ".c" : ".h"
            #expect(
                found.replacing("my_model", with: "bigram").replacing("my-model", with: "bigram").replacing("MyModel", with: "Bigram")
                    .replacing("MY_MODEL", with: "BIGRAM") == (try text("\(Commands.repository)/Tests/Plugins/bigram\(part)\(ending)")))
            #expect(!found.lowercased().contains("bigram"))
        }
    }

    /// No template keeps its own name or a place that was to be filled in.
    @Test(arguments: ["swift", "c"])
    func everyNameIsReplaced(_ language: String) throws {
        #expect(try new("Other", "--language", language, "--id", "o", "--directory", "\(folder)/a/b").status == 0)
        for file in try files("a/b") {
            let text = file + (try text("\(folder)/a/b/\(file)"))
            for word in ["inimal", "igram", "BIGRAM", "@KIT@", "@ZOO@"] { #expect(!text.contains(word), "\(file): \(word)") }
        }
        let makefile = try text("\(folder)/a/b/Makefile")
        #expect(makefile.contains("NAME := Other\nID := o\n"))
    }

    @Test func folders() throws {
        let empty = "\(folder)/empty"
        try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
        #expect(try new("mine", "--directory", empty).status == 0)
        let again = try new("mine", "--directory", empty)
        #expect(again.status == 64)
        #expect(again.errors == "error: \(empty) is there already and not empty\nhint: name another folder with --directory\n")
        try Data().write(to: URL(fileURLWithPath: "\(folder)/file"))
        #expect(try new("mine", "--directory", "\(folder)/file").errors.hasPrefix("error: \(folder)/file is there already\n"))
        let below = try new("mine", "--directory", "\(folder)/file/below")
        #expect(below.status == 2 && below.errors.hasPrefix("error: \(folder)/file/below cannot be written: "), "\(below.errors)")
        // Nothing is left of what failed.
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["empty", "file"])
    }

    @Test(arguments: [
        (["2fast"], "error: the name is \"2fast\"\nhint: a name begins with a letter and has letters, digits, - and _ after it, 60 at most: my-model\n"),
        (["mine", "--id", "Mine"], "error: --id is \"Mine\"\nhint: an id begins with a letter and has lower-case letters, digits, - and _ after it: my-model\n"),
        (["tensor"], "error: the type would be called Tensor, and so is something that it is built from\nhint: take another name, such as Tensor-model\n"),
        (["self"], "error: the type would be called Self, and so is something that it is built from\nhint: take another name, such as Self-model\n"),
        (["mine", "--language", "rust"], "error: The value 'rust' is invalid for '--language <language>'. Please provide one of 'swift' and 'c'.\n"),
    ])
    func saysWhatIsWrong(_ arguments: [String], _ errors: String) throws {
        let result = try ZooProcess(["new"] + arguments + ["--directory", "\(folder)/p"]).wait()
        #expect(result.status == 64 && result.errors.hasPrefix(errors), "\(result.errors)")
        #expect(!FileManager.default.fileExists(atPath: "\(folder)/p"))
    }

    @Test func aTakenIdIsAWarning() throws {
        let result = try new("mamba", "--language", "c", "--directory", "\(folder)/p")
        #expect(result.status == 0)
        #expect(result.errors.hasPrefix("warning: ") && result.errors.contains("/libStateSpace.so brings a model mamba already"))
    }

    @Test func aCommandThatStandsAloneSaysWhatToInstall() throws {
        try FileManager.default.createDirectory(atPath: "\(folder)/bin", withIntermediateDirectories: true)
        #expect {
            try AuthorKit.find(besideExecutable: "\(folder)/bin/zoo")
        } throws: { error in
            let error = error as? ZooError
            return error?.message == "the kit for authors is not installed with \(folder)/bin/zoo: there is no \(folder)/share/zoo/kit"
                && error?.hint == "in the zoo repository: make install PREFIX=\(folder)"
        }
    }
}
