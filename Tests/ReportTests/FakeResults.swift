import Experiments
import Foundation
import SequenceModel

/// Results that look like real ones, for as many models as wanted; the same every time.
func fakeResults(models: Int, seeds: Int = 1, builtIn: Bool = true, withFailures: Bool = true) -> ComparisonResults {
    let names = [
        "transformer", "mamba", "diffusion", "mamba2", "rwkv7", "gated-deltanet", "hyena", "retnet", "xlstm", "titans",
        "jepa", "energy", "block-diffusion", "s4", "griffin",
    ]
    var rows: [ResultRow] = []
    for index in 0 ..< models {
        for seed in 1 ... seeds {
            rows.append(
                fakeRow(names[index % names.count], index: index, seed: UInt64(seed), withFailures: withFailures))
        }
    }
    return ComparisonResults(
        command:
            "zoo compare \(names.prefix(models).joined(separator: " ")) --parameters 1M --context 256 --batch 16 --steps 300",
        started: "2026-03-14T15:09:26Z",
        machine: MachineSummary(
            processor: "Example processor at 2.5 GHz", processors: 2, threads: 2, memoryBytes: 8 << 30,
            system: "Debian GNU/Linux 12"),
        budget: ComparisonBudget(
            parameters: 1_000_000, context: 256, batch: 16, steps: 300, seeds: (1 ... seeds).map(UInt64.init)),
        data: DataSummary(
            sources: [builtIn ? "built-in" : "tinyshakespeare.txt"],
            sha256: String(repeating: "86c4e6aa9db7c042", count: 4), bytes: 1_115_394,
            splits: .init(train: 1_003_854, validation: 55_770, test: 55_770),
            bestPossibleBitsPerByte: builtIn ? 1.342 : nil),
        rows: rows)
}

private func fakeRow(_ model: String, index: Int, seed: UInt64, withFailures: Bool) -> ResultRow {
    let isBound = model.contains("diffusion")
    let configuration = JSONValue.object([
        "hidden_size": .integer(192), "num_hidden_layers": .integer(4), "vocab_size": .integer(256),
    ])
    var row = ResultRow(
        model: model, name: model.capitalized,
        family: isBound ? "diffusion" : index % 2 == 0 ? "attention" : "recurrent",
        pluginSHA256: String(repeating: "0123456789abcdef", count: 4), config: ConfigurationJSON(configuration),
        initialisation: "normal 0.02 for 14 tensors, ones for 9, own for 4", seed: seed,
        parameters: 962_048 + 7013 * index, learningRate: 0.001,
        likelihood: model == "jepa" ? .none : isBound ? .upperBound : .exact)
    var stream = RandomKey(seed: seed).split(model).stream
    let final = 2.1 + 0.09 * Double(index * 7 % 15) + (isBound ? 0.5 : 0) + 0.03 * stream.normal()
    let speed = 9000.0 / (1 + 0.4 * Double(index * 5 % 7))
    let fails = withFailures && (index == 4 || index == 11) && seed == 1
    for step in stride(from: 5, through: fails ? 120 : 300, by: 5) {
        let t = Double(step) / 300
        row.curve.append(
            CurvePoint(
                tokens: step * 4096,
                bitsPerByte: final + (8 - final) * exp(-t * 14) + 0.5 * (1 - t) + 0.02 * stream.normal()))
        row.curveSeconds.append(Double(step) * 4096 / speed)
    }
    row.trainTokens = row.curve.last?.tokens ?? 0
    row.curveSplit = "validation"
    row.trainTokensPerSecond = speed
    row.seconds = Double(row.trainTokens) / speed
    if fails {
        row.status = index == 4 ? .diverged : .crashed
        row.detail =
            index == 4
            ? "the loss was not finite at step 120"
            : "SIGSEGV (segmentation fault) at step 120; last line of the log: step 120 loss 1.83"
        return row
    }
    row.bitsPerByte = model == "jepa" ? nil : final
    row.bitsPerByteStandardError = isBound ? 0.006 : nil
    row.peakMemoryBytes = 310 << 20 + index << 22
    for context in [256, 1024, 4096, 16384] {
        let grows = index % 2 == 0
        if isBound {
            row.decode.append(
                DecodeFigure(
                    context: context, tokensPerSecond: context > 4096 ? nil : 60_000 / Double(context), stateBytes: nil,
                    method: "generation",
                    reason: context > 4096
                        ? "12 of 64 steps for 64 tokens were done when the 10.0 s for this context were spent" : ""))
        } else {
            row.decode.append(
                DecodeFigure(
                    context: context,
                    tokensPerSecond: grows ? 6000 / (1 + Double(context) / 1500) : 2200 + 40 * Double(index),
                    stateBytes: grows ? context * 2048 * (1 + index % 3) : 180_000 << (index % 4)))
        }
    }
    if model == "transformer" {
        row.probes["attention_entropy"] = ProbeFigure(
            summary: "Entropy of each head's attention, mean over queries.", axes: ["layer", "head"], extents: [4, 4],
            labels: [nil, nil], unit: "nats", values: (0 ..< 16).map { 0.3 + 0.21 * Double($0 * 7 % 16) }, windows: 64)
    } else if model == "mamba" {
        row.probes["step_size"] = ProbeFigure(
            summary: "Δ of the selective scan, mean over channels and tokens.", axes: ["layer"], extents: [8], labels: [nil],
            values: (0 ..< 8).map { 0.01 + 0.02 * Double($0 * 3 % 8) }, windows: 64)
    } else if model == "diffusion" {
        let parts = (1 ... 9).map { "0.\($0)" }
        row.probes["masked_entropy"] = ProbeFigure(
            summary: "Entropy of what is guessed at a hidden position.", axes: ["hidden"], extents: [9], labels: [parts],
            unit: "nats", values: (1 ... 9).map { 0.8 + 0.2 * Double($0) }, windows: 64)
        row.probes["broken"] = ProbeFigure(summary: "", reason: "its self-test crashed (Segmentation fault)")
    }
    row.samples = [
        GeneratedSample(
            prompt: "ROMEO:\n",
            text:
                "What say you to the \(model)?\nI will not be the man that <b>hath</b> the world,\nAnd so shall stand & be gone.\n\nJULIET:\nThe day is come to me, my lord."
        )
    ]
    return row
}
