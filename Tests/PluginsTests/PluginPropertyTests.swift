import PluginHost
import SequenceModel
import Testing
import Training

/// What holds for every architecture in the repository, small and through the C ABI.
@Suite struct PluginPropertyTests {
    struct Example: Sendable, CustomTestStringConvertible {
        let library: String
        let id: String
        let configuration: JSONValue
        var testDescription: String { id }
    }

    static let causal: [Example] = [
        Example(
            library: "Transformer", id: "transformer",
            configuration: .object([
                "vocab_size": .integer(23), "hidden_size": .integer(16), "intermediate_size": .integer(24),
                "num_hidden_layers": .integer(2), "num_attention_heads": .integer(4), "num_key_value_heads": .integer(2),
                "sliding_window": .integer(6),
                "layer_types": .array([.string("sliding_attention"), .string("full_attention")]),
            ])),
        Example(
            library: "StateSpace", id: "mamba",
            configuration: .object([
                "vocab_size": .integer(23), "hidden_size": .integer(16), "num_hidden_layers": .integer(2),
                "state_size": .integer(5),
            ])),
        Example(
            library: "RWKV", id: "rwkv4",
            configuration: .object([
                "vocab_size": .integer(23), "hidden_size": .integer(16), "num_hidden_layers": .integer(2),
                "attention_hidden_size": .integer(20), "intermediate_size": .integer(24),
            ])),
        Example(
            library: "RWKV", id: "rwkv7",
            configuration: .object([
                "vocab_size": .integer(23), "hidden_size": .integer(18), "num_hidden_layers": .integer(2), "head_dim": .integer(6),
                "intermediate_size": .integer(24), "decay_low_rank_dim": .integer(3), "a_low_rank_dim": .integer(4),
                "v_low_rank_dim": .integer(2), "gate_low_rank_dim": .integer(5),
            ])),
        Example(
            library: "StateSpace", id: "mamba",
            configuration: .object([
                "vocab_size": .integer(23), "hidden_size": .integer(16), "num_hidden_layers": .integer(2),
                "state_size": .integer(5), "eigenvalue_range": .string("[-1,1]"),
            ])),
        Example(
            library: "StateSpace", id: "mamba2",
            configuration: .object([
                "vocab_size": .integer(23), "hidden_size": .integer(16), "num_hidden_layers": .integer(2), "head_dim": .integer(8),
                "state_size": .integer(5), "n_groups": .integer(2),
            ])),
        Example(
            library: "StateSpace", id: "mamba2",
            configuration: .object([
                "vocab_size": .integer(23), "hidden_size": .integer(16), "num_hidden_layers": .integer(2), "head_dim": .integer(8),
                "state_size": .integer(5), "time_step_limit": .array([.number(0.4), .number(0.9)]),
                "eigenvalue_range": .string("[-1,1]"),
            ])),
        Example(
            library: "StateSpace", id: "s4d",
            configuration: .object([
                "vocab_size": .integer(23), "d_model": .integer(16), "n_layers": .integer(2), "d_state": .integer(6),
            ])),
        Example(
            library: "Hyena", id: "hyena",
            configuration: .object([
                "vocab_size": .integer(23), "d_model": .integer(16), "n_layer": .integer(2), "d_inner": .integer(24),
                "order": .integer(3), "l_max": .integer(90), "filter_order": .integer(8), "emb_dim": .integer(5),
                // Three sines of 14 times the last are too crooked for differences.
                "w": .integer(1),
            ])),
        Example(
            library: "Hyena", id: "hyena",
            configuration: .object([
                "vocab_size": .integer(23), "d_model": .integer(16), "n_layer": .integer(2), "d_inner": .integer(24),
                "filter": .string("modal"), "state_size": .integer(3),
            ])),
        Example(library: "Minimal", id: "minimal", configuration: .object(["vocab_size": .integer(23), "hidden_size": .integer(16)])),
        Example(
            library: "ByteLevel", id: "megabyte",
            configuration: .object([
                "vocab_size": .integer(23), "patch_size": .integer(4), "hidden_size": .integer(16), "intermediate_size": .integer(24),
                "num_hidden_layers": .integer(2), "num_attention_heads": .integer(2), "local_hidden_size": .integer(8),
                "local_intermediate_size": .integer(16), "local_num_hidden_layers": .integer(1), "local_num_attention_heads": .integer(2),
            ])),
        Example(library: "ByteLevel", id: "blt", configuration: byteLatent),
        Example(library: "Hybrid", id: "hybrid", configuration: everyMixer),
        Example(
            library: "ByteLevel", id: "bitlevel",
            configuration: .object([
                "vocab_size": .integer(23), "hidden_size": .integer(16), "intermediate_size": .integer(24),
                "num_hidden_layers": .integer(2), "num_attention_heads": .integer(2),
            ])),
        Example(library: "LSTM", id: "lstm", configuration: recurrent),
        Example(library: "LSTM", id: "gru", configuration: recurrent),
        Example(
            library: "TestTimeMemory", id: "gated-deltanet",
            configuration: .object([
                "vocab_size": .integer(23), "hidden_size": .integer(16), "intermediate_size": .integer(24),
                "num_hidden_layers": .integer(2), "num_attention_heads": .integer(2), "linear_key_head_dim": .integer(5),
                "layer_types": .array([.string("linear_attention"), .string("full_attention")]),
            ])),
        Example(
            library: "TestTimeMemory", id: "deltanet",
            configuration: .object([
                "vocab_size": .integer(23), "hidden_size": .integer(16), "intermediate_size": .integer(24),
                "num_hidden_layers": .integer(2), "num_attention_heads": .integer(2), "linear_num_key_heads": .integer(1),
                "linear_key_head_dim": .integer(5), "linear_allow_neg_eigval": .boolean(true),
            ])),
        Example(library: "TestTimeMemory", id: "ttt-linear", configuration: learning),
        Example(library: "TestTimeMemory", id: "ttt-mlp", configuration: learning),
        Example(library: "TestTimeMemory", id: "titans-mag", configuration: remembering),
        Example(library: "TestTimeMemory", id: "titans-mac", configuration: remembering),
        Example(library: "TestTimeMemory", id: "titans-mal", configuration: remembering),
        Example(library: "TestTimeMemory", id: "titans-lmm", configuration: remembering),
    ]
    private static let everyMixer = JSONValue.object([
        "vocab_size": .integer(23), "hidden_size": .integer(16), "intermediate_size": .integer(12), "num_hidden_layers": .integer(13),
        "pattern": .string("attention mlp window mamba mamba2 s4d rwkv4 rwkv7 mlp delta gated-delta ttt-linear ttt-mlp titans hyena"),
        "num_attention_heads": .integer(2), "sliding_window": .integer(5), "mamba_state_size": .integer(3),
        "mamba2_state_size": .integer(5), "s4d_state_size": .integer(4),
    ])
    private static let byteLatent: JSONValue = {
        func stack(_ width: Int64) -> JSONValue {
            .object([
                "hidden_size": .integer(width), "num_hidden_layers": .integer(1), "num_attention_heads": .integer(2),
                "intermediate_size": .integer(24),
            ])
        }
        return .object([
            "vocab_size": .integer(23), "encoder_config": stack(8), "decoder_config": stack(8), "global_config": stack(24),
            "patcher_config": stack(8), "local_attention_window_len": .integer(6), "encoder_hash_byte_group_vocab": .integer(11),
            "patching_threshold": .number(2.75),
        ])
    }()
    private static let learning = JSONValue.object([
        "vocab_size": .integer(23), "hidden_size": .integer(16), "intermediate_size": .integer(24), "num_hidden_layers": .integer(2),
        "num_attention_heads": .integer(2), "mini_batch_size": .integer(4), "use_gate": .boolean(true), "share_qk": .boolean(true),
    ])
    private static let remembering = JSONValue.object([
        "vocab_size": .integer(23), "hidden_size": .integer(16), "intermediate_size": .integer(24), "num_hidden_layers": .integer(2),
        "num_attention_heads": .integer(2), "chunk_size": .integer(6), "sliding_window": .integer(5),
        "num_persistent_tokens": .integer(2),
    ])
    private static let recurrent = JSONValue.object([
        "vocab_size": .integer(23), "hidden_size": .integer(18), "embedding_size": .integer(11), "num_hidden_layers": .integer(2),
    ])
    static let all =
        causal + [
            Example(
                library: "Diffusion", id: "diffusion",
                configuration: .object([
                    "vocab_size": .integer(24), "hidden_dim": .integer(16), "cond_dim": .integer(8),
                    "n_blocks": .integer(2), "n_heads": .integer(2), "time_conditioning": .boolean(true),
                ]))
        ]

