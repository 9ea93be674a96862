import Testing

@testable import Tensor

/// The same bits for any number of threads: values, and gradients in leaf memory.
@Suite struct ThreadTests {
    /// Operations at sizes that are cut into several pieces.
    private static var cases: [(name: String, shapes: [[Int]], apply: ([Tensor]) -> Tensor)] {
        let indices = (0..<3000).map { Int32($0 * 7919 % 211) }
        let targets = (0..<1200).map { Int32($0 % 9 == 4 ? -1 : $0 % 300) }
        return [
            ("linear", [[1030, 130], [270, 130], [270]], { linear($0[0], weight: $0[1], bias: $0[2]) }),
            ("linear, one row", [[1, 700], [900, 700], [900]], { linear($0[0], weight: $0[1], bias: $0[2]) }),
            ("matmul", [[3, 150, 170], [3, 170, 190]], { matmul($0[0], $0[1]) }),
            ("unary", [[3, 50_001]], { $0[0].silu() }),
            ("arithmetic", [[400, 333], [333], [400, 1]], { ($0[0] * $0[1] + $0[2]) / ($0[0].square() + 1) }),
            ("sums", [[3000, 70]], { ($0[0].sum(axis: 0) * $0[0]).sum(axis: 1) * $0[0].sum() }),
            ("softmax", [[1500, 100]], { $0[0].softmax() + $0[0].logSoftmax() }),
            ("rmsNorm", [[2000, 100], [100]], { rmsNorm($0[0], weight: $0[1], epsilon: 1e-5) }),
            (
                "layerNorm", [[2000, 100], [100], [100]],
                { layerNorm($0[0], weight: $0[1], bias: $0[2], epsilon: 1e-5) }
            ),
            ("swiglu", [[900, 160]], { swiglu($0[0]) }),
            ("embedding", [[211, 37]], { embedding($0[0], indices: indices, shape: [3, 1000]) }),
            (
                "rotary", [[2, 150, 4, 64]],
                {
                    let table = RotaryTable(pairs: 32, theta: 1e4, maximumPositions: 150, type: $0[0].scalarType)
                    return rotary($0[0], table, positions: (0..<150).map { $0 })
                }
            ),
            (
                "attention", [[2, 200, 4, 32], [2, 200, 2, 32], [2, 200, 2, 32]],
                {
                    attention($0[0], $0[1], $0[2], visibility: .causal(200), scale: 0.2)
                }
            ),
            (
                "causalConvolution", [[3, 70, 200], [200, 1, 4], [200]],
                {
                    causalConvolution($0[0], weight: $0[1], bias: $0[2], silu: true)
                }
            ),
            (
                "selectiveScan", [[2, 100, 150], [150, 16], [2, 100, 16], [2, 100, 16], [150]],
                {
                    selectiveScan(
                        u: $0[0], delta: $0[0].square() * 0.1, a: -$0[1].exp(), b: $0[2], c: $0[3], d: $0[4], z: $0[0])
                }
            ),
            (
                "tokenShift", [[3, 300, 200], [200]],
                { tokenShift($0[0], mix: $0[1], weight: .ofPrevious) + tokenShift($0[0], mix: $0[1], weight: .ofCurrent) }
            ),
            (
                "wkv4", [[150], [150], [2, 100, 150], [2, 100, 150]],
                { wkv4(decay: -$0[0].exp(), first: $0[1], key: $0[2], value: $0[3]) }
            ),
            (
                "wkv7", [[2, 50, 3, 20], [2, 50, 3, 20], [2, 50, 3, 20]],
                {
                    wkv7(
                        receptance: $0[0], decay: $0[1].softDecay(), key: $0[1], value: $0[2], removal: $0[2] * 0.2,
                        rate: $0[0].sigmoid())
                }
            ),
            (
                "wkv7Readout", [[2, 300, 3, 40], [3, 40], [3, 40]],
                {
                    wkv7Readout(
                        $0[0], receptance: $0[0], key: $0[0], value: $0[0], gate: $0[0], weight: $0[1], bias: $0[2],
                        bonus: $0[2], epsilon: 1e-3)
                }
            ),
            ("replacementKey", [[3000, 70], [70]], { replacementKey($0[0], rate: $0[0].sigmoid(), share: $0[1]) }),
            ("crossEntropy", [[1200, 300]], { crossEntropy($0[0], targets: targets) }),
            (
                "linearCrossEntropy", [[1200, 96], [300, 96], [300]],
                {
                    linearCrossEntropy($0[0], weight: $0[1], bias: $0[2], targets: targets).sum
                }
            ),
            (
                "moves", [[60, 70, 40]],
                {
                    concatenate(
                        [$0[0].transposed([1, 0, 2]).sliced(axis: 2, 3..<30), $0[0].transposed([1, 0, 2])], axis: 2)
                }
            ),
        ]
    }

    @Test(arguments: cases.indices, [ScalarType.float32, .float64])
    func sameBits(_ index: Int, _ type: ScalarType) throws {
        let (name, shapes, apply) = Self.cases[index]
        var random = RandomNumbers(index)
        let values = shapes.map { shape in (0..<shape.reduce(1, *)).map { _ in random.uniform() } }
        func results(_ execution: Execution) throws -> [[UInt64]] {
            try execution.run {
                let memory = shapes.map { Tensor.full($0, 0.25, type) }
                let leaves = zip(zip(values, shapes), memory).map { values, memory in
                    let leaf = Tensor(values.0, shape: values.1, type: type)
                    leaf.node = Node(gradientMemory: memory)
                    return leaf
                }
                let y = apply(leaves)
                let value = y.bits()
                backward(y, seed: Tensor((0..<y.count).map { Double($0 % 13) - 6 }, shape: y.shape, type: type))
                return [value] + memory.map { $0.bits() }
            }
        }
        let expected = try results(Execution())
        for threads in [1, 2, 3, 7] {
            let host = HostThreads(threads)
            let found = try withExtendedLifetime(host) { try results(host.execution(poisonsFreshMemory: true)) }
            #expect(found == expected, "\(name) on \(threads) threads")
        }
        for gradient in expected.dropFirst() { #expect(Set(gradient.prefix(100)).count > 1, "\(name) has no gradient") }
    }

    /// The pieces of such work do run on other threads.
    @Test func piecesLeaveTheCallingThread() throws {
        let host = HostThreads(3)
        let execution = host.execution()
        try withExtendedLifetime(host) {
            try execution.run {
                var counts = [Int](repeating: 0, count: 1000)
                counts.withUnsafeMutableBufferPointer { counts in
                    let counts = counts
                    execution.parallel(count: counts.count) { piece in
                        execution.parallel(count: 3) { counts[piece] += $0 + 1 }  // inside: one after the other
                    }
                }
                #expect(counts.allSatisfy { $0 == 6 })
            }
        }
    }
}

extension Tensor {
    /// The values, bit for bit.
    fileprivate func bits() -> [UInt64] {
        scalarType == .float32
            ? withFloats { $0.map { UInt64($0.bitPattern) } } : withDoubles { $0.map { $0.bitPattern } }
    }
}
