import Foundation
import Testing

@testable import zoo

/// The kit is a second way to build the same modules: nothing may differ.
struct KitTests {
    private func text(_ path: String) throws -> String {
        try String(contentsOfFile: "\(Commands.repository)/\(path)", encoding: .utf8)
    }

    /// The part of `text` from the line that begins with `first` to the next line that is `last`.
    private func part(_ text: String, from first: String, to last: String) throws -> [Substring] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex { $0.hasPrefix(first) }, "\(first)")
        let end = try #require(lines[start...].firstIndex { $0 == last }, "\(last)")
        return Array(lines[start ... end])
    }

    @Test(arguments: [
        ("#if arch(x86_64)", "#endif"), ("let swiftSettings: [SwiftSetting] = [", "]"), ("func module(", "}"),
        ("        .target(name: \"CSequenceModel\"", "        module(\"Layers\", [\"Tensor\", \"SequenceModel\"]),"),
        ("        module(\"PluginKit\"", "        module(\"PluginKit\", [\"Layers\", \"Tensor\", \"SequenceModel\", \"CSequenceModel\"], exclude: [\"plugin.map\", \"c-plugin.cfg\"]),"),
    ])
    func manifestsAgree(_ first: String, _ last: String) throws {
        let ours = try part(text("Package.swift"), from: first, to: last)
        #expect(try part(text("zoo/kit/Package.swift"), from: first, to: last) == ours)
        #expect(!ours.isEmpty)
    }

    @Test func linkedAsInTheRepository() throws {
        func flags(_ text: String) -> [String] {
            text.matches(of: /"(-[^"]*|now|nodelete|defs)"/).map { String($0.1) }.filter { !$0.contains("version-script") }
        }
        let ours = try part(text("Package.swift"), from: "let pluginLinkerFlags", to: "]").joined(separator: "\n")
        let theirs = try part(text("zoo/templates/swift/Package.swift"), from: "let linkerFlags", to: "]").joined(separator: "\n")
        #expect(flags(theirs) == ["-static-stdlib"] + flags(ours))
        #expect(theirs.contains("--version-script=\\(kit)/Sources/PluginKit/plugin.map"))
    }

    /// All that the kit needs is in the kit, and no module of the host is.
    @Test func modules() throws {
        let sources = "\(Commands.repository)/zoo/kit/Sources"
        let modules = try FileManager.default.contentsOfDirectory(atPath: sources).sorted()
        #expect(modules == ["CSequenceModel", "Kernels", "Layers", "PluginKit", "SequenceModel", "Tensor"])
        let allowed = Set(modules + ["Glibc", "Synchronization"])
        for file in try AuthorKit.files(in: sources) where file.hasSuffix(".swift") {
            let text = try text("zoo/kit/Sources/\(file)")
            for match in text.matches(of: /(?m)^(?:[a-z@]+ )*import ([A-Za-z]+)/) {
                #expect(allowed.contains(String(match.1)), "\(file) imports \(match.1)")
            }
        }
    }

    @Test func typesOfTheKitAreKnown() throws {
        let names = try AuthorKit(root: "\(Commands.repository)/zoo").declaredNames()
        #expect(names.isSuperset(of: ["Tensor", "Layers", "RMSNorm", "CausalModel", "Tokens", "Budget", "ModelCard"]))
        #expect(!names.contains("Mine"))
    }
}