    private func open(
        _ example: Example, scalar: TensorView.Scalar = .float32, threads: Int = 1
    ) throws -> BoundModel {
        let model = try BoundModel(
            PluginLibrary.factory(example.library, example.id), example.configuration, scalar: scalar, threads: threads)
        // Away from the first values, where some tensors are zero and hide what is wrong with others.
        for index in model.memory.ownIndices {
            var stream = RandomKey(seed: 3).split(UInt64(index)).stream
            let view = model.memory.views[index]
            view.write(model.values(view).map { $0 + 0.1 * stream.normal() })
        }
        model.model.parametersChanged()
        return model
    }

    private func batch(_ model: BoundModel, rows: Int = 2, length: Int = 21) -> Batch {
        let tokens = someTokens(rows * length, below: model.model.shape.alphabet)
        var targets = someTokens(rows * length, below: model.model.shape.alphabet, seed: 8)
        if model.model.description.capabilities.contains(.targetsInPlace) { targets = tokens }
        targets[4] = -1
        return Batch(rows: rows, length: length, tokens: tokens, targets: targets, key: RandomKey(seed: 11))
    }

    @Test(arguments: causal) func chunksAndStepsGiveWhatTheWholeGives(_ example: Example) throws {
        let model = try open(example)
        let tokens = someTokens(2 * 21, below: 23)
        let whole = try model.logits(tokens, rows: 2)
        func part(_ range: Range<Int>) -> [Int32] { (0 ..< 2).flatMap { tokens[$0 * 21 + range.lowerBound ..< $0 * 21 + range.upperBound] } }
        for cuts in [[0, 9, 14, 21], Array(0 ... 21)] {
            let session = try model.model.openSession(rows: 2)
            for (begin, end) in zip(cuts, cuts.dropFirst()) {
                let logits = try session.logits(part(begin ..< end), .all, vocabulary: 23)
                for row in 0 ..< 2 {
                    let expected = Array(whole[(row * 21 + begin) * 23 ..< (row * 21 + end) * 23])
                    let got = Array(logits[row * (end - begin) * 23 ..< (row + 1) * (end - begin) * 23])
                    #expect(largestDifference(got, expected) <= 2e-5)
                }
            }
        }
    }

