import Foundation
import PluginHost
import SequenceModel
import Testing

@testable import Evaluation

struct TaskSpecificationTests {
    private func message(_ text: String) -> String {
        do {
            _ = try TaskSpecification(text)
            return "no error"
        } catch let error as ZooError {
            #expect(error.code == .usage)
            return error.message + (error.hint.map { "; \($0)" } ?? "")
        } catch {
            return "\(error)"
        }
    }

    @Test func whatIsWrong() {
        #expect(message("mqra") == "there is no task mqra; did you mean mqar?")
        #expect(message("").hasPrefix("there is no task without a name; the tasks are associative-recall, induction, mqar,"))
        #expect(message("mqar:pair=4") == "task mqar: there is no parameter pair; did you mean pairs?")
        #expect(message("mqar:pairs=0") == "task mqar: pairs is 0; allowed: a whole number from 1 to 262144; zoo tasks mqar shows its parameters")
        #expect(message("mqar:pairs=4/5").hasPrefix("task mqar: pairs is 4/5; allowed: a whole number from 1"))
        #expect(
            message("parity:test_lengths=4/x") == "task parity: test_lengths is 4/x; allowed: whole numbers from 1 to 1048576, with / between them; "
                + "zoo tasks parity shows its parameters")
        #expect(message("parity:") == "task parity: nothing where KEY=VALUE was expected; zoo tasks parity shows its parameters")
        #expect(message("parity:min_length=9,min_length=9") == "task parity:min_length=9,min_length=9: min_length is there twice")
        #expect(
            message("mqar:pairs=40") == "task mqar: length is 64; allowed: at least 4 × pairs, 160; zoo tasks mqar shows its parameters")
        #expect(message("parity:min_length=50").hasPrefix("task parity: min_length is 50; allowed: at most max_length, 40"))
    }

    /// The same task however it is written, also through JSON.
    @Test func oneTextForOneTask() throws {
        let task = try TaskSpecification("mqar:vocabulary=64,pairs=4,length=32,test_lengths=64/128/256")
        #expect(task.text == "mqar:length=32,vocabulary=64")
        #expect(try TaskSpecification("mqar:pairs=4") == TaskSpecification("mqar"))
        let data = try JSONEncoder().encode([task])
        #expect(String(decoding: data, as: UTF8.self) == #"["mqar:length=32,vocabulary=64"]"#)
        #expect(try JSONDecoder().decode([TaskSpecification].self, from: data) == [task])
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([TaskSpecification].self, from: Data(#"["nothing"]"#.utf8)) }
        #expect(try task.sha256 != TaskSpecification("mqar").sha256)
        #expect(try task.json["pairs"] == .integer(4))
        #expect(Set(TaskCatalogue.all.map(\.name)).count == TaskCatalogue.all.count)
    }

    @Test func aRowForPeople() throws {
        let shown = try ShownTask(TaskSpecification("copy:length=6,test_lengths=6,alphabet=3"))
        let text = shown.text(width: 60)
        #expect(text.hasPrefix("reads  "))
        let letters = shown.example.tokens.prefix(3).map { ["a", "b", "c"][Int($0)] }
        #expect(text.contains("reads  \(letters.joined(separator: " ")) ▸ \(letters.prefix(2).joined(separator: " "))\n"))
        #expect(text.contains("asked        \(letters.joined(separator: " "))\n"))
        #expect(text.contains("4 symbols; chance 33.3 %; learned at length 6, every row new; tested at 6, 256 rows each"))
    }
}
