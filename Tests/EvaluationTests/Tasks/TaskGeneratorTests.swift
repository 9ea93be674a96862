import Foundation
import SequenceModel
import Testing

@testable import Evaluation

/// What the generators make: derived anew here, from the rows alone.
struct TaskGeneratorTests {
    private func rows(_ text: String, _ count: Int = 40, length: Int? = nil, part: TaskPart = .test) throws -> ([TaskExample], any SequenceTask) {
        let task = try TaskSpecification(text).make()
        let rows = TaskRows(task, key: TaskSource.rowKey).rows(0 ..< count, part: part, length: length ?? task.trainLengths.upperBound)
        return (rows, task)
    }

    /// Places with a target, and the target.
    private func asked(_ row: TaskExample) -> [(place: Int, answer: Int)] {
        row.targets.indices.filter { row.targets[$0] >= 0 }.map { ($0, Int(row.targets[$0])) }
    }

    @Test(arguments: TaskCatalogue.all.map(\.name)) func everyRowFits(_ name: String) throws {
        let task = try TaskSpecification(name).make()
        let source = TaskRows(task, key: TaskSource.rowKey)
        #expect((0 ..< 1).contains(task.chance) && task.vocabulary > 1 && task.testRows > 0)
        for length in Set([task.trainLengths.lowerBound, task.trainLengths.upperBound] + task.testLengths.prefix(2)) {
            for (index, part) in TaskPart.allCases.enumerated() {
                let row = source.row(3 + index, part: part, length: length)
                #expect(row == source.row(3 + index, part: part, length: length), "the same row again")
                #expect(row.tokens.count == row.targets.count && row.tokens.count <= length && row.tokens.count > length / 2 - 2)
                #expect(row.tokens.allSatisfy { (0 ..< task.vocabulary).contains(Int($0)) })
                #expect(row.targets.allSatisfy { (-1 ..< task.vocabulary).contains(Int($0)) })
                #expect(row.answerCount > 0)
                #expect(!task.text(row.tokens[0]).isEmpty)
            }
        }
    }