    @Test(arguments: causal) func savedAndForkedSessionsGoOnBitForBit(_ example: Example) throws {
        let model = try open(example)
        let session = try model.model.openSession(rows: 1)
        _ = try session.logits(someTokens(13, below: 23), .none, vocabulary: 23)
        let fork = try session.fork()
        let saved = try session.save()
        let next = someTokens(5, below: 23, seed: 4)
        let expected = try session.logits(next, .all, vocabulary: 23)
        #expect(try fork.logits(next, .all, vocabulary: 23) == expected)
        let loaded = try model.model.loadSession(saved)
        #expect(loaded.position == 13)
        #expect(try loaded.logits(next, .all, vocabulary: 23) == expected)
        for damaged in [[], Array(saved.dropLast()), saved + [0], saved.map { ~$0 }] {
            let error = #expect(throws: SequenceModelError.self) { try model.model.loadSession(damaged) }
            #expect(error?.code == .dataLoss)
        }
    }

    @Test(arguments: causal) func laterSymbolsChangeNothingBefore(_ example: Example) throws {
        let model = try open(example)
        var tokens = someTokens(30, below: 23)
        let before = try model.logits(tokens, rows: 1)
        for place in [29, 15] {
            tokens[place] = (tokens[place] + 1) % 23
            let after = try model.logits(tokens, rows: 1)
            #expect(after[..<(place * 23)] == before[..<(place * 23)])
            #expect(after[(place * 23)...] != before[(place * 23)...])
        }
    }

