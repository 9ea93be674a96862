import Foundation
import PluginHost
import SequenceModel
import Testing
import Training

/// The energy-based transformer against alexiglad/EBT@0ad3628 and against one written out, through the C ABI.
@Suite struct EnergyBasedTests {
    private func fixture(_ file: String) throws -> SafetensorsFile {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/off_ebt_s1")
        return try SafetensorsFile(path: folder.appendingPathComponent(file).path)
    }

    private func settings(steps: Int) -> String {
        #"{"vocab_size": 13, "embedding_dim": 32, "num_transformer_blocks": 2, "multiheaded_attention_heads": 4, "mcmc_num_steps": 2, "#
            + #""inference_mcmc_steps": \#(steps), "no_mcmc_detach": false, "start_positions": 9}"#
    }

    /// The published weights of S1, with row `row` of the fixture's starts as the model's table.
    private func published(row: Int, steps: Int) throws -> BoundModel {
        let model = try BoundModel(PluginLibrary.factory("EnergyBased", "ebt"), JSONParser.parse(settings(steps: steps)))
        try fill(model, row: row)
        return model
    }

    private func fill(_ model: BoundModel, row: Int) throws {
        let weights = try fixture("params.safetensors"), start = try fixture("io.safetensors").floats("z0")
        for index in model.memory.ownIndices {
            let name = model.memory.declarations[index].name
            let values = name == "start.weight" ? Array(start[row * 117 ..< (row + 1) * 117]) : try weights.floats(name)
            model.memory.views[index].write(values.map(Double.init))
        }
        model.model.parametersChanged()
    }

    private func ids(_ row: Int, _ range: Range<Int>) throws -> [Int32] {
        try fixture("io.safetensors").integers("ids")[row * 10 + range.lowerBound ..< row * 10 + range.upperBound].map(Int32.init)
    }

    @Test func publishedNamesLoadAsTheyAre() throws {
        let model = try published(row: 0, steps: 2)
        let declared = Set(model.memory.declarations.map(\.name))
        #expect(declared == Set(try fixture("params.safetensors").tensors.map(\.name) + ["start.weight"]))
    }

    @Test(arguments: [1, 2]) func everyStepAgrees(_ steps: Int) throws {
        let expected = try fixture("io.safetensors").floats("z\(steps)")
        for row in 0 ..< 2 {
            let model = try published(row: row, steps: steps)
            let logits = try model.logits(ids(row, 0 ..< 9), rows: 1)
            #expect(largestDifference(logits, Array(expected[row * 117 ..< (row + 1) * 117])) <= 1e-4)
        }
    }

    @Test func energiesAgree() throws {
        let io = try fixture("io.safetensors")
        for row in 0 ..< 2 {
            let model = try ProbedText("EnergyBased", "ebt", settings(steps: 2))
            try fill(model.bound, row: row)
            let found = try model.values("energy", Batch(rows: 1, length: 9, tokens: ids(row, 0 ..< 9)))
            for step in 0 ..< 2 {
                let energies = try io.floats("E\(step)")[row * 9 ..< (row + 1) * 9].map(Double.init)
                #expect(abs(found[2 * step] - energies.reduce(0, +) / 9) <= 1e-4)
            }
        }
    }

    /// The gradients are of second order: the loss depends on the slope of the energy.
    @Test func everyGradientAgrees() throws {
        let expected = try fixture("grads.safetensors")
        var sums: [String: [Double]] = [:]
        for row in 0 ..< 2 {
            let model = try published(row: row, steps: 2)
            _ = try model.model.lossAndGradient(
                Batch(
                    rows: 1, length: 9, tokens: ids(row, 0 ..< 9), targets: ids(row, 1 ..< 10),
                    weights: [Float](repeating: 1 / 18, count: 9)))
            for index in model.memory.ownIndices where model.memory.declarations[index].name != "start.weight" {
                let gradient = try model.gradient(index), name = model.memory.declarations[index].name
                sums[name] = sums[name].map { zip($0, gradient).map { $0 + $1 } } ?? gradient
            }
        }
        #expect(sums.count == expected.tensors.count)
        for (name, gradient) in sums {
            #expect(relativeError(gradient, try expected.floats(name).map(Double.init)) <= 1e-3, "gradient of \(name)")
        }
    }

