import Foundation
import Testing

/// Every public symbol says what it is: a doc comment stands on the line before it, attributes aside.
struct DocumentationTests {
    private static let kinds: Set<Substring> = [
        "func", "var", "let", "init", "struct", "class", "enum", "protocol", "subscript", "typealias", "actor", "macro", "associatedtype",
        // Members of a `public extension` are public without saying so, and would not be seen here.
        "extension",
    ]

    private static let modifiers: Set<Substring> = [
        "public", "open", "package", "internal", "fileprivate", "private", "final", "static", "mutating", "nonmutating", "override",
        "required", "convenience", "lazy", "weak", "unowned", "indirect", "nonisolated", "consuming", "borrowing", "dynamic", "prefix",
        "postfix", "infix", "distributed", "sending",
    ]

    /// Whether a public or open declaration begins on this line. Cases of enums, imports and uses of names are none.
    private static func isPublicDeclaration(_ line: Substring) -> Bool {
        // Attributes may hold anything between parentheses.
        let rest = line.drop { $0 == " " || $0 == "\t" }.replacing(/^(?:@\w+(?:\([^)]*\))?\s*)+/, with: "")
        var isPublic = false
        for word in rest.split(separator: " ") {
            // `init?(` is `init`, `private(set)` is `private`.
            let name = word.prefix { $0.isLetter }
            if kinds.contains(name) { return isPublic }
            guard modifiers.contains(name) else { return false }
            isPublic = isPublic || word == "public" || word == "open"
        }
        return false
    }

    /// Numbers, from 1, of the lines on which a public declaration begins: those with a doc comment and those without.
    private static func declarations(in text: String) -> (documented: [Int], bare: [Int]) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.drop { $0 == " " || $0 == "\t" } }
        var found: (documented: [Int], bare: [Int]) = ([], [])
        var isInText = false
        for (index, line) in lines.enumerated() {
            defer { if line.ranges(of: "\"\"\"").count % 2 == 1 { isInText.toggle() } }
            guard !isInText, isPublicDeclaration(line) else { continue }
            // Attributes on lines of their own stand between a comment and its declaration.
            let before = lines[..<index].last { !($0.hasPrefix("@") && $0.wholeMatch(of: /(?:@\w+(?:\([^)]*\))?\s*)+/) != nil) }
            if before?.hasPrefix("///") == true { found.documented.append(index + 1) } else { found.bare.append(index + 1) }
        }
        return found
    }

    private static func files() throws -> [String] {
        let sources = "\(Commands.repository)/Sources"
        let walk = try #require(FileManager.default.enumerator(atPath: sources), "\(sources) cannot be read")
        return walk.compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }.sorted().map { "Sources/\($0)" }
    }

    @Test func everyPublicSymbol() throws {
        let files = try DocumentationTests.files()
        var documented = 0
        var bare: [String] = []
        for file in files {
            let text = try String(contentsOfFile: "\(Commands.repository)/\(file)", encoding: .utf8)
            let found = DocumentationTests.declarations(in: text)
            documented += found.documented.count
            guard !found.bare.isEmpty else { continue }
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            for line in found.bare { bare.append("\(file):\(line): \(lines[line - 1].drop { $0 == " " })") }
        }
        #expect(bare.isEmpty, "\(bare.count) public symbols have no doc comment:\n\(bare.joined(separator: "\n"))")
        // A walk that sees nothing would have nothing to complain about.
        #expect(files.count > 300 && documented > 1000, "\(documented) documented symbols in \(files.count) files: too few to be all")
    }

    /// Each line says itself whether it must be found.
    @Test func theSearchFindsThem() {
        let sample = #"""
            public import Foundation
            public struct Bare {  // bare
                public let a: Int  // bare
                /// Said.
                public var b = 0  // documented
                public private(set) var c = 0  // bare

                /// A comment that belongs to nothing.

                public init?(_ text: String) { nil }  // bare
                // Not a doc comment.
                @discardableResult
                public static func d() -> Int { 0 }  // bare
                /// Said.
                @available(*, deprecated, message: "old")
                @inlinable
                public static func e() {}  // documented
                @inlinable public subscript(index: Int) -> Int { index }  // bare
                @available(*, unavailable) public typealias F = Int  // bare
                /* No doc comment either. */
                public mutating func g() {}  // bare
                func h() { print("public func") }
                let publicName = 0
                private var i = 0
            }
            open class Open { override open func j() {} }  // bare
            /// Said.
            public enum Cases {  // documented
                case k
                public indirect enum Inner { case l(Inner) }  // bare
            }
            public protocol P: Sendable {}  // bare
            public extension Bare { func m() {} }  // bare
            @MainActor public actor N {}  // bare
            let template = """
                public func quoted() {}
                """
            public nonisolated(unsafe) var o = 0  // bare
            """#
        let lines = sample.split(separator: "\n", omittingEmptySubsequences: false)
        func numbers(_ mark: String) -> [Int] { lines.indices.filter { lines[$0].hasSuffix("// \(mark)") }.map { $0 + 1 } }
        let found = DocumentationTests.declarations(in: sample)
        #expect(found.bare == numbers("bare"))
        #expect(found.documented == numbers("documented"))
        #expect(found.bare.count == 14 && found.documented.count == 3)
    }
}
