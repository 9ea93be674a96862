/// How the weights of a `FastNetwork` follow the gradients ∇ of its loss on each token, taken at the weights W₀ that the chunk began with.
public enum FastRule {
    /// Test-time training (arXiv:2407.04620): token i of a chunk reads with W₀ − placeᵢ Σ_{j ≤ i} rateⱼ ∇ⱼ, and the next chunk begins with
    /// what the last place reads with. rate [B, T, H]; places [chunk].
    case places(rate: Tensor, places: Tensor)
    /// Titans (arXiv:2501.00663): S ← momentum · S − rate ∇;  W ← (1 − forgetting) W + S; all [B, T, H]. S is zero at first.
    case momentum(rate: Tensor, momentum: Tensor, forgetting: Tensor)

    var rate: Tensor {
        switch self {
        case .places(let rate, _), .momentum(let rate, _, _): rate
        }
    }

    /// The gates after the rate: `places`, or momentum and forgetting.
    var others: [Tensor] {
        switch self {
        case .places(_, let places): [places]
        case .momentum(_, let momentum, let forgetting): [momentum, forgetting]
        }
    }

    var hasPlaces: Bool { if case .places = self { true } else { false } }

    /// The same rule over other tensors: the rate and `others`.
    func with(_ rate: Tensor, _ others: [Tensor]) -> FastRule {
        hasPlaces
            ? .places(rate: rate, places: others[0])
            : .momentum(rate: rate, momentum: others[0], forgetting: others[1])
    }
}