    /// Training, validation and test rows are disjoint by what stands in them, finite and fresh sets alike.
    @Test(arguments: ["mqar:vocabulary=64", "associative-recall", "parity", "s5", "modular-addition:modulus=23", "copy", "passkey:length=200"])
    func partsAreApart(_ name: String) throws {
        let task = try TaskSpecification(name).make()
        let source = TaskRows(task, key: TaskSource.rowKey)
        let other = TaskRows(task, key: RandomKey(seed: 9).split("rows"))
        let length = task.trainLengths.upperBound
        func set(_ rows: TaskRows, _ part: TaskPart) -> Set<[Int32]> { Set(rows.rows(0 ..< 60, part: part, length: length).map(\.tokens)) }
        let parts = TaskPart.allCases.map { set(source, $0) }
        for (index, one) in parts.enumerated() {
            #expect(one.count > 20)
            for two in parts[(index + 1)...] { #expect(one.isDisjoint(with: two)) }
        }
        #expect(set(other, .train).isDisjoint(with: parts[1]) && set(other, .train).isDisjoint(with: parts[2]))
    }

    @Test func associativeRecall() throws {
        for row in try rows("associative-recall").0 {
            #expect(row.tokens.count == 22 && row.tokens[20] == 10 && row.answerCount == 1)
            let key = row.tokens[21]
            let places = (0 ..< 10).filter { row.tokens[2 * $0] == key }
            #expect(!places.isEmpty && places.allSatisfy { row.tokens[2 * $0 + 1] == row.targets[21] })
        }
    }

    @Test func induction() throws {
        for row in try rows("induction").0 {
            let first = try #require(row.tokens.firstIndex(of: 20))
            #expect(row.tokens.count == 30 && row.tokens[29] == 20 && first < 28 && row.targets[29] == row.tokens[first + 1])
        }
    }

    /// Pairs first, each key once more, an empty place after each question, gaps that favour the beginning.
    @Test func multiQueryRecall() throws {
        let (all, _) = try rows("mqar:pairs=8,length=128,test_lengths=128", 200)
        var early = 0
        for row in all {
            let map = Dictionary(uniqueKeysWithValues: (0 ..< 8).map { (row.tokens[2 * $0], row.tokens[2 * $0 + 1]) })
            #expect(map.keys.allSatisfy { (1 ..< 4096).contains($0) } && Set(map.values).count == 8 && map.values.allSatisfy { $0 >= 4096 })
            let questions = asked(row)
            #expect(questions.count == 8 && Set(questions.map { row.tokens[$0.place] }) == Set(map.keys))
            for (place, answer) in questions {
                #expect(place >= 16 && place % 2 == 0 && map[row.tokens[place]] == Int32(answer))
                #expect(place == 127 || row.tokens[place + 1] == 0)
            }
            #expect(row.tokens[16...].count { $0 != 0 } == 8)
            early += questions.count { $0.place < 16 + 28 }
        }
        // A quarter of the places; of 8 gaps drawn with weight 1 / i about 5 lie there, uniform ones would be 2.
        #expect((4.2 ... 6.2).contains(Double(early) / 200))
    }

    /// The same key has the same value all through a row, and is asked for whenever it returns.
    @Test(arguments: ["mad-recall", "mad-noisy-recall"]) func recall(_ name: String) throws {
        for row in try rows(name, 20).0 {
            var map: [Int32: Int32] = [:]
            let text = row.tokens + [row.targets.last { $0 >= 0 } ?? 0]
            for place in stride(from: 0, to: row.tokens.count, by: 2) where text[place] < 8 {
                if let value = map[text[place]] {
                    #expect(row.targets[place] == value)
                } else {
                    #expect(row.targets[place] == -1)
                    map[text[place]] = text[place + 1]
                }
            }
        }
        let noise = try rows("mad-noisy-recall", 50).0.flatMap(\.tokens)
        #expect((0.15 ... 0.25).contains(Double(noise.count { $0 >= 16 }) / Double(noise.count)))
    }

    /// Read with the keys that the row itself shows: no key begins another, so cutting is unique.
    @Test func fuzzyRecall() throws {
        for row in try rows("mad-fuzzy-recall", 30).0 {
            var map: [[Int32]: [Int32]] = [:]
            var (key, value): ([Int32], [Int32]) = ([], [])
            var targets: [Int32] = []
            func close() {
                guard !value.isEmpty else { return }
                if let known = map[key] { #expect(targets == known) } else { #expect(targets.allSatisfy { $0 == -1 }) }
                map[key] = map[key] ?? value
                (key, value, targets) = ([], [], [])
            }
            for (place, token) in (row.tokens + [row.targets[row.targets.count - 1]]).enumerated() where token >= 0 {
                if token < 8 {
                    close()
                    key.append(token)
                } else {
                    targets.append(row.targets[place - 1])
                    value.append(token)
                }
            }
            #expect(map.count > 2)
        }
    }

    @Test func selectiveCopy() throws {
        for row in try rows("selective-copy:length=64,count=6,test_lengths=64").0 {
            let symbols = row.tokens[..<58].filter { $0 != 0 }
            #expect(symbols.count == 6 && row.tokens[58...].allSatisfy { $0 == 17 })
            #expect(Array(row.targets[58...]) == symbols && row.targets[..<58].allSatisfy { $0 == -1 })
        }
    }

    @Test func compression() throws {
        for row in try rows("mad-compression").0 {
            let questions = asked(row)
            #expect(questions.count == 8 && row.tokens[32] == 16)
            for (place, answer) in questions { #expect(Int(row.tokens[Int(row.tokens[place]) - 17]) == answer) }
        }
    }

    /// The facts are the same in every row and part, and never shown.
    @Test func memorization() throws {
        var facts: [Int32: Int32] = [:]
        for part in TaskPart.allCases {
            for row in try rows("mad-memorization", part: part).0 {
                for (place, answer) in asked(row) {
                    #expect(facts[row.tokens[place], default: Int32(answer)] == Int32(answer))
                    facts[row.tokens[place]] = Int32(answer)
                    #expect(row.tokens[place + 1] == 0)
                }
            }
        }
        #expect(facts.count == 128)
    }

    @Test func copying() throws {
        for row in try rows("copy:length=20,test_lengths=20").0 {
            #expect(row.tokens.count == 20 && row.tokens[10] == 26)
            #expect(Array(row.targets[10...]) == Array(row.tokens[..<10]))
        }
    }

    @Test func parity() throws {
        for row in try rows("parity", length: 64).0 {
            #expect(row.answerCount == 1 && Int(row.targets[63]) == row.tokens.count { $0 == 1 } % 2)
        }
        for row in try rows("parity:every_bit=0", length: 9, part: .train).0 { #expect(row.answerCount == 1) }
        for row in try rows("parity", length: 9, part: .train).0 {
            for (place, answer) in asked(row) { #expect(answer == row.tokens[...place].count { $0 == 1 } % 2) }
            #expect(row.answerCount == 9)
        }
    }

    /// Against a parser that knows precedence and brackets, and nothing of the generator.
    @Test(arguments: ["modular-arithmetic", "modular-arithmetic:brackets=1"]) func arithmetic(_ name: String) throws {
        for length in [3, 7, 24, 40] {
            let (all, task) = try rows(name, length: length)
            for row in all {
                let words = row.tokens.map(task.text)
                #expect(words.last == "=" && row.answerCount == 1)
                var parser = Parser(words: Array(words.dropLast()))
                let value = parser.sum()
                #expect(parser.isAtEnd && ((value % 5) + 5) % 5 == Int(row.targets[row.tokens.count - 1]), "\(words)")
            }
        }
    }

    private struct Parser {
        let words: [String]
        var place = 0
        init(words: [String]) { self.words = words }
        var isAtEnd: Bool { place == words.count }

        mutating func sum() -> Int {
            var value = product()
            while place < words.count, words[place] == "+" || words[place] == "−" {
                place += 1
                value = words[place - 1] == "+" ? value + product() : value - product()
            }
            return value
        }

        mutating func product() -> Int {
            var value = atom()
            while place < words.count, words[place] == "×" {
                place += 1
                value = (value * atom()) % 5
            }
            return value
        }

        mutating func atom() -> Int {
            defer { place += 1 }
            if words[place] != "(" { return Int(words[place]) ?? -1000 }
            place += 1
            return sum()
        }
    }

    @Test(arguments: [("s5", 120), ("a5", 60)]) func permutations(_ name: String, order: Int) throws {
        let (all, task) = try rows(name, 10)
        #expect(task.vocabulary == order)
        for row in all {
            var together = Array("12345")
            for (letter, product) in zip(row.tokens, row.targets) {
                let digits = Array(task.text(letter))
                together = together.map { digits[(Int(String($0)) ?? 1) - 1] }
                #expect(String(together) == task.text(product))
            }
        }
        let swaps = try rows("s5:swaps=1", 10)
        #expect(Set(swaps.0.flatMap(\.tokens)).count == 10)
    }

    @Test func modularAddition() throws {
        let task = try TaskSpecification("modular-addition").make()
        #expect(task.trainingRows == 3830 && task.vocabulary == 114)
        let rows = TaskRows(task, key: TaskSource.rowKey).rows(0 ..< task.trainingRows, part: .train, length: 3)
        #expect(Set(rows.map(\.tokens)).count == 3830)
        #expect(rows.allSatisfy { ($0.tokens[0] + $0.tokens[1]) % 113 == $0.targets[2] && $0.tokens[2] == 113 })
    }

    @Test func passkey() throws {
        for row in try rows("passkey:length=300", 10).0 {
            let text = String(decoding: row.tokens.map { UInt8($0) }, as: UTF8.self)
            let digits = asked(row).map { String(UnicodeScalar(UInt8($0.answer))) }.joined()
            #expect(digits.count == 5 && Int(digits) != nil)
            #expect(text.contains(". The pass key is \(digits). Remember it. ") || text.hasPrefix("The pass key is \(digits). Remember it. "))
            #expect(text.hasSuffix("The pass key is \(digits.dropLast())") && row.tokens.count == 300)
        }
    }

    /// Facts hold all through a stream, and only what was said before is asked for.
    @Test func continualReading() throws {
        for row in try rows("continual-reading", 10).0 {
            #expect(row.tokens.count == 100 && stride(from: 0, to: 100, by: 25).allSatisfy { row.tokens[$0] == 64 })
            var facts: [Int32: Int32] = [:]
            for place in row.tokens.indices where row.tokens[place] < 32 {
                #expect(row.targets[place] == facts[row.tokens[place], default: -1])
                #expect(facts[row.tokens[place], default: row.tokens[place + 1]] == row.tokens[place + 1])
                facts[row.tokens[place]] = row.tokens[place + 1]
            }
        }
        for row in try rows("continual-text", 4).0 {
            #expect(row.tokens.count == 256 && row.targets[127] == -1 && Array(row.targets[..<127]) == Array(row.tokens[1 ..< 128]))
        }
    }
}
