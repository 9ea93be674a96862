extension Reference {
    /// See the function `fastWeights`: token by token, each gradient by differentiating the inner loss.
    public static func fastWeights(
        _ network: FastNetwork, _ q: Tensor, _ k: Tensor, _ v: Tensor, weights: Tensor,
        norm: (weight: Tensor, bias: Tensor)?, rule: FastRule
    ) -> Tensor {
        let shape = [q.shape[0], q.shape[2], network.weightCount]
        let initial = weights.reshaped([1, q.shape[2], network.weightCount]).broadcast(to: shape)
        return fastWeights(network, q, k, v, from: (initial, .zeros(shape, q.scalarType)), norm: norm, rule: rule).output
    }

    /// The same from weights and momentum [B, H, M] of each sequence, and what they are at the end.
    static func fastWeights(
        _ network: FastNetwork, _ q: Tensor, _ k: Tensor, _ v: Tensor, from start: (weights: Tensor, momentum: Tensor),
        norm: (weight: Tensor, bias: Tensor)?, rule: FastRule
    ) -> (output: Tensor, weights: Tensor, momentum: Tensor) {
        Execution.current.recording(true) {
            let (batch, tokens, heads, width) = (q.shape[0], q.shape[1], q.shape[2], q.shape[3])
            let shape = [batch, heads, network.weightCount]
            let normal = norm.map { norm in
                (norm.weight.reshaped([1, heads, 1, width]), norm.bias.reshaped([1, heads, 1, width]))
            }
            func vector(_ x: Tensor, _ t: Int) -> Tensor { x.sliced(axis: 1, t..<t + 1).reshaped([batch, heads, 1, width]) }
            func gate(_ x: Tensor, _ t: Int) -> Tensor { x.sliced(axis: 1, t..<t + 1).reshaped([batch, heads, 1]) }
            var (weights, momentum) = start
            var origin = weights
            var outputs: [Tensor] = []
            for t in 0..<tokens {
                let place = t % network.chunk
                if place == 0 {
                    origin = weights.node == nil ? weights.detached() : weights.identity()
                    origin.requiresGradient = true
                    if rule.hasPlaces { momentum = .zeros(shape, q.scalarType) }
                }
                let error = network.prediction(vector(k, t), origin, normal) - vector(v, t)
                let slope = gradients(
                    of: error.square().sum() * (network.lossFactor / 2), withRespectTo: [origin], createGraph: true)[0]
                switch rule {
                case .places(let rate, let places):
                    momentum = momentum + gate(rate, t) * slope
                    weights = origin - places.sliced(axis: 0, place..<place + 1).reshaped([1, 1, 1]) * momentum
                case .momentum(let rate, let carry, let forgetting):
                    momentum = gate(carry, t) * momentum - gate(rate, t) * slope
                    weights = (1 - gate(forgetting, t)) * weights + momentum
                }
                outputs.append(network.prediction(vector(q, t), weights, normal).reshaped([batch, 1, heads, width]))
            }
            return (concatenate(outputs, axis: 1), weights, momentum)
        }
    }
}

extension FastNetwork {
    /// x + N(network(x)) for x [B, H, 1, K] and weights [B, H, M].
    fileprivate func prediction(_ x: Tensor, _ weights: Tensor, _ norm: (weight: Tensor, bias: Tensor)?) -> Tensor {
        let (batch, heads) = (x.shape[0], x.shape[1])
        var y = x
        var begin = 0
        for (index, layer) in layers.enumerated() {
            let matrix = weights.sliced(axis: 2, begin..<begin + layer.rows * layer.columns)
                .reshaped([batch, heads, layer.rows, layer.columns])
            begin += layer.rows * layer.columns
            if index > 0 { y = usesGELU ? y.geluTanh() : y.silu() }
            let inputs = hasBias ? concatenate([y, .ones([batch, heads, 1, 1], y.scalarType)], axis: 3) : y
            y = matmul(inputs, matrix)
        }
        guard let norm else { return x + y }
        let centred = y - y.mean(axis: -1, keepingAxis: true)
        let deviation = (centred.square().mean(axis: -1, keepingAxis: true) + normEpsilon).sqrt()
        return x + centred / deviation * norm.weight + norm.bias
    }
}
