import Foundation
import SequenceModel
import TestSupport
import Testing

@testable import zoo

/// Results on a terminal fit it; through a pipe they are whole and plain.
@Suite(.serialized) struct TerminalTests {
    @Test(arguments: [60, 80, 100, 250]) func theListFits(_ columns: Int) throws {
        let result = try ZooTerminal.run(["list"], columns: columns)
        #expect(result.status == 0)
        let lines = result.text.split(separator: "\n").map(String.init)
        #expect(lines.allSatisfy { $0.count <= columns }, "\(result.text)")
        let piped = try ZooProcess.run("list").output
        // Every capability is there, in one line or in several.
        let models = try JSONParser.parse(ZooProcess.run("list", "--json").output).arrayValue ?? []
        #expect(models.count >= 6)
        for model in models {
            let id = try #require(model["id"]?.stringValue)
            #expect(lines.contains { $0.hasPrefix(id + " ") })
            for capability in model["capabilities"]?.arrayValue ?? [] {
                #expect(result.text.contains(try #require(capability.stringValue)))
            }
        }
        let isWhole = columns >= (piped.split(separator: "\n").map(\.count).max() ?? 0)
        #expect((result.text == piped) == isWhole)
        #expect(piped.contains("/libTransformer.so") && !piped.contains("\u{1B}"))
    }

    @Test func doctorFits() throws {
        let result = try ZooTerminal.run(["doctor"], columns: 70)
        #expect(result.text.split(separator: "\n").allSatisfy { $0.count <= 70 }, "\(result.text)")
        #expect(result.text.contains("processor"))
    }

    @Test func columnsAreBrokenWhereThereAreSpacesOrCommas() {
        let rows = [["A", "B", "C"], ["one", "x,yy,zzz,wwww", "end"], ["two", "", "last words"]]
        let plain = "A    B              C\none  x,yy,zzz,wwww  end\ntwo                 last words\n"
        #expect(TextColumns.format(rows) == plain && TextColumns.format(rows, width: 30) == plain)
        let narrow = TextColumns.format([["one", "alpha beta gamma delta"]], width: 21)
        #expect(narrow == "one  alpha beta gamma\n     delta\n")
        #expect(
            TextColumns.format([["A", "B"], ["one", "causal,session,predicts"]], width: 20)
                == "A    B\none  causal,session,\n     predicts\n")
    }

    @Test func theTableOfAComparisonFits() throws {
        let out = try TemporaryFolder.make() + "/out"
        let arguments = [
            "compare", "transformer", "minimal", "--parameters", "30k", "--context", "32", "--batch", "2", "--steps", "2",
            "--decode-contexts", "16,64", "--out", out,
        ]
        let result = try ZooTerminal.run(arguments, columns: 72)
        #expect(result.status == 0, "\(result.text)")
        let begin = try #require(result.text.range(of: "Exact likelihood\n"))
        let shown = result.text[begin.lowerBound...].split(separator: "\n").filter { !$0.hasPrefix("/") }
        #expect(shown.allSatisfy { $0.count <= 72 }, "\(result.text)")
        // In blocks: each says what its rows are about.
        #expect(shown.filter { $0.hasPrefix("transformer ") }.count == 2)
        for heading in ["bits/byte", "train tok/s", "decode @16", "state @64", "memory", "status"] {
            #expect(shown.contains { $0.contains(heading) }, "\(heading)")
        }
        // The same as text and through a pipe: one line for each model.
        let table = try ZooProcess.run("report", out, "--format", "table")
        #expect(table.output.split(separator: "\n").filter { $0.hasPrefix("transformer ") }.count == 1)
    }

    @Test func aRefinementCanBeWatched() throws {
        let run = try TrainedRun.diffusion.get()
        let arguments = ["generate", run, "--prompt", "Say", "--tokens", "24", "--steps", "8", "--sampler", "confidence", "--seed", "7"]
        let begin = ContinuousClock.now
        let result = try ZooTerminal.run(arguments, columns: 40)
        let seconds = (ContinuousClock.now - begin) / .seconds(1)
        #expect(result.status == 0, "\(result.text)")
        // Eight steps of a tenth of a second, in order, none left out.
        #expect(seconds >= 0.75)
        let steps = result.text.matches(of: /step (\d+) of 8, (\d+) symbols? unknown/).compactMap { match in
            Int(match.1).flatMap { step in Int(match.2).map { (step, $0) } }
        }
        #expect(Array(Set(steps.map(\.0))).sorted() == Array(1 ... 8))
        #expect(steps.map(\.0) == steps.map(\.0).sorted())
        #expect(steps.map(\.1) == steps.map(\.1).sorted(by: >) && steps.first?.1 == 24 && steps.last?.1 == 0)
        // What is unknown is marked, and in the end nothing but the text is left.
        #expect(result.text.contains("Say" + String(repeating: "░", count: 24)))
        let piped = try ZooProcess(arguments).wait()
        let screen = result.screen.joined(separator: "\n")
        #expect(screen == GenerationOutput.harmless(piped.output), "\(screen)")
        #expect(!piped.output.contains("\u{1B}") && !piped.errors.contains("\u{1B}") && !piped.errors.contains("░"))
    }

    /// The text goes into a file: the last step stays where it was watched.
    @Test func aRefinementIntoAFileStaysOnTheScreen() throws {
        let run = try TrainedRun.diffusion.get()
        let result = try ZooTerminal.run(
            ["generate", run, "--prompt", "Say", "--tokens", "8", "--steps", "2", "--seed", "7"], columns: 40, output: false)
        #expect(result.screen.contains("step 2 of 2, 0 symbols unknown"), "\(result.screen)")
        #expect(result.screen.contains { $0.hasPrefix("Say") })
    }
}
