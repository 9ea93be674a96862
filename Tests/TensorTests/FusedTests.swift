import Testing

@testable import Tensor

@Suite struct FusedTests {
    /// First and second derivatives against central differences; the second ones go through the references.
    @Test(arguments: FusedCase.all.indices)
    func derivatives(_ index: Int) throws {
        let fused = FusedCase.all[index]
        let tokens = 3
        let inputs = zip(fused.values(tokens: tokens), fused.inputs(tokens)).map {
            Tensor($0, shape: $1.shape, type: .float64)
        }
        try GradientCheck(seed: index).run(inputs, fused.fused)
    }

    /// Values and derivatives against the reference, at lengths around the kernels' tiles.
    ///
    /// Double precision: both sides differ by rounding alone. Single precision is compared with the reference in double on
    /// the same inputs; sums of up to 200 terms leave a few units of 6 · 10⁻⁸. Errors are relative to the norm of the
    /// truth, or to 1 where terms of that size cancel (attention to a single key has no gradient in q and k).
    @Test(arguments: FusedCase.all.indices, [1, 2, 63, 64, 65, 100])
    func againstTheReference(_ index: Int, _ tokens: Int) throws {
        let fused = FusedCase.all[index]
        let values = fused.values(tokens: tokens)
        let execution = Execution(poisonsFreshMemory: true)
        let truth = try execution.run { evaluate(fused.reference, fused.leaves(values, tokens: tokens, .float64)) }
        for (type, tolerance) in [(ScalarType.float64, 1e-12), (.float32, 3e-6)] {
            let found = try execution.run { evaluate(fused.fused, fused.leaves(values, tokens: tokens, type)) }
            for (place, (found, truth)) in zip(found, truth).enumerated() {
                let what = "\(fused.name), \(type), " + (place == 0 ? "value" : "gradient \(place - 1)")
                try #require(found.count == truth.count)
                let error = zip(found, truth).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
                let size = truth.reduce(0) { $0 + $1 * $1 }.squareRoot()
                #expect(error <= tolerance * max(size, 1), "\(what): error \(error) at size \(size)")
            }
        }
        #expect(execution.bytesInUse == 0)
    }

    /// The value, and the gradients of its product with fixed numbers.
    private func evaluate(_ function: ([Tensor]) -> Tensor, _ inputs: [Tensor]) -> [[Double]] {
        let y = function(inputs)
        var random = RandomNumbers(99)
        let seed = Tensor(
            (0..<y.count).map { _ in Double(Float(random.uniform())) }, shape: y.shape, type: y.scalarType)
        return [y.toArray()] + gradients(of: y, withRespectTo: inputs, seed: seed).map { $0.toArray() }
    }

    /// The same tensor as several inputs gets the sum of their gradients.
    @Test func oneTensorInSeveralPlaces() throws {
        var random = RandomNumbers(21)
        try GradientCheck().run([random.tensor([1, 5, 2, 4])]) {
            attention($0[0], $0[0], $0[0], visibility: .causal(5), scale: 0.5)
        }
        try GradientCheck().run([random.tensor([3, 4])]) { swiglu($0[0], $0[0]) }
        try GradientCheck().run([random.tensor([2, 5, 3]), random.tensor([3, 3], in: -1 ... -0.1)]) {
            selectiveScan(
                u: $0[0], delta: $0[0].square(), a: $0[1], b: $0[0], c: $0[0], d: $0[1].sum(axis: 0), z: $0[0])
        }
    }

    @Test func natsOfTheFusedHead() {
        var random = RandomNumbers(22)
        let (x, w) = (random.tensor([6, 4]), random.tensor([5, 4]))
        let targets: [Int32] = [4, -1, 0, 2, -1, 1]
        let (sum, nats) = linearCrossEntropy(x, weight: w, targets: targets, weights: [1, 1, -2, 0.5, 3, 1])
        let expected = crossEntropy(linear(x, weight: w), targets: targets).toArray()
        #expect(zip(nats, expected).allSatisfy { abs($0 - $1) < 1e-14 })
        #expect(nats[1] == 0 && nats[4] == 0)
        #expect(abs(sum.item - (nats[0] - 2 * nats[2] + 0.5 * nats[3] + nats[5])) < 1e-13)
        let none = linearCrossEntropy(x, weight: w, targets: [-1, -1, -1, -1, -1, -1])
        #expect(none.sum.item == 0 && none.nats == [0, 0, 0, 0, 0, 0])
    }

