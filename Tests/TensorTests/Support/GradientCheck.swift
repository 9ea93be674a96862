import Testing

@testable import Tensor

/// Compares derivatives of a function of double-precision tensors with central differences, in a poisoned execution.
struct GradientCheck {
    /// Step of the differences: their error is about h² f‴ / 6 + 10⁻¹⁶ / h, so 10⁻⁹ here.
    let step = 1e-5
    /// Allowed difference, relative to the largest derivative (or 1).
    var tolerance = 2e-7
    var seed = 1

    /// Checks first derivatives of each value, and second derivatives along random directions.
    ///
    /// `function` gets tensors of the shapes of `inputs`, and may return a tensor of any shape.
    func run(
        _ inputs: [Tensor], second: Bool = true, sourceLocation: SourceLocation = #_sourceLocation,
        _ function: ([Tensor]) -> Tensor
    ) throws {
        let values = inputs.map { $0.toArray() }
        let shapes = inputs.map(\.shape)
        try Execution(poisonsFreshMemory: true).run {
            var random = RandomNumbers(seed)
            let weights = random.tensor(function(leaves(values, shapes, recording: false)).shape)

            func loss(_ inputs: [Tensor]) -> Tensor { (function(inputs) * weights).sum() }
            func gradient(_ values: [[Double]]) -> [[Double]] {
                let leaves = leaves(values, shapes)
                return gradients(of: loss(leaves), withRespectTo: leaves).map { $0.toArray() }
            }

            let found = gradient(values)
            for (input, derivatives) in found.enumerated() {
                let scale = max(1, derivatives.map(abs).max() ?? 0)
                for place in derivatives.indices {
                    let difference = Execution.withoutRecording {
                        (shifted(values, input, place, step, shapes, loss)
                            - shifted(values, input, place, -step, shapes, loss))
                            / (2 * step)
                    }
                    try #require(
                        abs(difference - derivatives[place]) <= tolerance * scale,
                        "input \(input) place \(place): \(derivatives[place]), by differences \(difference)",
                        sourceLocation: sourceLocation)
                }
                // Alone, an input gets what it gets among others.
                let leaves = leaves(values, shapes)
                let alone = gradients(of: loss(leaves), withRespectTo: [leaves[input]])[0].toArray()
                #expect(alone == derivatives, "input \(input) alone", sourceLocation: sourceLocation)
            }
            // backward() adds the same to memory that holds something already.
            let accumulated = throughLeafMemory(values, shapes, loss)
            for (input, derivatives) in found.enumerated() {
                let scale = max(1, derivatives.map(abs).max() ?? 0)
                for (place, derivative) in derivatives.enumerated() {
                    try #require(
                        abs(accumulated[input][place] - derivative - 3) <= 1e-12 * scale,
                        "backward: input \(input) place \(place)", sourceLocation: sourceLocation)
                }
            }
            guard second else { return }
            for _ in 0..<2 { try secondDerivatives(values, shapes, loss, gradient, &random, sourceLocation) }
        }
    }

    /// The derivative of ⟨gradient, direction⟩ against the difference of gradients along the direction.
    private func secondDerivatives(
        _ values: [[Double]], _ shapes: [[Int]], _ loss: ([Tensor]) -> Tensor, _ gradient: ([[Double]]) -> [[Double]],
        _ random: inout RandomNumbers, _ sourceLocation: SourceLocation
    ) throws {
        let direction = values.map { $0.map { _ in random.uniform() } }
        let leaves = leaves(values, shapes)
        let first = gradients(of: loss(leaves), withRespectTo: leaves, createGraph: true)
        let projection = zip(first, zip(direction, shapes))
            .map { ($0 * Tensor($1.0, shape: $1.1, type: .float64)).sum() }
            .reduce(Tensor(0, type: .float64), +)
        let found = gradients(of: projection, withRespectTo: leaves).map { $0.toArray() }
        func along(_ factor: Double) -> [[Double]] {
            gradient(zip(values, direction).map { zip($0, $1).map { $0 + factor * $1 } })
        }
        let (ahead, behind) = (along(step), along(-step))
        for input in values.indices {
            let scale = max(1, found[input].map(abs).max() ?? 0)
            for place in values[input].indices {
                let difference = (ahead[input][place] - behind[input][place]) / (2 * step)
                try #require(
                    abs(difference - found[input][place]) <= tolerance * scale,
                    "second, input \(input) place \(place): \(found[input][place]), by differences \(difference)",
                    sourceLocation: sourceLocation)
            }
        }
    }

    private func leaves(_ values: [[Double]], _ shapes: [[Int]], recording: Bool = true) -> [Tensor] {
        zip(values, shapes).map { values, shape in
            let tensor = Tensor(values, shape: shape, type: .float64)
            tensor.requiresGradient = recording
            return tensor
        }
    }

    private func shifted(
        _ values: [[Double]], _ input: Int, _ place: Int, _ shift: Double, _ shapes: [[Int]],
        _ loss: ([Tensor]) -> Tensor
    ) -> Double {
        var values = values
        values[input][place] += shift
        return loss(leaves(values, shapes, recording: false)).item
    }

    private func throughLeafMemory(
        _ values: [[Double]], _ shapes: [[Int]], _ loss: ([Tensor]) -> Tensor
    ) -> [[Double]] {
        let memory = values.map { values in
            let places = UnsafeMutablePointer<Double>.allocate(capacity: 2 * max(1, values.count))
            for (place, value) in values.enumerated() { (places[place], places[values.count + place]) = (value, 3) }
            return places
        }
        defer { memory.forEach { $0.deallocate() } }
        let leaves = zip(memory, shapes).map { places, shape in
            Tensor.leaf(borrowing: places, gradient: places + shape.reduce(1, *), shape: shape, type: .float64)
        }
        backward(loss(leaves))
        return zip(memory, values).map { places, values in values.indices.map { places[values.count + $0] } }
    }
}
