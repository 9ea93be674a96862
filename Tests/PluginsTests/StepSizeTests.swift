import Foundation
import SequenceModel
import Testing

/// The step sizes of Mamba against a second, slow Mamba written out in this file.
@Suite struct StepSizeTests {
    /// Δ of each layer, all channels and tokens of all rows.
    private func direct(_ model: ProbedText, _ batch: Batch) throws -> [[Double]] {
        let c = model.model.configuration
        func size(_ key: String) throws -> Int { try #require(c[key]?.integerValue) }
        let (layers, width, channels) = (try size("num_hidden_layers"), try size("hidden_size"), try size("intermediate_size"))
        let (states, rank, kernel) = (try size("state_size"), try size("time_step_rank"), try size("conv_kernel"))
        let epsilon = try #require(c["layer_norm_epsilon"]?.doubleValue)
        var sizes = [[Double]](repeating: [], count: layers)
        for row in 0 ..< batch.rows {
            let embedding = model["backbone.embeddings.weight"]
            var xs = (0 ..< batch.length).map { t -> [Double] in
                let symbol = Int(batch.tokens[row * batch.length + t])
                return Array(embedding[symbol * width ..< (symbol + 1) * width])
            }
            for layer in 0 ..< layers {
                let name = "backbone.layers.\(layer)."
                let (logA, skip) = (model[name + "mixer.A_log"], model[name + "mixer.D"])
                let (filter, bias) = (model[name + "mixer.conv1d.weight"], model[name + "mixer.conv1d.bias"])
                let inner = xs.map { product(model[name + "mixer.in_proj.weight"], rootMeanSquareNorm($0, model[name + "norm.weight"], epsilon)) }
                var state = [Double](repeating: 0, count: channels * states)
                for t in xs.indices {
                    let v = (0 ..< channels).map { channel -> Double in
                        var sum = bias[channel]
                        for tap in 0 ..< kernel where t - (kernel - 1) + tap >= 0 {
                            sum += filter[channel * kernel + tap] * inner[t - (kernel - 1) + tap][channel]
                        }
                        return silu(sum)
                    }
                    let selected = product(model[name + "mixer.x_proj.weight"], v)
                    let delta = zip(
                        product(model[name + "mixer.dt_proj.weight"], Array(selected[0 ..< rank])), model[name + "mixer.dt_proj.bias"]
                    ).map { log(1 + exp($0 + $1)) }
                    sizes[layer] += delta
                    let y = (0 ..< channels).map { channel -> Double in
                        var sum = skip[channel] * v[channel]
                        for n in 0 ..< states {
                            let index = channel * states + n
                            state[index] =
                                exp(-exp(logA[index]) * delta[channel]) * state[index]
                                + delta[channel] * selected[rank + n] * v[channel]
                            sum += state[index] * selected[rank + states + n]
                        }
                        return sum * silu(inner[t][channels + channel])
                    }
                    xs[t] = zip(xs[t], product(model[name + "mixer.out_proj.weight"], y)).map { $0 + $1 }
                }
            }
        }
        return sizes
    }

    private func summaries(_ sizes: [[Double]]) -> [String: [Double]] {
        [
            "step_size": sizes.map { $0.reduce(0, +) / Double($0.count) }, "smallest_step_size": sizes.map { $0.min() ?? 0 },
            "largest_step_size": sizes.map { $0.max() ?? 0 },
        ]
    }

    @Test func areThoseOfTheScan() throws {
        let model = try ProbedText(
            "StateSpace", "mamba", #"{"vocab_size":13,"hidden_size":24,"num_hidden_layers":3,"state_size":4,"conv_kernel":3}"#)
        let batch = Batch(rows: 3, length: 11, tokens: someTokens(33, below: 13))
        for (name, expected) in summaries(try direct(model, batch)) {
            let got = try model.values(name, batch)
            #expect(isNear(got, expected, 1e-9), "\(name): \(got) instead of \(expected)")
        }
    }

    @Test func selfTestsAreThoseOfTheScan() throws {
        let text = try ProbedText("StateSpace", "mamba", "{}")
        for name in ["step_size", "smallest_step_size", "largest_step_size"] {
            let test = try text.selfTest(name)
            let model = try ProbedText("StateSpace", "mamba", test.configuration.description, asInSelfTests: true)
            let expected = try #require(try summaries(direct(model, test.batch))[name])
            #expect(isNear(test.expected, expected, 1e-5), "\(name): \(expected)")
        }
    }
}