    /// More logits than one block holds.
    @Test func fusedHeadInSeveralBlocks() {
        var random = RandomNumbers(23)
        let (x, w, b) = (random.tensor([70, 2]), random.tensor([70_000, 2]), random.tensor([70_000]))
        let targets = (0..<70).map { Int32($0 * 997) }
        for tensor in [x, w, b] { tensor.requiresGradient = true }
        let fused = linearCrossEntropy(x, weight: w, bias: b, targets: targets).sum
        let plain = crossEntropy(linear(x, weight: w, bias: b), targets: targets).sum()
        #expect(abs(fused.item - plain.item) < 1e-10)
        for (a, b) in zip(
            gradients(of: fused, withRespectTo: [x, w, b]), gradients(of: plain, withRespectTo: [x, w, b]))
        {
            #expect((a - b).square().sum().item < 1e-20)
        }
    }

    /// A text in pieces of any length gives what it gives at once.
    @Test func convolutionAndScanContinue() {
        var random = RandomNumbers(24)
        let (tokens, channels) = (40, 9)
        let x = random.tensor([2, tokens, channels])
        let (w, bias) = (random.tensor([channels, 1, 4]), random.tensor([channels]))
        let delta = random.tensor([2, tokens, channels], in: 0.01...0.5)
        let (a, d) = (random.tensor([channels, 5], in: -1 ... -0.1), random.tensor([channels]))
        let (b, c) = (random.tensor([2, tokens, 5]), random.tensor([2, tokens, 5]))
        var history = Tensor.zeros([2, 3, channels], .float64)
        var state = Tensor.zeros([2, channels, 5], .float64)
        let kept = state
        var convolved: [Tensor] = []
        var scanned: [Tensor] = []
        for range in [0..<1, 1..<2, 2..<4, 4..<17, 17..<40] {
            func part(_ x: Tensor) -> Tensor { x.sliced(axis: 1, range) }
            convolved.append(causalConvolution(part(x), weight: w, bias: bias, silu: true, history: &history))
            scanned.append(
                selectiveScan(
                    u: part(x), delta: part(delta), a: a, b: part(b), c: part(c), d: d, z: part(x), state: &state))
        }
        let convolution = causalConvolution(x, weight: w, bias: bias, silu: true)
        let scan = selectiveScan(u: x, delta: delta, a: a, b: b, c: c, d: d, z: x)
        #expect((concatenate(convolved, axis: 1) - convolution).square().sum().item < 1e-26)
        #expect((concatenate(scanned, axis: 1) - scan).square().sum().item < 1e-26)
        #expect(history.toArray() == x.sliced(axis: 1, tokens - 3..<tokens).toArray())
        #expect(kept.toArray().allSatisfy { $0 == 0 }, "a state that somebody holds was overwritten")
    }

    /// As `convolutionAndScanContinue`, in pieces shorter and longer than the kernel's chunk, and the reference's values.
    @Test func deltaRuleContinues() {
        var random = RandomNumbers(25)
        let tokens = 90
        let q = random.tensor([2, tokens, 1, 6])
        let k = random.tensor([2, tokens, 1, 6], in: -0.5...0.5)
        let v = random.tensor([2, tokens, 2, 5])
        let (beta, g) = (random.tensor([2, tokens, 2], in: 0...1), random.tensor([2, tokens, 2], in: -1 ... 0))
        var state = Tensor.zeros([2, 2, 6, 5], .float64)
        let kept = state
        var pieces: [Tensor] = []
        for range in [0..<1, 1..<4, 4..<9, 9..<50, 50..<90] {
            func part(_ x: Tensor) -> Tensor { x.sliced(axis: 1, range) }
            pieces.append(
                deltaRule(part(q), part(k), part(v), beta: part(beta), logDecay: part(g), scale: 0.4, state: &state))
        }
        let together = concatenate(pieces, axis: 1)
        let once = deltaRule(q, k, v, beta: beta, logDecay: g, scale: 0.4)
        let slow = Reference.deltaRule(q, k, v, beta: beta, logDecay: g, scale: 0.4)
        #expect((together - once).square().sum().item < 1e-26)
        #expect((once - slow).square().sum().item < 1e-26)
        #expect(kept.toArray().allSatisfy { $0 == 0 }, "a state that somebody holds was overwritten")
    }

