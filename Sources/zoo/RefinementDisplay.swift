import Evaluation
import Glibc
import PluginHost
import SequenceModel

/// Shows on stderr how a text is refined: on a terminal the text is redrawn in place, step by step and slowly enough to watch, elsewhere
/// there is a plain line now and then.
final class RefinementDisplay {
    private let isQuiet: Bool
    private let progress: Progress
    private var linesShown = 0
    private var lastStep: ContinuousClock.Instant?
    private var before: RefinedText?
    private var revealed: Set<Int> = []

    init(isQuiet: Bool) {
        self.isQuiet = isQuiet
        progress = Progress("refining", unit: "steps", isQuiet: isQuiet)
    }

    /// Least time that a step stays on the screen, in seconds: a tenth, shorter where so many steps would take longer than ten seconds.
    static func pace(steps: Int) -> Double { steps > 0 ? min(0.1, 10 / Double(steps)) : 0.05 }

    /// The text as `event` has made it.
    func show(_ text: RefinedText, after event: GenerationEvent) {
        guard !isQuiet else { return }
        guard Terminal.rewritesLines else {
            progress.update(text.step, detail: "\(text.unknown) symbols unknown")
            return
        }
        if case .step = event {
            // A fast model is done before anybody has seen a step.
            hold(RefinementDisplay.pace(steps: text.steps))
            lastStep = .now
            revealed = []
        }
        if case .replace = event, let before {
            revealed.formUnion(text.symbols.indices.filter { before.isUnknown($0) && !text.isUnknown($0) })
        }
        before = text
        draw(text)
    }

    /// Takes the text off the terminal again.
    func clear() {
        if linesShown > 0 { Terminal.writeError("\u{1B}[\(linesShown)A\r\u{1B}[J") }
        linesShown = 0
        progress.finish()
    }

    /// The end: the last step stays as long as the others. The finished text then takes its place, where stdout goes to the terminal too;
    /// otherwise it is left where it is.
    func finish() {
        guard linesShown > 0, let before else { return progress.finish() }
        hold(RefinementDisplay.pace(steps: before.steps))
        if Terminal.outputWidth != nil { clear() }
        progress.finish()
    }

    /// Waits until the last step has been shown for so many seconds, or the user wants to stop.
    private func hold(_ seconds: Double) {
        guard let lastStep else { return }
        while (ContinuousClock.now - lastStep) / .seconds(1) < seconds, !Interruption.isRequested { usleep(2000) }
    }

    private func draw(_ text: RefinedText) {
        // In one piece, so that the terminal does not flicker.
        var frame = linesShown > 0 ? "\u{1B}[\(linesShown)A\r\u{1B}[J" : ""
        let lines =
            [RefinementFrame.title(text)]
            + RefinementFrame.lines(
                text, revealed: revealed, width: Terminal.width - 1, height: Terminal.height - 2,
                usesColour: Terminal.usesColour)
        frame += lines.joined(separator: "\n") + "\n"
        Terminal.writeError(frame)
        linesShown = lines.count
    }
}