    // MARK: - Against the model written out

    private static let small = """
        {"vocab_size": 7, "embedding_dim": 8, "num_transformer_blocks": 2, "multiheaded_attention_heads": 2, "mcmc_step_size": 1.5,
         "ffn_hidden_dim": 12, "inference_mcmc_steps": 3, "start_positions": 8}
        """

    private func reference(_ model: ProbedText, vocabulary: Int, embeddings: Int) -> EnergyReference {
        EnergyReference(parameter: { model[$0] }, vocabulary: vocabulary, width: 8, layers: 2, heads: 2, embeddings: embeddings)
    }

    /// One step more than there are embeddings: the last is used again.
    @Test func logitsAreThoseOfTheReference() throws {
        let model = try ProbedText("EnergyBased", "ebt", EnergyBasedTests.small)
        let reference = reference(model, vocabulary: 7, embeddings: 2)
        let tokens = someTokens(5, below: 7)
        let found = try model.bound.logits(tokens, rows: 1)
        for place in 0 ..< 5 {
            var z = Array(model["start.weight"][place * 7 ..< (place + 1) * 7])
            for step in 0 ..< 3 { z = reference.step(Array(tokens[0 ... place]), z, step: step).z }
            #expect(isNear(found[place * 7 ..< (place + 1) * 7].map(Double.init), z, 1e-4), "position \(place)")
        }
    }

    /// Starts of rows: those of the table, else those of `start_seed` and the position alone.
    @Test func withoutATableTheStartFollowsFromThePosition() throws {
        let text = EnergyBasedTests.small.replacingOccurrences(of: ", \"start_positions\": 8", with: ", \"start_seed\": 3")
            .replacingOccurrences(of: "\"inference_mcmc_steps\": 3", with: "\"inference_mcmc_steps\": 0")
        let model = try ProbedText("EnergyBased", "ebt", text)
        let found = try model.bound.logits(someTokens(12, below: 7), rows: 2)
        for place in 0 ..< 6 {
            var stream = RandomKey(seed: 3).split("start").split(UInt64(place)).stream
            let expected = (0 ..< 7).map { _ in Float(stream.normal()) }
            for row in 0 ..< 2 {
                let begin = (row * 6 + place) * 7
                #expect(largestDifference(Array(found[begin ..< begin + 7]), expected) == 0)
            }
        }
    }

    @Test func energyProbeIsThatOfTheReference() throws {
        for isSelfTest in [false, true] {
            let plain = try ProbedText("EnergyBased", "ebt", "{}")
            let test = try plain.selfTest("energy")
            let model =
                isSelfTest
                ? try ProbedText("EnergyBased", "ebt", test.configuration.description, asInSelfTests: true)
                : try ProbedText("EnergyBased", "ebt", EnergyBasedTests.small)
            let vocabulary = isSelfTest ? 11 : 7, steps = isSelfTest ? 2 : 3
            let batch = isSelfTest ? test.batch : Batch(rows: 2, length: 4, tokens: someTokens(8, below: 7))
            let reference = reference(model, vocabulary: vocabulary, embeddings: 2)
            var sums = [Double](repeating: 0, count: 2 * steps)
            for row in 0 ..< batch.rows {
                for place in 0 ..< batch.length {
                    let text = Array(batch.tokens[row * batch.length ... row * batch.length + place])
                    var stream = RandomKey(seed: 5).split("start").split(UInt64(place)).stream
                    var z = isSelfTest
                        ? (0 ..< vocabulary).map { _ in stream.normal() }
                        : Array(model["start.weight"][place * vocabulary ..< (place + 1) * vocabulary])
                    for step in 0 ..< steps {
                        let next = reference.step(text, z, step: step)
                        sums[2 * step] += next.before / Double(batch.tokens.count)
                        sums[2 * step + 1] += next.after / Double(batch.tokens.count)
                        z = next.z
                    }
                }
            }
            if isSelfTest {
                #expect(isNear(test.expected, sums, 1e-4), "\(sums)")
            } else {
                #expect(isNear(try model.values("energy", batch), sums, 1e-4), "\(sums)")
            }
        }
    }

