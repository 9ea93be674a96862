import Layers
import PluginKit
import SequenceModel

/// Settings of Mamba-2; keys as in Hugging Face's `Mamba2Config`.
struct Mamba2Configuration: SelectiveConfiguration {
    /// V
    var vocabularySize = 256
    /// D
    var hiddenSize = 256
    /// L
    var layerCount = 8
    /// N
    var stateSize = 128
    /// H · P = expand · D
    var expand = 2
    /// P
    var headWidth = 64
    /// H; 0: expand · D / P.
    var headCount = 0
    /// G
    var groupCount = 1
    var convolutionWidth = 4
    var timeStepMinimum = 0.001
    var timeStepMaximum = 0.1
    var timeStepFloor = 1e-4
    /// Δ is kept between these; the second 0 stands for no bound.
    var timeStepLimit = [0.0, 0.0]
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
        case headWidth = "head_dim"
        case headCount = "num_heads"
        case groupCount = "n_groups"
        case convolutionWidth = "conv_kernel"
        case timeStepMinimum = "time_step_min"
        case timeStepMaximum = "time_step_max"
        case timeStepFloor = "time_step_floor"
        case timeStepLimit = "time_step_limit"
        case normEpsilon = "layer_norm_epsilon"
        case useBias = "use_bias"
        case useConvolutionBias = "use_conv_bias"
        case tieWordEmbeddings = "tie_word_embeddings"
        case eigenvalueRange = "eigenvalue_range"
    }

    /// What says how another implementation computes, or how weights were first drawn there.
    static let ignoredKeys = [
        "chunk_size", "hidden_act", "rescale_prenorm_residual", "residual_in_fp32", "rms_norm", "time_step_rank",
    ]
    static let limits = [
        "head_dim": 1 ... 4096, "num_heads": 0 ... 1 << 16, "n_groups": 1 ... 1 << 16, "conv_kernel": 1 ... 64, "state_size": 1 ... 4096,
        "hidden_size": 1 ... 1 << 18, "num_hidden_layers": 1 ... 4096, "vocab_size": 1 ... 1 << 24, "expand": 1 ... 64,
    ]
    static let notes = [
        "num_heads": "0: expand times hidden_size / head_dim", "n_groups": "groups of heads that share B and C",
        "time_step_limit": "bounds of the step size; the second 0, or infinity in files: none",
        "eigenvalue_range": EigenvalueChoice.note,
    ]

    static func normalise(_ object: inout JSONObject, modelType: String?) throws {
        if let activation = object["hidden_act"], activation != .string("silu"), activation != .string("swish") {
            throw refuse("hidden_act", activation, allowed: "silu")
        }
        if object["rms_norm"] == .boolean(false) { throw refuse("rms_norm", false, allowed: "true") }
        guard var bounds = object["time_step_limit"]?.arrayValue, bounds.count == 2 else { return }
        // Python writes infinity as a word, transformers as an object.
        let infinity = JSONValue.string("Infinity")
        if bounds[1] == infinity || bounds[1].objectValue?["__float__"] == infinity { bounds[1] = .integer(0) }
        object["time_step_limit"] = .array(bounds)
    }

    mutating func validate() throws {
        if headCount == 0 {
            try require(
                expand * hiddenSize % headWidth == 0, "head_dim", headWidth, allowed: "a divisor of expand · hidden_size, \(expand * hiddenSize)")
            headCount = expand * hiddenSize / headWidth
        }
        try require(
            headCount * headWidth == expand * hiddenSize, "num_heads", headCount,
            allowed: "expand · hidden_size / head_dim, \(expand * hiddenSize) / \(headWidth)")
        try require(headCount <= 1 << 16, "num_heads", headCount, allowed: "at most \(1 << 16)")
        try require(headCount % groupCount == 0, "n_groups", groupCount, allowed: "a divisor of num_heads, \(headCount)")
        try require(
            timeStepMinimum > 0 && timeStepMinimum <= timeStepMaximum && timeStepMaximum <= 100, "time_step_min",
            timeStepMinimum, allowed: "above 0, at most time_step_max \(timeStepMaximum)")
        try require(timeStepFloor >= 0 && timeStepFloor <= 100, "time_step_floor", timeStepFloor, allowed: "0 to 100")
        try require(
            timeStepLimit.count == 2 && timeStepLimit.allSatisfy { $0 >= 0 && $0.isFinite }
                && (timeStepLimit[1] == 0 || timeStepLimit[0] < timeStepLimit[1]),
            "time_step_limit", timeStepLimit, allowed: "two numbers from 0, the second larger, or 0 for no bound")
        try require(normEpsilon > 0 && normEpsilon < 1, "layer_norm_epsilon", normEpsilon, allowed: "above 0, below 1")
    }

    var mixer: Mamba2Mixer.Shape {
        var shape = Mamba2Mixer.Shape()
        (shape.width, shape.heads, shape.headWidth) = (hiddenSize, headCount, headWidth)
        (shape.groups, shape.states, shape.convolutionWidth, shape.layerCount) = (groupCount, stateSize, convolutionWidth, layerCount)
        shape.steps = StepSizeInitialiser(range: timeStepMinimum ... timeStepMaximum, floor: timeStepFloor)
        shape.smallestStep = timeStepLimit[0]
        shape.largestStep = timeStepLimit[1] > 0 ? timeStepLimit[1] : nil
        (shape.normEpsilon, shape.bias, shape.convolutionBias) = (normEpsilon, useBias, useConvolutionBias)
        shape.eigenvalues = eigenvalueRange.range
        return shape
    }

    /// As many layers as Mamba; narrow models have narrow heads and small states.
    static func sized(width: Int, for budget: Budget) -> Mamba2Configuration {
        var configuration = Mamba2Configuration()
        configuration.vocabularySize = budget.alphabet
        configuration.hiddenSize = width
        configuration.headWidth = width < 128 ? 16 : width % 32 == 0 ? 64 : 16
        configuration.stateSize = budget.parameters < 300_000 ? 32 : budget.parameters < 5_000_000 ? 64 : 128
        configuration.layerCount = budget.parameters < 5_000_000 ? 8 : budget.parameters < 40_000_000 ? 16 : 24
        return configuration
    }

    static var adjustable: WritableKeyPath<Mamba2Configuration, Int>? { \.stateSize }

    /// For self-tests.
    static var small: Mamba2Configuration {
        var configuration = Mamba2Configuration()
        configuration.vocabularySize = 11
        configuration.hiddenSize = 8
        configuration.layerCount = 2
        configuration.stateSize = 3
        configuration.headWidth = 4
        configuration.groupCount = 2
        return configuration
    }

    func mixer(_ p: Parameters) -> Mamba2Mixer { Mamba2Mixer(mixer, p) }
}