    /// Central differences in double precision along a random direction of every parameter tensor.
    @Test(arguments: all) func gradientsAreThoseOfCentralDifferences(_ example: Example) throws {
        let model = try open(example, scalar: .float64)
        let batch = batch(model, rows: 2, length: 9)
        _ = try model.model.lossAndGradient(batch)
        for index in model.memory.ownIndices {
            var stream = RandomKey(seed: 5).split(UInt64(index)).stream
            let view = model.memory.views[index]
            let values = model.values(view)
            let direction = values.map { _ in stream.normal() }
            let slope = zip(try model.gradient(index), direction).reduce(0) { $0 + $1.0 * $1.1 }
            func loss(_ step: Double) throws -> Double {
                view.write(zip(values, direction).map { $0 + step * $1 })
                model.model.parametersChanged()
                return try model.model.loss(batch)
            }
            let step = 1e-5
            // Four points: two are not enough where a key that is made as long as 1 was short, and the loss bends.
            let near = try loss(step) - (try loss(-step)), far = try loss(2 * step) - (try loss(-2 * step))
            let numeric = (8 * near - far) / (12 * step)
            view.write(values)
            model.model.parametersChanged()
            #expect(
                abs(slope - numeric) <= 1e-6 * max(1, abs(numeric)),
                "\(model.memory.declarations[index].name): \(slope) against \(numeric)")
        }
    }

    @Test(arguments: all) func anyNumberOfThreadsGivesTheSameBits(_ example: Example) throws {
        var results: [(loss: Double, gradients: [[Double]])] = []
        for threads in [1, 2, 3] {
            let model = try open(example, threads: threads)
            let loss = try model.model.lossAndGradient(batch(model, rows: 5, length: 65))
            results.append((loss, try model.memory.ownIndices.map { try model.gradient($0) }))
        }
        for other in results.dropFirst() {
            #expect(other.loss == results[0].loss)
            #expect(other.gradients == results[0].gradients)
        }
    }

    @Test(arguments: all) func weightsActLinearlyAndIgnoredTargetsNotAtAll(_ example: Example) throws {
        let model = try open(example, scalar: .float64)
        var batch = batch(model)
        func loss(_ weights: [Float]) throws -> Double {
            batch.weights = weights
            return try model.model.loss(batch)
        }
        let a = (0 ..< 42).map { Float($0 % 5) - 2 }
        let b = (0 ..< 42).map { Float($0 % 3) * 0.5 }
        let sum = try loss(zip(a, b).map { 2 * $0 - $1 })
        #expect(abs(sum - (2 * (try loss(a)) - (try loss(b)))) <= 1e-9 * max(1, abs(sum)))
        var nothing = batch
        nothing.targets = [Int32](repeating: -1, count: 42)
        #expect(try model.model.loss(nothing) == 0)
    }

    @Test(arguments: all, [100_000, 300_000, 1_000_000, 10_000_000])
    func proposalsMeetTheBudget(_ example: Example, _ parameters: Int) throws {
        let factory = try PluginLibrary.factory(example.library, example.id)
        let configuration = try factory.propose(Budget(parameters: parameters, context: 256))
        let model = try factory.create(configuration, services: NoHostServices())
        let count = model.parameters.filter { $0.tiedTo == nil }.reduce(0) { $0 + $1.count }
        #expect(abs(Double(count) / Double(parameters) - 1) <= 0.05, "\(count) parameters: \(configuration)")
        #expect(model.shape.alphabet == 256)
    }
}