    /// Cuts inside chunks, at their ends and over several of them, for both rules.
    @Test func fastWeightsContinue() {
        var random = RandomNumbers(26)
        let tokens = 29
        func gate(_ range: ClosedRange<Double>) -> Tensor { random.tensor([2, tokens, 3], in: range) }
        let (q, k, v) = (random.tensor([2, tokens, 3, 5]), random.tensor([2, tokens, 3, 5]), random.tensor([2, tokens, 3, 5]))
        let training = FastNetwork(widths: [5, 7, 5], hasBias: true, usesGELU: true, chunk: 4)
        let learning = FastNetwork(widths: [5, 6, 5], hasBias: false, usesGELU: false, chunk: 6, lossFactor: 2)
        let norm = (weight: random.tensor([3, 5]), bias: random.tensor([3, 5]))
        let rules: [(FastNetwork, (weight: Tensor, bias: Tensor)?, FastRule)] = [
            (training, norm, .places(rate: gate(0...0.2), places: random.tensor([4], in: 0...1))),
            (learning, nil, .momentum(rate: gate(0...0.05), momentum: gate(0...0.8), forgetting: gate(0...0.2))),
        ]
        for (network, norm, rule) in rules {
            let initial = random.tensor([3, network.weightCount], in: -0.5...0.5)
            let once = fastWeights(network, q, k, v, weights: initial, norm: norm, rule: rule)
            let slow = Reference.fastWeights(network, q, k, v, weights: initial, norm: norm, rule: rule)
            #expect((once - slow).square().sum().item < 1e-24)
            var state = FastWeightsState(initial: initial, rows: 2, hasOrigin: !rule.hasPlaces)
            let kept = state
            var pieces: [Tensor] = []
            var surprises: [Tensor] = []
            for range in [0..<1, 1..<3, 3..<4, 4..<8, 8..<9, 9..<22, 22..<29] {
                func part(_ x: Tensor) -> Tensor { x.shape.count == 1 ? x : x.sliced(axis: 1, range) }
                let (piece, surprise) = fastWeights(
                    network, part(q), part(k), part(v), norm: norm, rule: rule.with(part(rule.rate), rule.others.map(part)),
                    position: range.lowerBound, state: &state, wantsSurprise: norm == nil)
                pieces.append(piece)
                if let surprise { surprises.append(surprise) }
            }
            #expect((concatenate(pieces, axis: 1) - once).square().sum().item < 1e-24)
            #expect(kept.momentum.toArray().allSatisfy { $0 == 0 }, "a state that somebody holds was overwritten")
            #expect((kept.weights - initial.reshaped([1, 3, -1]).broadcast(to: kept.weights.shape)).square().sum().item == 0)
            #expect(surprises.isEmpty == (norm != nil))
            guard let first = surprises.first else { continue }
            // The first token's error at the first weights: what it reads with a rate of 0, as a query at its key.
            let zero = Tensor.zeros([2, 1, 3], .float64)
            let (key, value) = (k.sliced(axis: 1, 0..<1), v.sliced(axis: 1, 0..<1))
            let read = fastWeights(
                network, key, key, value, weights: initial, norm: nil,
                rule: .momentum(rate: zero, momentum: zero, forgetting: zero))
            #expect(((read - value).square().sum(axis: -1) - first).square().sum().item < 1e-26)
        }
    }
}
