import Foundation

/// What a training run costs: factor · N^p · D^q, in operations or in seconds.
public struct CostLaw: Codable, Sendable, Equatable {
    /// Cost at N = D = 1.
    public var factor: Double
    /// p
    public var parameterExponent: Double
    /// q
    public var tokenExponent: Double

    /// factor, p, q.
    public init(factor: Double, parameterExponent: Double, tokenExponent: Double) {
        self.factor = factor
        self.parameterExponent = parameterExponent
        self.tokenExponent = tokenExponent
    }

    enum CodingKeys: String, CodingKey {
        case factor
        case parameterExponent = "parameter_exponent"
        case tokenExponent = "token_exponent"
    }

    /// Six operations for each parameter and token: two forward, four backward (Kaplan et al. 2020, arXiv:2001.08361, section 2.1).
    public static let operations = CostLaw(factor: 6, parameterExponent: 1, tokenExponent: 1)

    /// Fitted to what runs took, by least squares on the logarithms; nil for fewer than four runs or two sizes or two token counts, and
    /// when time does not grow with both.
    public init?(_ runs: [(parameters: Double, tokens: Double, cost: Double)]) {
        let usable = runs.filter { $0.parameters > 0 && $0.tokens > 0 && $0.cost > 0 && $0.cost.isFinite }
        guard usable.count >= 4,
            let fit = LeastSquares(
                usable.map { [1, log($0.parameters), log($0.tokens)] }, usable.map { log($0.cost) })
        else { return nil }
        self.init(factor: exp(fit.solution[0]), parameterExponent: fit.solution[1], tokenExponent: fit.solution[2])
        if !isUsable { return nil }
    }

    /// Whether a budget can be split by it: a positive factor and exponents well over 0.
    var isUsable: Bool { factor > 0 && factor.isFinite && parameterExponent > 0.01 && tokenExponent > 0.01 }

    /// `parameters` and `tokens` are over 0.
    public func cost(parameters: Double, tokens: Double) -> Double {
        factor * pow(parameters, parameterExponent) * pow(tokens, tokenExponent)
    }
}
