import Evaluation
import SequenceModel

/// Keeps a few stages of a text that is being refined, evenly over its steps; the last one is the finished text.
struct RefinementRecorder {
    static let stageCount = 6
    private let promptCount: Int
    /// Symbols at the last stage.
    private var last: [Int32]
    private(set) var stages: [RefinementStage] = []

    init(prompt: [Int32]) {
        promptCount = prompt.count
        last = prompt
    }

    /// To be told of every event before `text` takes it.
    mutating func observe(_ event: GenerationEvent, before text: RefinedText) {
        // That step `index` begins says that `index` steps are done.
        guard case .step(let index, let count) = event, index > 0, count > index else { return }
        if index * RefinementRecorder.stageCount / count > stages.count { record(text, step: index, of: count) }
    }

    /// To be told when the text is finished; leaves no stages of a model that never spoke of steps.
    mutating func finish(_ text: RefinedText) {
        if text.steps > 0 { record(text, step: text.steps, of: text.steps) }
    }

    private mutating func record(_ text: RefinedText, step: Int, of steps: Int) {
        var parts: [RefinementStage.Part] = []
        var run: [UInt8] = []
        var kind = RefinementStage.Kind.kept
        func end() {
            if run.isEmpty { return }
            let text = kind == .unknown ? String(repeating: "\u{2591}", count: run.count) : String(decoding: run, as: UTF8.self)
            parts.append(RefinementStage.Part(kind: kind, text: text))
            run = []
        }
        for position in text.symbols.indices.dropFirst(promptCount) {
            let symbol = text.symbols[position]
            let byte = UInt8(exactly: symbol)
            var now = RefinementStage.Kind.kept
            if byte == nil || text.isUnknown(position) {
                now = .unknown
            } else if position >= last.count || last[position] != symbol {
                now = .new
            }
            // A character of several bytes is not torn by the mark on its first.
            let isContinuation = (byte ?? 0) & 0xC0 == 0x80
            if now != kind, !(isContinuation && kind != .unknown && now != .unknown) {
                end()
                kind = now
            }
            run.append(byte ?? 0)
        }
        end()
        last = text.symbols
        stages.append(RefinementStage(step: step, steps: steps, parts: parts))
    }
}
