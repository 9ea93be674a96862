import Conformance
import Foundation
import Testing

/// Sources/Conformance/README.md says what the code does.
struct PageTests {
    /// Cells of each line of the table, without its heading.
    private static let rows = Result<[[String]], any Error> {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Sources/Conformance/README.md")
        let lines = try String(contentsOf: page, encoding: .utf8).split(separator: "\n").filter { $0.hasPrefix("|") }
        return lines.dropFirst(2).map { line in
            line.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
        }
    }

    @Test("page and code agree about names, groups, sentences, strictness and motivation")
    func agreement() throws {
        var expected: [[String]] = []
        var group: TestGroup?
        for test in ConformanceSuite.tests {
            if test.group != group { expected.append(["**\(test.group.rawValue)**", "", "", ""]) }
            group = test.group
            expected.append(["`\(test.name)`", test.sentence, "\(test.strictness)", test.motivation])
        }
        let rows = try PageTests.rows.get()
        #expect(rows.count == expected.count)
        for (row, wanted) in zip(rows, expected) { #expect(row == wanted) }
    }

    @Test("each test has a name of its own, a sentence, a motivation and a strictness of 1 to 10", arguments: ConformanceSuite.tests.map(\.name))
    func isDescribed(_ name: String) throws {
        let test = try #require(ConformanceSuite.test(named: name))
        #expect(ConformanceSuite.tests.count { $0.name == name } == 1)
        #expect(test.sentence.hasSuffix(".") && test.motivation.count > 20)
        #expect((1 ... 10).contains(test.strictness))
        // A bar would end a cell of the page.
        #expect(!(test.sentence + test.motivation).contains("|"))
    }
}
