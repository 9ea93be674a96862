import Experiments
import Foundation
@testable import Report
import Testing

struct TableTests {
    @Test func alignsAndTrims() {
        var table = TextTable(columns: [("name", .left), ("value", .right), ("end", .left)])
        table.add(["a", "1.5", ""])
        table.add(["größer", "100.25", "x", "too many"])
        #expect(
            table.text == """
                name     value  end
                ──────  ──────  ───
                a          1.5
                größer  100.25  x

                """)
    }

    @Test func aWideTableIsShownInBlocks() {
        var table = TextTable(columns: [("rank", .right), ("model", .left), ("one", .right), ("two", .right), ("three", .left)])
        table.add(["1", "a", "10", "20", "x"])
        table.add(["2", "bb", "100", "200", "yy"])
        #expect(table.text(width: 80, repeating: ["rank", "model"]) == table.text)
        #expect(table.text(width: 28, repeating: ["rank", "model"]) == table.text)
        #expect(
            table.text(width: 27, repeating: ["rank", "model"]) == """
                rank  model  one  two
                ────  ─────  ───  ───
                   1  a       10   20
                   2  bb     100  200

                rank  model  three
                ────  ─────  ─────
                   1  a      x
                   2  bb     yy

                """)
        // Each column has a block of its own where not even two go together.
        #expect(table.text(width: 5, repeating: ["model"]).components(separatedBy: "\n\n").count == 4)
    }

    @Test func linesAreBrokenAtSpaces() {
        #expect(WrappedText.lines("", width: 5) == [""])
        #expect(WrappedText.lines("one two three", width: 13) == ["one two three"])
        #expect(WrappedText.lines("one two three", width: 12) == ["one two", "three"])
        #expect(WrappedText.lines("a verylongword b", width: 5) == ["a", "veryl", "ongwo", "rd b"])
    }

    @Test func comparisonOnANarrowTerminal() {
        let results = fakeResults(models: 3)
        let text = ComparisonTable.text(results, width: 80)
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(text)")
        let whole = ComparisonTable.text(results)
        #expect(whole.split(separator: "\n").contains { $0.count > 120 })
        // Nothing is lost by it.
        func words(_ text: String) -> Set<Substring> { Set(text.split { $0 == " " || $0 == "\n" }.filter { !$0.hasPrefix("─") }) }
        #expect(words(text) == words(whole))
    }

    @Test func namesCannotMoveTheCursor() {
        var table = TextTable(columns: [("n", .left)])
        table.add(["\u{1B}[2Jx\n\u{9B}y"])
        #expect(table.text.split(separator: "\n").last == "\u{FFFD}[2Jx\u{FFFD}\u{FFFD}y")
    }

    /// The whole output for three models, one of which failed: what people see, character by character.
    @Test func comparison() {
        var results = fakeResults(models: 3, builtIn: false)
        for index in results.rows.indices { results.rows[index].bitsPerByte = [2.0976, 2.7280, 3.8586][index] }
        results.rows[1].status = .crashed
        results.rows[1].detail = "SIGSEGV (segmentation fault) after step 12"
        #expect(
            ComparisonTable.text(results) == """
                Exact likelihood
                model        likelihood  parameters  bits/byte  train tok/s  decode @256  decode @16k  state @256  state @16k   memory  status
                ───────────  ──────────  ──────────  ─────────  ───────────  ───────────  ───────────  ──────────  ──────────  ───────  ───────
                transformer  exact             962k      2.098        9.00k        5.13k          503     512 KiB      32 MiB  310 MiB  ok
                mamba        exact             969k          –            –            –            –           –           –        –  crashed

                Upper bound on bits per byte
                model      likelihood   parameters        bits/byte  train tok/s  decode @256  decode @16k  state @256  state @16k   memory  status
                ─────────  ───────────  ──────────  ───────────────  ───────────  ───────────  ───────────  ──────────  ──────────  ───────  ──────
                diffusion  upper-bound        976k  ≤ 3.859 ± 0.012        4.09k          234            –           –           –  318 MiB  ok

                One seed: how much another seed would change is not known, so nothing is ranked.
                ± of a bound with one seed is 1.96 standard errors of its estimate.
                Exact likelihoods and bounds are not comparable: a bound lies above what the model really reaches.
                decode: new tokens a second after that context; state: bytes of the saved session.
                memory: peak of the run's process until its last training step, decoding not included.
                mamba, seed 1: crashed: SIGSEGV (segmentation fault) after step 12

                """)
    }

    @Test func csv() {
        var results = fakeResults(models: 1)
        results.rows[0].detail = "=1+1, \"x\""
        let lines = CSVExport.runs(results).components(separatedBy: "\r\n")
        #expect(lines.count == 3 && lines[2].isEmpty)
        #expect(lines[0].hasPrefix("model,family,seed,status,detail,likelihood,parameters,"))
        #expect(
            lines[0].hasSuffix(
                "decode_tokens_per_second_16384,state_bytes_16384,decode_peak_memory_bytes_16384"))
        #expect(lines[1].hasPrefix("transformer,attention,1,ok,\"'=1+1, \"\"x\"\"\",exact,962048,0.001,1228800,7"))
        #expect(lines[0].split(separator: ",").count == 27)
        let curves = CSVExport.curves(results).components(separatedBy: "\r\n")
        #expect(curves.count == 60 + 2 && curves[0] == "model,seed,split,tokens,seconds,bits_per_byte")
        #expect(curves[1].hasPrefix("transformer,1,validation,20480,"))
    }
}
