import Layers
import PluginKit
import SequenceModel

/// Settings of Mamba-1; keys as in Hugging Face's `MambaConfig`.
struct MambaConfiguration: SelectiveConfiguration {
    /// V
    var vocabularySize = 256
    /// D
    var hiddenSize = 256
    /// L
    var layerCount = 8
    /// N
    var stateSize = 16
    /// C = expand · D, unless `intermediate_size` says otherwise.
    var expand = 2
    /// C; 0: expand · D.
    var intermediateSize = 0
    var convolutionWidth = 4
    /// R, the rank of the step size's projection; 0 ("auto" in files): ⌈D / 16⌉.
    var timeStepRank = 0
    var timeStepMinimum = 0.001
    var timeStepMaximum = 0.1
    var timeStepFloor = 1e-4
    var normEpsilon = 1e-5
    var useBias = false
    var useConvolutionBias = true
    var tieWordEmbeddings = true
    /// Of the state transition.
    var eigenvalueRange = EigenvalueChoice.zeroToOne

    enum CodingKeys: String, CodingKey {
        case vocabularySize = "vocab_size"
        case hiddenSize = "hidden_size"
        case layerCount = "num_hidden_layers"
        case stateSize = "state_size"
        case expand
        case intermediateSize = "intermediate_size"
        case convolutionWidth = "conv_kernel"
        case timeStepRank = "time_step_rank"
        case timeStepMinimum = "time_step_min"
        case timeStepMaximum = "time_step_max"
        case timeStepFloor = "time_step_floor"
        case normEpsilon = "layer_norm_epsilon"
        case useBias = "use_bias"
        case useConvolutionBias = "use_conv_bias"
        case tieWordEmbeddings = "tie_word_embeddings"
        case eigenvalueRange = "eigenvalue_range"
    }

    /// What says how another implementation computes, or how weights were first drawn there.
    static let ignoredKeys = [
        "hidden_act", "residual_in_fp32", "rescale_prenorm_residual", "time_step_init_scheme", "time_step_scale",
        "use_associative_scan", "use_mambapy", "use_falcon_mamba_kernels",
    ]
    static let limits = [
        "intermediate_size": 0 ... 1 << 20, "time_step_rank": 0 ... 1 << 16, "conv_kernel": 1 ... 64, "state_size": 1 ... 4096,
        "hidden_size": 1 ... 1 << 18, "num_hidden_layers": 1 ... 4096, "vocab_size": 1 ... 1 << 24, "expand": 1 ... 64,
    ]
    static let notes = [
        "intermediate_size": "channels of the scan; 0: expand times hidden_size",
        "time_step_rank": "rank of the step size's projection; 0 or \"auto\": hidden_size / 16, rounded up",
        "eigenvalue_range": EigenvalueChoice.note,
    ]

    static func normalise(_ object: inout JSONObject, modelType: String?) throws {
        if object["time_step_rank"] == .string("auto") { object["time_step_rank"] = .integer(0) }
        if let activation = object["hidden_act"], activation != .string("silu"), activation != .string("swish") {
            throw refuse("hidden_act", activation, allowed: "silu")
        }
    }

    mutating func validate() throws {
        if intermediateSize == 0 { intermediateSize = expand * hiddenSize }
        if timeStepRank == 0 { timeStepRank = (hiddenSize + 15) / 16 }
        try require(
            intermediateSize <= 1 << 20, "intermediate_size", intermediateSize, allowed: "at most \(1 << 20)")
        try require(
            timeStepMinimum > 0 && timeStepMinimum <= timeStepMaximum && timeStepMaximum <= 100, "time_step_min",
            timeStepMinimum, allowed: "above 0, at most time_step_max \(timeStepMaximum)")
        try require(timeStepFloor >= 0 && timeStepFloor <= 100, "time_step_floor", timeStepFloor, allowed: "0 to 100")
        try require(normEpsilon > 0 && normEpsilon < 1, "layer_norm_epsilon", normEpsilon, allowed: "above 0, below 1")
    }

    var mixer: MambaMixer.Shape {
        var shape = MambaMixer.Shape()
        (shape.width, shape.channels, shape.states, shape.rank) = (hiddenSize, intermediateSize, stateSize, timeStepRank)
        (shape.convolutionWidth, shape.layerCount) = (convolutionWidth, layerCount)
        shape.steps = StepSizeInitialiser(range: timeStepMinimum ... timeStepMaximum, floor: timeStepFloor)
        (shape.bias, shape.convolutionBias, shape.eigenvalues) = (useBias, useConvolutionBias, eigenvalueRange.range)
        return shape
    }

    /// Twice as many layers as a transformer of the same width would have, as in the paper (section 4.2).
    static func sized(width: Int, for budget: Budget) -> MambaConfiguration {
        var configuration = MambaConfiguration()
        configuration.vocabularySize = budget.alphabet
        configuration.hiddenSize = width
        configuration.intermediateSize = configuration.expand * width
        configuration.layerCount = budget.parameters < 5_000_000 ? 8 : budget.parameters < 40_000_000 ? 16 : 24
        return configuration
    }

    static var adjustable: WritableKeyPath<MambaConfiguration, Int>? { \.intermediateSize }

    /// For self-tests.
    static var small: MambaConfiguration {
        var configuration = MambaConfiguration()
        configuration.vocabularySize = 11
        configuration.hiddenSize = 8
        configuration.layerCount = 2
        configuration.stateSize = 3
        return configuration
    }

    func mixer(_ p: Parameters) -> MambaMixer { MambaMixer(mixer, p) }
}
