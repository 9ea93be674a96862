import Foundation
import SequenceModel
import Testing

/// Mamba-2 against a second, slow one written out token by token in this file: the decays that the probes show, and the logits.
@Suite struct DecayTests {
    private struct Reading {
        /// What multiplied the state, by layer: all heads and tokens of all rows.
        var decays: [[Double]]
        /// [B, T, V]
        var logits: [Double] = []
    }

    private func direct(_ model: ProbedText, _ batch: Batch) throws -> Reading {
        let c = model.model.configuration
        func size(_ key: String) throws -> Int { try #require(c[key]?.integerValue) }
        let (layers, width, heads) = (try size("num_hidden_layers"), try size("hidden_size"), try size("num_heads"))
        let (headWidth, states, groups) = (try size("head_dim"), try size("state_size"), try size("n_groups"))
        let (kernel, epsilon) = (try size("conv_kernel"), try #require(c["layer_norm_epsilon"]?.doubleValue))
        let isSigned = c["eigenvalue_range"] == .string("[-1,1]")
        let limit = (c["time_step_limit"]?.arrayValue ?? []).compactMap(\.doubleValue)
        let (channels, inner) = (heads * headWidth, groups * states)
        var reading = Reading(decays: [[Double]](repeating: [], count: layers))
        for row in 0 ..< batch.rows {
            let embedding = model["backbone.embeddings.weight"]
            var xs = (0 ..< batch.length).map { t -> [Double] in
                let symbol = Int(batch.tokens[row * batch.length + t])
                return Array(embedding[symbol * width ..< (symbol + 1) * width])
            }
            for layer in 0 ..< layers {
                let name = "backbone.layers.\(layer)."
                func w(_ part: String) -> [Double] { model[name + "mixer." + part] }
                let projected = xs.map { product(w("in_proj.weight"), rootMeanSquareNorm($0, model[name + "norm.weight"], epsilon)) }
                let (filter, bias) = (w("conv1d.weight"), w("conv1d.bias"))
                var state = [Double](repeating: 0, count: heads * headWidth * states)
                for t in xs.indices {
                    let v = (0 ..< channels + 2 * inner).map { channel -> Double in
                        var sum = bias[channel]
                        for tap in 0 ..< kernel where t - (kernel - 1) + tap >= 0 {
                            sum += filter[channel * kernel + tap] * projected[t - (kernel - 1) + tap][channels + channel]
                        }
                        return silu(sum)
                    }
                    var gated: [Double] = []
                    for head in 0 ..< heads {
                        let raw: Double = projected[t][2 * channels + 2 * inner + head] + w("dt_bias")[head]
                        var step = max(log(1 + exp(raw)), limit[0])
                        if limit[1] > 0 { step = min(step, limit[1]) }
                        let kept = exp(-exp(w("A_log")[head]) * step)
                        let decay = isSigned ? 2 * kept - 1 : kept
                        reading.decays[layer].append(decay)
                        let group = head / (heads / groups) * states
                        for p in 0 ..< headWidth {
                            let x = v[head * headWidth + p]
                            var y = w("D")[head] * x
                            for n in 0 ..< states {
                                let at = (head * headWidth + p) * states + n
                                state[at] = decay * state[at] + step * x * v[channels + group + n]
                                y += state[at] * v[channels + inner + group + n]
                            }
                            gated.append(y * silu(projected[t][head * headWidth + p]))
                        }
                    }
                    let share = channels / groups
                    let weight = w("norm.weight")
                    var even: [Double] = []
                    for group in 0 ..< groups {
                        let range = group * share ..< (group + 1) * share
                        even += rootMeanSquareNorm(Array(gated[range]), Array(weight[range]), epsilon)
                    }
                    xs[t] = zip(xs[t], product(w("out_proj.weight"), even)).map { $0 + $1 }
                }
            }
            for x in xs {
                reading.logits += product(
                    model["lm_head.weight"], rootMeanSquareNorm(x, model["backbone.norm_f.weight"], epsilon))
            }
        }
        return reading
    }

    private func summaries(_ decays: [[Double]]) -> [String: [Double]] {
        [
            "decay": decays.map { $0.reduce(0, +) / Double($0.count) }, "smallest_decay": decays.map { $0.min() ?? 0 },
            "largest_decay": decays.map { $0.max() ?? 0 },
        ]
    }

    @Test(arguments: [
        #"{"vocab_size":13,"hidden_size":24,"num_hidden_layers":3,"state_size":5,"head_dim":4,"n_groups":3,"conv_kernel":3}"#,
        #"{"vocab_size":13,"hidden_size":16,"num_hidden_layers":2,"state_size":6,"head_dim":8,"eigenvalue_range":"[-1,1]"}"#,
        #"{"vocab_size":13,"hidden_size":16,"num_hidden_layers":2,"state_size":6,"head_dim":8,"time_step_limit":[0.5,1.25]}"#,
    ])
    func areThoseOfTheRecurrence(_ configuration: String) throws {
        let model = try ProbedText("StateSpace", "mamba2", configuration)
        // Longer than a chunk, and no multiple of one.
        let batch = Batch(rows: 2, length: 131, tokens: someTokens(262, below: 13))
        let expected = try direct(model, batch)
        for (name, expected) in summaries(expected.decays) {
            let got = try model.values(name, batch)
            #expect(isNear(got, expected, 1e-9), "\(name): \(got) instead of \(expected)")
        }
        let logits = try model.bound.logits(batch.tokens, rows: 2)
        #expect(isNear(logits.map(Double.init), expected.logits, 1e-5))
    }

    @Test func selfTestsAreThoseOfTheRecurrence() throws {
        let text = try ProbedText("StateSpace", "mamba2", "{}")
        for name in ["decay", "smallest_decay", "largest_decay"] {
            let test = try text.selfTest(name)
            let model = try ProbedText("StateSpace", "mamba2", test.configuration.description, asInSelfTests: true)
            let expected = try #require(try summaries(direct(model, test.batch).decays)[name])
            #expect(isNear(test.expected, expected, 1e-5), "\(name): \(expected)")
        }
    }
}
