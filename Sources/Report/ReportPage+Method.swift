import Experiments
import Foundation

extension ReportPage {
    /// What was done and how to do it again.
    var methodSection: String {
        let data = results.data
        let machine = results.machine
        let rates = Set(results.rows.map(\.learningRate)).sorted().map { "\($0)" }.joined(separator: ", ")
        var facts: [(String, String)] = [
            ("Begun", HTML.escape(results.started)),
            (isOnTasks ? "Tasks" : "Text", HTML.escape(data.sources.joined(separator: ", "))),
            (isOnTasks ? "SHA-256 of tasks and generators" : "SHA-256 of the text", "<code>\(HTML.escape(data.sha256))</code>"),
            (
                "Splits",
                isOnTasks
                    ? "training, validation and test rows are drawn apart: of 16 rows that can be, one is for validation and one for testing"
                    : "\(HTML.grouped(data.splits.train)) bytes to train, \(HTML.grouped(data.splits.validation)) to validate, "
                    + "\(HTML.grouped(data.splits.test)) to test, in contiguous blocks"
            ),
            ("Seeds", results.budget.seeds.map(String.init).joined(separator: ", ")),
            ("Peak learning rate", HTML.escape(rates)),
            (
                "Machine",
                HTML.escape(
                    "\(machine.processor); \(machine.processors) processors, \(machine.threads) used; "
                        + "\(SizeText.bytes(machine.memoryBytes)); \(machine.system)")
            ),
            ("Sizes", HTML.escape(MatchText.method(results))),
            isOnTasks
                ? ("Accuracy", "of the most likely symbol (predict) at the places that are asked for, on the same test rows for every model and seed")
                : ("Bits per byte", "on the whole test split; divided by its bytes"),
            ("Peak memory", "of the training process, as the kernel counted it, before evaluation"),
            ("State", "bytes of the saved session, weights not included"),
        ]
        if let best = data.bestPossibleBitsPerByte {
            facts.append(("Best possible", String(format: "%.4f bits per byte", best)))
        }
        if let most = results.rows.compactMap(\.concurrentRuns).max() {
            facts.append((
                "Side by side",
                "up to \(most) runs were at work at once, each on \(machine.threads) of the processors: speeds, times and memory of decoding were "
                    + "measured beside other runs and are lower than alone; bits per byte are the same"
            ))
        }
        let list = facts.map { "<dt>\($0.0)</dt><dd>\($0.1)</dd>" }
        return """
            <section id="method" aria-labelledby="method-title">
            <h2 id="method-title">What was done</h2>
            <p>To make this comparison again:</p>
            <pre>\(HTML.escape(results.command))</pre>
            <dl class="how">\(list.joined(separator: "\n"))</dl>
            </section>
            """
    }
}
