import Foundation
import SequenceModel
import TestSupport
import Testing

/// The way that README.md describes under "Add an architecture", walked word for word in an empty home folder: an installed command, a
/// project outside of the repository, a library in the user's folder.
///
/// In Swift the kit is compiled from its sources: a minute on two cores, the longest part of the suite.
@Suite(.serialized)
struct AuthorsWayTests {
    /// The lines of the code block under the heading "Add an architecture" of README.md, comments cut off.
    static let steps: Result<[String], any Error> = Result {
        let text = try String(contentsOfFile: "\(Commands.repository)/README.md", encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let heading = try #require(lines.firstIndex(of: "## Add an architecture"))
        let start = try #require(lines[heading...].firstIndex { $0.hasPrefix("    ") })
        return lines[start...].prefix { $0.hasPrefix("    ") }.map { line in
            String(line.prefix(line.range(of: "  #")?.lowerBound.utf16Offset(in: line) ?? line.count)).trimmingCharacters(in: .whitespaces)
        }
    }

    /// A home folder into which what is built beside the tests was installed, as `make install PREFIX=~/.local` does.
    private func home() throws -> Commands {
        let home = try TemporaryFolder.make()
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let commands = Commands(in: home, environment: ["HOME": home, "PATH": "\(home)/.local/bin:\(path)"])
        let build = URL(fileURLWithPath: ZooProcess.executable).deletingLastPathComponent().path
        let installed = try commands.run(
            "make -s -C '\(Commands.repository)' install-files BUILD='\(build)' PREFIX=\"$HOME/.local\"")
        try #require(installed.status == 0, "\(installed.output)")
        return commands
    }

    @Test func theReadmeHasFiveSteps() throws {
        let words = try AuthorsWayTests.steps.get().map { $0.split(separator: " ").map(String.init) }
        #expect(words.count == 5)
        #expect(words.first?.prefix(2) == ["zoo", "new"] && words.last?.prefix(2) == ["zoo", "compare"])
        #expect(words.dropFirst().dropLast().allSatisfy { $0.first == "make" })
    }

    @Test(.timeLimit(.minutes(20)), arguments: ["swift", "c"])
    func newBuildCheckInstallCompare(_ language: String) throws {
        let commands = try home()
        for step in try AuthorsWayTests.steps.get() {
            let line = step.replacing("--language swift", with: "--language \(language)")
            let result = try commands.run(line)
            try #require(result.status == 0, "\(line)\n\(result.output)")
        }
        // It is listed, from the user's folder, and was compared.
        let list = try commands.run("zoo list --json 2>&1")
        let mine = try #require(JSONParser.parse(list.output).arrayValue?.first { $0["id"] == .string("mine") })
        #expect(mine["plugin"] == .string("\(commands.folder)/.local/share/zoo/plugins/libMine.so"))
        let results = try JSONParser.parse(String(contentsOfFile: "\(commands.folder)/runs/mine/results.json", encoding: .utf8))
        let rows = try #require(results["rows"]?.arrayValue).filter { $0["model"] == .string("mine") }
        #expect(rows.count == 1 && rows.first?["status"] == .string("ok"))

        // Its own tests pass, also beside the installed copy, and each fails when it should: a check that says no, another third
        // loss, a reach that is not the model's.
        let test = try commands.run("make -s -C mine test")
        #expect(test.status == 0 && test.output.contains("passed   first losses"), "\(test.output)")
        let strict = "\(commands.folder)/strict"
        try Data("#!/bin/sh\n[ \"$1\" = check ] && exit 1\nexec zoo \"$@\"\n".utf8).write(to: URL(fileURLWithPath: strict))
        let changed = try commands.run(
            "chmod +x '\(strict)' && sed -i '3s/.*/9.5/' mine/Tests/losses.txt && make -s -C mine test REACH=3 ZOO='\(strict)'")
        #expect(changed.status != 0)
        for words in ["FAILED   zoo check: status 1;", "FAILED   first losses: relative difference 0.", "FAILED   reach: "] {
            #expect(changed.output.contains(words), "\(changed.output)")
        }

        // The installed kit was the whole of it, and nothing was written there.
        #expect(try commands.run("grep -r '\(Commands.repository)' mine --include='*.swift' --include=Makefile --include='*.sh'").output == "")
        #expect(try commands.run("ls -A ~/.local/share/zoo/kit").output == "Package.swift\nSources\n")
    }

    /// What an author meets whose machine lacks something.
    @Test func saysWhatIsMissing() throws {
        let commands = try home()
        for language in ["swift", "c"] {
            let made = try commands.run("zoo new \(language)-model --language \(language)")
            try #require(made.status == 0, "\(made.output)")
        }
        let cases = [
            ("make -s -C swift-model SWIFT=no-such-swift", "error: no Swift toolchain found (looked for no-such-swift)\nhint: install Swift 6.3"),
            ("make -s -C swift-model ZOO_KIT=/no/kit", "error: the kit for authors is not in /no/kit\nhint: make install in the zoo repository"),
            ("make -s -C c-model CC=no-such-cc", "error: no C compiler found (looked for no-such-cc)\nhint: apt-get install gcc"),
            ("PKG_CONFIG_LIBDIR=/no make -s -C c-model ZOO_KIT=/no/kit", "error: sequence_model.h is not found with: -I \"/no/kit/"),
        ]
        for (line, words) in cases {
            let result = try commands.run(line)
            #expect(result.status != 0 && result.output.hasPrefix(words), "\(line)\n\(result.output)")
        }
        // With pkg-config, as without it.
        let built = try commands.run("PKG_CONFIG_PATH=$HOME/.local/lib/pkgconfig make -C c-model")
        #expect(built.status == 0 && built.output.contains("-I\(commands.folder)/.local/include"), "\(built.output)")
    }

    /// What was installed goes, what the user put beside it stays.
    @Test func uninstall() throws {
        let commands = try home()
        let result = try commands.run(
            "mkdir -p ~/.local/share/zoo/plugins && touch ~/.local/share/zoo/plugins/mine.so && "
                + "make -s -C '\(Commands.repository)' uninstall PREFIX=\"$HOME/.local\" && find .local -type f")
        #expect(result.status == 0 && result.output == ".local/share/zoo/plugins/mine.so\n", "\(result.output)")
        let rest = try commands.run(
            "make -s -C '\(Commands.repository)' uninstall PREFIX=\"$HOME/.local\" && rm -r .local/share/zoo/plugins && "
                + "make -s -C '\(Commands.repository)' uninstall PREFIX=\"$HOME/.local\" && ls .local/share")
        #expect(rest.status == 0 && rest.output == "", "\(rest.output)")
    }
}
