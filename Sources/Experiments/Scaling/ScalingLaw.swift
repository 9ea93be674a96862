import Foundation

/// L(N, D) = E + A/N^α + B/D^β: the loss of a model with N parameters after D training tokens (Hoffmann et al. 2022, arXiv:2203.15556, equation 2).
public struct ScalingLaw: Codable, Sendable, Equatable {
    /// E, nats a byte: what no size and no amount of text of this kind takes away.
    public var irreducible: Double
    /// A, nats a byte at N = 1.
    public var parameterFactor: Double
    /// α, over 0 where larger models are better.
    public var parameterExponent: Double
    /// B, nats a byte at D = 1.
    public var tokenFactor: Double
    /// β, over 0 where more text is better.
    public var tokenExponent: Double

    /// E, A, α, B, β.
    public init(
        irreducible: Double, parameterFactor: Double, parameterExponent: Double, tokenFactor: Double, tokenExponent: Double
    ) {
        self.irreducible = irreducible
        self.parameterFactor = parameterFactor
        self.parameterExponent = parameterExponent
        self.tokenFactor = tokenFactor
        self.tokenExponent = tokenExponent
    }

    enum CodingKeys: String, CodingKey {
        case irreducible = "E"
        case parameterFactor = "A"
        case parameterExponent = "alpha"
        case tokenFactor = "B"
        case tokenExponent = "beta"
    }

    /// False when a number overflowed.
    var isFinite: Bool {
        [irreducible, parameterFactor, parameterExponent, tokenFactor, tokenExponent].allSatisfy(\.isFinite)
    }

    /// Nats a byte; `parameters` and `tokens` are over 0.
    public func loss(parameters: Double, tokens: Double) -> Double {
        irreducible + parameterFactor * pow(parameters, -parameterExponent) + tokenFactor * pow(tokens, -tokenExponent)
    }

    /// The size and the tokens of the lowest loss among all that cost `budget`; nil unless both exponents and factors are over 0.
    ///
    /// At the best place a per cent of cost buys the same loss whether it is spent on size or on text:
    /// α A N^-α / p = β B D^-β / q, with the cost k N^p D^q.
    public func optimum(budget: Double, cost: CostLaw) -> (parameters: Double, tokens: Double)? {
        let (alpha, beta) = (parameterExponent, tokenExponent)
        guard alpha > 0, beta > 0, parameterFactor > 0, tokenFactor > 0, cost.isUsable, budget > 0 else { return nil }
        let (p, q) = (cost.parameterExponent, cost.tokenExponent)
        // Logarithms: A may be 10⁴ and N 10⁹.
        let spare = log(budget / cost.factor) / q
        let parameters =
            (log(alpha * parameterFactor / p) - log(beta * tokenFactor / q) + beta * spare) / (alpha + beta * p / q)
        let tokens = spare - parameters * p / q
        let result = (parameters: exp(parameters), tokens: exp(tokens))
        return result.parameters.isFinite && result.tokens.isFinite ? result : nil
    }

    /// How the best size and the best number of tokens grow with the budget: N* ∝ budget^size, D* ∝ budget^tokens. For the cost
    /// 6 N D these are β/(α+β) and α/(α+β).
    public func growth(cost: CostLaw) -> (size: Double, tokens: Double) {
        let (p, q) = (cost.parameterExponent, cost.tokenExponent)
        let sum = parameterExponent * q + tokenExponent * p
        return (tokenExponent / sum, parameterExponent / sum)
    }
}