    /// Every form of training has the gradient of its loss, but for the two that take earlier steps as given.
    @Test(arguments: [
        #""loss_steps": "all""#, #""loss_steps": "last""#, #""langevin_dynamics_noise": 0.5"#, #""randomize_mcmc_step_size_scale": 2"#,
        #""randomize_mcmc_num_steps": 2"#, #""mcmc_num_steps": 1, "truncate_mcmc": true, "loss_steps": "last""#,
        #""mcmc_num_steps": 1, "no_mcmc_detach": false"#,
    ])
    func gradientsAreThoseOfCentralDifferences(_ keys: String) throws {
        let text = "{" + keys + #", "vocab_size": 7, "embedding_dim": 8, "num_transformer_blocks": 2, "multiheaded_attention_heads": 2, "#
            + #""mcmc_step_size": 1.5}"#
        let model = try ProbedText("EnergyBased", "ebt", text).bound
        let batch = Batch(
            rows: 2, length: 4, tokens: someTokens(8, below: 7), targets: someTokens(8, below: 7, seed: 2), key: RandomKey(seed: 4))
        _ = try model.model.lossAndGradient(batch)
        for index in model.memory.ownIndices where !model.memory.declarations[index].isBuffer {
            var stream = RandomKey(seed: 5).split(UInt64(index)).stream
            let view = model.memory.views[index], values = model.values(model.memory.views[index])
            let direction = values.map { _ in stream.normal() }
            let slope = zip(try model.gradient(index), direction).reduce(0) { $0 + $1.0 * $1.1 }
            func loss(_ step: Double) throws -> Double {
                view.write(zip(values, direction).map { $0 + step * $1 })
                return try model.model.loss(batch)
            }
            let numeric = (try loss(1e-5) - (try loss(-1e-5))) / 2e-5
            view.write(values)
            #expect(abs(slope - numeric) <= 1e-5 * max(1, abs(numeric)), "\(model.memory.declarations[index].name): \(slope), \(numeric)")
        }
    }

    /// A short training, after which the number of steps at test time decides what is predicted.
    @Test func afterTrainingTheStepsCount() throws {
        func text(_ steps: Int) throws -> JSONValue {
            try JSONParser.parse(
                #"{"vocab_size": 12, "embedding_dim": 16, "num_transformer_blocks": 1, "multiheaded_attention_heads": 2, "#
                    + #""mcmc_step_size": 0.5, "inference_mcmc_steps": \#(steps)}"#)
        }
        let factory = try PluginLibrary.factory("EnergyBased", "ebt")
        let trained = try BoundModel(factory, text(2))
        let tokens = (0 ..< 48).map { Int32(($0 * $0 + 3 * $0) % 12) }  // what comes next follows from the present symbol and its place
        let targets = (0 ..< 48).map { $0 % 16 == 15 ? Int32(-1) : tokens[$0 + 1] }
        for step in 0 ..< 60 {
            for view in trained.memory.gradientViews ?? [] { view.write([Double](repeating: 0, count: view.count)) }
            _ = try trained.model.lossAndGradient(
                Batch(rows: 3, length: 16, tokens: tokens, targets: targets, key: RandomKey(seed: UInt64(step))))
            for index in trained.memory.ownIndices {
                let gradient = try trained.gradient(index)
                let size = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
                trained.memory.views[index].write(
                    zip(trained.values(trained.memory.views[index]), gradient).map { $0 - 0.1 * $1 / max(size, 1e-9) })
            }
            trained.model.parametersChanged()
        }
        let means = try [0, 1, 2, 3, 8].map { steps -> Double in
            let model = try BoundModel(factory, text(steps))
            for index in model.memory.ownIndices {
                model.memory.views[index].write(trained.values(trained.memory.views[index]))
            }
            model.model.parametersChanged()
            let nats = try model.model.score(Batch(rows: 3, length: 16, tokens: tokens, targets: targets), samples: 0).nats
            return nats.reduce(0) { $0 + Double($1) } / 45
        }
        #expect(means[0] > log(12.0) - 0.1, "no step, no knowledge: \(means)")
        #expect(means[2] < means[0] - 0.5, "the steps of training help: \(means)")
        #expect(zip(means, means.dropFirst()).allSatisfy { abs($0 - $1) > 1e-4 }, "\(means)")
    }
}
