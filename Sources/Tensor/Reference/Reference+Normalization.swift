extension Reference {
    /// See the function `rmsNorm`.
    public static func rmsNorm(_ x: Tensor, weight: Tensor? = nil, epsilon: Double) -> Tensor {
        let meanSquare = x.square().mean(axis: -1, keepingAxis: true)
        let normalized = x / (meanSquare + epsilon).sqrt()
        return weight.map { normalized * $0 } ?? normalized
    }

    /// See the function `layerNorm`.
    public static func layerNorm(
        _ x: Tensor, weight: Tensor? = nil, bias: Tensor? = nil, epsilon: Double
    ) -> Tensor {
        let centred = x - x.mean(axis: -1, keepingAxis: true)
        let variance = centred.square().mean(axis: -1, keepingAxis: true)
        let normalized = centred / (variance + epsilon).sqrt()
        let scaled = weight.map { normalized * $0 } ?? normalized
        return bias.map { scaled + $0 } ?? scaled
    }

    /// See the function `swiglu`.
    public static func swiglu(_ gate: Tensor, _ up: Tensor) -> Tensor { gate.silu() * up }
}
