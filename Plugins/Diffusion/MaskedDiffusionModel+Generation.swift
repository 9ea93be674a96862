import SequenceModel
import Tensor

extension MaskedDiffusionModel {
    /// Fills in the mask symbols of the prompt and of what is added to it, block after block where there are blocks.
    func generate(_ request: GenerationRequest, sink: (GenerationEvent) -> Bool) throws {
        let name = request.sampler ?? Self.samplers[0].rawValue
        guard let kind = Self.samplers.first(where: { $0.rawValue == name }) else {
            let known = Self.samplers.map(\.rawValue).joined(separator: ", ")
            throw SequenceModelError(.invalidArgument, "sampler is \"\(name)\"; allowed: \(known)")
        }
        var text = request.prompt + [Int32](repeating: mask, count: request.newTokens)
        func tell(_ event: GenerationEvent) throws {
            guard sink(event) else { throw SequenceModelError(.cancelled, "stopped by the receiver") }
        }
        if request.newTokens > 0 { try tell(.append([Int32](repeating: mask, count: request.newTokens))) }
        let size = generationBlock > 0 ? generationBlock : max(text.count, 1)
        let blocks = stride(from: 0, to: text.count, by: size).map { start in
            let range = start ..< min(start + size, text.count)
            return (range: range, hidden: range.filter { text[$0] == mask })
        }.filter { !$0.hidden.isEmpty }
        let hidden = blocks.reduce(0) { $0 + $1.hidden.count }
        let wanted = request.steps > 0 ? request.steps : kind.usualSteps(hidden)
        let steps = blocks.map { max(1, min($0.hidden.count, wanted * $0.hidden.count / max(hidden, 1))) }
        var sampler = DiffusionSampler(
            kind: kind, temperature: request.temperature, mask: mask, stream: request.key.split("sample").stream)
        let decoder = try makeDecoder()
        var done = 0
        for (block, count) in zip(blocks, steps) {
            try decoder?.read(text, upTo: block.range.lowerBound)
            try sampler.fill(
                &text, hidden: block.hidden, steps: count, firstStep: done, allSteps: steps.reduce(0, +),
                logits: { text, positions in
                    if let decoder { return try decoder.logits(text, block: block.range, at: positions) }
                    return try wholeTextLogits(text, positions)
                }, report: sink)
            done += count
        }
        try tell(.done)
    }

    private func wholeTextLogits(_ text: [Int32], _ positions: [Int]) throws -> [Float] {
        let batch = Batch(rows: 1, length: text.count, tokens: text)
        let logits = try alphabetLogits(batch, times: hiddenParts(text, text.count), rows: positions.map(Int32.init))
        return logits.toArray().map(Float.init)
    }
}
