import Layers
import PluginKit
import SequenceModel

/// Settings of TTT-Linear and TTT-MLP, under the names of the authors' `TTTConfig`.
struct TestTimeTrainingConfiguration<Variant: TestTimeTrainingVariant>: ModelConfiguration {
    /// V
    var vocabularySize = 256
    /// D
    var hiddenSize = 256
    /// F
    var intermediateSize = 688
    /// L
    var layerCount = 4
    /// H
    var headCount = 4
    var activation = Activation.silu
    var maximumPositions = 2048
    var normEpsilon = 1e-6
    var tieWordEmbeddings = true
    var initializerRange = 0.02
    var theta = 10_000.0
    /// b
    var miniBatch = 16
    var baseRate = Variant.baseRate
    var useGate = false
    var sharesQueriesAndKeys = false
    var convolutionWidth = 4

    enum CodingKeys: String, CodingKey {
        case vocabularySize = "vocab_size"
        case hiddenSize = "hidden_size"
        case intermediateSize = "intermediate_size"
        case layerCount = "num_hidden_layers"
        case headCount = "num_attention_heads"
        case activation = "hidden_act"
        case maximumPositions = "max_position_embeddings"
        case normEpsilon = "rms_norm_eps"
        case tieWordEmbeddings = "tie_word_embeddings"
        case initializerRange = "initializer_range"
        case theta = "rope_theta"
        case miniBatch = "mini_batch_size"
        case baseRate = "ttt_base_lr"
        case useGate = "use_gate"
        case sharesQueriesAndKeys = "share_qk"
        case convolutionWidth = "conv_kernel"
    }

    enum Activation: String, ConfigurationChoice { case silu }

    static var ignoredKeys: [String] { ["pretraining_tp", "scan_checkpoint_group_size"] }

    static var limits: [String: ClosedRange<Int>] {
        [
            "vocab_size": 1 ... 1 << 24, "hidden_size": 1 ... 1 << 18, "num_hidden_layers": 1 ... 4096,
            "num_attention_heads": 1 ... 65_536, "mini_batch_size": 1 ... 256, "conv_kernel": 1 ... 64,
        ]
    }

    static var notes: [String: String] {
        [
            "max_position_embeddings": "kept for other programs: positions begin anew in every mini-batch",
            "mini_batch_size": "tokens whose inner gradients are taken at the same weights",
            "ttt_base_lr": "factor of the inner steps",
            "share_qk": "one projection for queries and keys, told apart by convolutions of conv_kernel taps",
        ]
    }

    /// The authors' files say which layer they have and whether a convolution comes before it.
    static func normalise(_ object: inout JSONObject, modelType: String?) throws {
        let type = Variant.expansion == nil ? "linear" : "mlp"
        if let given = object["ttt_layer_type"] {
            guard given == .string(type) else { throw refuse("ttt_layer_type", given, allowed: "\"\(type)\" in \(Variant.card.id)") }
            object["ttt_layer_type"] = nil
        }
        if let given = object["pre_conv"] {
            guard given == .boolean(false) else { throw refuse("pre_conv", given, allowed: "false (it is not implemented)") }
            object["pre_conv"] = nil
        }
    }

    mutating func validate() throws {
        try require(
            hiddenSize % headCount == 0 && hiddenSize / headCount % 2 == 0, "hidden_size", hiddenSize,
            allowed: "an even multiple of num_attention_heads (\(headCount)): rotary positions turn pairs")
        try require(
            hiddenSize / headCount <= 4096, "hidden_size", hiddenSize, allowed: "at most 4096 times num_attention_heads (\(headCount))")
        try require(normEpsilon >= 0 && normEpsilon < 1, "rms_norm_eps", normEpsilon, allowed: "from 0 to 1")
        try require(
            initializerRange >= 0 && initializerRange.isFinite, "initializer_range", initializerRange, allowed: "0 or more")
        try require(theta > 1 && theta.isFinite, "rope_theta", theta, allowed: "more than 1")
        try require(baseRate >= 0 && baseRate <= 1000, "ttt_base_lr", baseRate, allowed: "0 to 1000")
    }

    /// What the mixer needs to know.
    var mixer: TestTimeTraining.Shape {
        var shape = TestTimeTraining.Shape(width: hiddenSize, heads: headCount, expansion: Variant.expansion)
        shape.miniBatch = miniBatch
        shape.baseRate = baseRate
        shape.hasGate = useGate
        shape.sharedConvolutionWidth = sharesQueriesAndKeys ? convolutionWidth : nil
        shape.theta = theta
        return shape
    }

    static var adjustable: WritableKeyPath<Self, Int>? { \.intermediateSize }

    /// Depth follows the budget; heads of 64, or less in narrow models; F ≈ 8/3 D.
    static func sized(width: Int, for budget: Budget) -> Self {
        var c = Self()
        c.vocabularySize = budget.alphabet
        c.hiddenSize = width
        c.layerCount = layerCount(for: budget)
        c.headCount = headCount(for: width)
        c.intermediateSize = (width * 8 / 3 + 15) / 16 * 16
        c.maximumPositions = max(c.maximumPositions, budget.context)
        return c
    }
}
