import SequenceModel

extension Initialiser {
    /// Normal with deviation √(2 / (inputs + outputs)) (Glorot and Bengio 2010).
    static func xavier(_ inputs: Int, _ outputs: Int) -> Initialiser {
        .normal((2 / Double(max(1, inputs + outputs))).squareRoot())
    }
}
