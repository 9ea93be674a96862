/// What a model can do. Raw values are those of the C ABI.
public struct Capabilities: OptionSet, Sendable, Hashable {
    /// Bits, as in the C ABI.
    public let rawValue: UInt32
    /// Bits that are not known here are kept.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// What is said of a position depends on earlier positions alone.
    public static let causal = Capabilities(rawValue: 1)
    /// A session's state has a size that does not depend on what was read.
    public static let fixedState = Capabilities(rawValue: 2)
    /// `openSession` works.
    public static let session = Capabilities(rawValue: 4)
    /// Its sessions keep the text and compute all of it anew at each append.
    public static let recomputingSession = Capabilities(rawValue: 8)
    /// `generate` works: the model does not decode left to right.
    public static let generates = Capabilities(rawValue: 16)
    /// `predict` works.
    public static let predicts = Capabilities(rawValue: 32)
    /// Target t is the symbol at position t; otherwise the one after it.
    public static let targetsInPlace = Capabilities(rawValue: 64)
    /// Loss and score depend on the key.
    public static let stochasticLoss = Capabilities(rawValue: 128)
    /// The loss has terms beside the nats of the targets; the score has not.
    public static let auxiliaryLoss = Capabilities(rawValue: 256)

    /// Names of the set members, for people and JSON.
    public var labels: [String] {
        let all: [(Capabilities, String)] = [
            (.causal, "causal"), (.fixedState, "fixed-state"), (.session, "session"),
            (.recomputingSession, "recomputing-session"), (.generates, "generates"), (.predicts, "predicts"),
            (.targetsInPlace, "targets-in-place"), (.stochasticLoss, "stochastic-loss"),
            (.auxiliaryLoss, "auxiliary-loss"),
        ]
        return all.filter { contains($0.0) }.map(\.1)
    }
}
