import Layers
import PluginKit
import SequenceModel

/// Settings of S4D; keys as in the authors' example.
struct S4DConfiguration: ModelConfiguration {
    /// V
    var vocabularySize = 256
    /// D
    var width = 256
    /// L
    var layerCount = 8
    /// N, real states of a channel: pairs of conjugate ones.
    var stateSize = 64
    var stepMinimum = 0.001
    var stepMaximum = 0.1
    var tieEmbeddings = true
    /// A factor on the rate of Δ and A.
    var kernelRateMultiplier = 0.25

    enum CodingKeys: String, CodingKey {
        case vocabularySize = "vocab_size"
        case width = "d_model"
        case layerCount = "n_layers"
        case stateSize = "d_state"
        case stepMinimum = "dt_min"
        case stepMaximum = "dt_max"
        case tieEmbeddings = "tie_word_embeddings"
        case kernelRateMultiplier = "kernel_learning_rate_multiplier"
    }

    static let ignoredKeys = ["dropout", "prenorm"]
    static let limits = [
        "vocab_size": 1 ... 1 << 24, "d_model": 1 ... 1 << 18, "n_layers": 1 ... 4096, "d_state": 2 ... 8192,
    ]
    static let notes = [
        "d_state": "real states of a channel, even",
        "kernel_learning_rate_multiplier": "of log_dt, log_A_real and A_imag; their rate should not be above 0.001",
    ]

    static func normalise(_ object: inout JSONObject, modelType: String?) throws {
        if object["prenorm"] == .boolean(false) { throw refuse("prenorm", false, allowed: "true") }
    }

    mutating func validate() throws {
        try require(stateSize % 2 == 0, "d_state", stateSize, allowed: "an even number")
        try require(
            stepMinimum > 0 && stepMinimum <= stepMaximum && stepMaximum <= 100, "dt_min", stepMinimum,
            allowed: "above 0, at most dt_max \(stepMaximum)")
        try require(
            kernelRateMultiplier >= 0 && kernelRateMultiplier <= 100, "kernel_learning_rate_multiplier", kernelRateMultiplier,
            allowed: "0 to 100")
    }

    var mixer: S4DMixer.Shape {
        var shape = S4DMixer.Shape()
        (shape.width, shape.pairs, shape.learningRateMultiplier) = (width, stateSize / 2, kernelRateMultiplier)
        shape.steps = StepSizeInitialiser(range: stepMinimum ... stepMaximum)
        return shape
    }

    static func sized(width: Int, for budget: Budget) -> S4DConfiguration {
        var configuration = S4DConfiguration()
        configuration.vocabularySize = budget.alphabet
        configuration.width = width
        configuration.layerCount = budget.parameters < 100_000 ? 4 : budget.parameters < 5_000_000 ? 8 : 16
        return configuration
    }

    /// N / 2, of which every value is allowed.
    private var pairs: Int {
        get { stateSize / 2 }
        set { stateSize = 2 * newValue }
    }
    static var adjustable: WritableKeyPath<S4DConfiguration, Int>? { \.pairs }
}
