import Experiments
import Foundation

extension ReportPage {
    /// Title and what is needed to judge the figures: budget, data, seeds, machine.
    var header: String {
        let budget = results.budget
        let failures = results.rows.filter { $0.status != .ok }.count
        var facts: [(String, String, String)] = []
        facts.append(
            (
                "Size of each model", "\(MatchText.size(budget))\(budget.match == nil ? " ± 5 %" : "")",
                budget.match == nil ? "counted by the host" : "matched; how near each came stands under What was done"
            ))
        if let tokens = budget.tokens, let steps = budget.steps {
            facts.append(
                (
                    "Training of each run", "\(SizeText.short(tokens)) tokens",
                    isOnTasks
                        ? "\(HTML.grouped(steps)) steps × \(budget.batch) rows of at most \(budget.context) symbols"
                        : "\(HTML.grouped(steps)) steps × \(budget.batch) windows × \(budget.context) bytes"
                ))
        } else if let minutes = budget.minutes {
            facts.append(
                (
                    "Training of each run", SizeText.duration(minutes * 60),
                    "steps of \(budget.batch) windows × \(budget.context) bytes"
                ))
        }
        let seeds = budget.seeds.count == 1 ? "1 seed" : "\(budget.seeds.count) seeds"
        let ending = failures == 0 ? "all ended well" : "\(failures) failed"
        facts.append(
            (
                "Runs", results.rows.count == 1 ? "1 run" : "\(results.rows.count) runs",
                "\(models.count == 1 ? "1 model" : "\(models.count) models") × \(seeds), \(ending)"
            ))
        let names = results.data.sources
        let shown = names.prefix(2).joined(separator: ", ") + (names.count > 2 ? " and \(names.count - 2) more" : "")
        facts.append(
            isOnTasks
                ? ("Tasks", TaskTable.tasks(TaskSummary.summarise(results.rows)).map(\.name).joined(separator: ", "), "rows are generated; no row is in two parts")
                : (
                    "Text", shown,
                    "\(SizeText.bytes(results.data.bytes)), tested on \(SizeText.bytes(results.data.splits.test))"
                ))
        let machine = results.machine
        let threads = machine.threads == 1 ? "1 thread" : "\(machine.threads) threads"
        facts.append(("Machine", machine.processor, "\(threads), \(SizeText.bytes(machine.memoryBytes)) of memory"))
        let list = facts.map { name, value, note in
            "<div><dt>\(HTML.escape(name))</dt><dd>\(HTML.escape(value))<span>\(HTML.escape(note))</span></dd></div>"
        }
        return """
            <header>
            <p class="kicker">Comparison of sequence architectures · \(HTML.escape(results.started.prefix(10).description))</p>
            <h1>\(HTML.escape(title))</h1>
            <dl class="facts">\(list.joined(separator: "\n"))</dl>
            \(environmentWarning)
            </header>
            """
    }

    private var environmentWarning: String {
        let set = results.machine.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        if set.isEmpty { return "" }
        return "<p class=\"warning\">Speed was measured with \(HTML.escape(set.joined(separator: ", "))) set, "
            + "which changes how fast this machine computes.</p>"
    }
}
