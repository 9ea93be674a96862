import Layers
import PluginKit
import SequenceModel
import Tensor

extension EnergyTransformer {
    static var energyProbe: Probe<EnergyTransformer> {
        Probe(
            "energy", "Mean energy of the candidate before and after each step of the descent, under that step's embedding.",
            axes: [.counted("step") { max($0.configuration.servedSteps, 1) }, .named("when", ["before", "after"])], unit: "",
            test: .init({ .small }, expected: [-0.1440390, -0.1951572, -0.1890962, -0.1891570])
        ) { model, batch in try model.energies(Tokens(batch)) }
    }

    /// Mean of E_n(pⁿ) and E_n(pⁿ⁺¹) over all positions, for each step n: [N, 2]; of one step where none is served.
    func energies(_ tokens: Tokens) throws -> Tensor {
        let steps = max(configuration.servedSteps, 1)
        let context = try network.context(tokens, steps: 0 ..< network.embedded(steps - 1) + 1)
        var z = start(rows: tokens.rows, places: 0 ..< tokens.length)
        var rows: [Tensor] = []
        for step in 0 ..< steps {
            let (next, before) = try self.step(z, step, at: 0, context)
            let begin = network.embedded(step) * tokens.rows
            let own = context.map { $0.rows(begin ..< begin + tokens.rows) }
            let after = try network.energies(next.softmax(), at: 0, own)
            rows.append(concatenate([before.mean().reshaped([1, 1]), after.mean().reshaped([1, 1])], axis: 1))
            z = next
        }
        return concatenate(rows, axis: 0)  // [N, 2]
    }
}
