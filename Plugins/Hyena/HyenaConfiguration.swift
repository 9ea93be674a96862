import Layers
import PluginKit
import SequenceModel

/// Settings of Hyena; keys as in safari's language models, those of its `layer` beside the others.
struct HyenaConfiguration: ModelConfiguration {
    enum Filter: String, ConfigurationChoice {
        case implicit, modal
    }

    /// V
    var vocabularySize = 256
    /// D
    var width = 256
    /// L
    var layerCount = 8
    /// F; 0: 4 · D.
    var feedForwardWidth = 0
    /// p: gates, and one more than long convolutions.
    var order = 2
    var filter = Filter.implicit
    /// T_max
    var maximumLength = 1024
    /// O
    var filterWidth = 64
    /// E
    var positionWidth = 33
    /// First value of the sines' frequency.
    var frequency = 14.0
    /// The window's floor.
    var shift = 0.0
    /// A factor on the rate of the positions' table.
    var positionRateMultiplier = 0.01
    /// N, poles of a modal filter.
    var stateSize = 8

    enum CodingKeys: String, CodingKey {
        case vocabularySize = "vocab_size"
        case width = "d_model"
        case layerCount = "n_layer"
        case feedForwardWidth = "d_inner"
        case order
        case filter
        case maximumLength = "l_max"
        case filterWidth = "filter_order"
        case positionWidth = "emb_dim"
        case frequency = "w"
        case shift
        case positionRateMultiplier = "position_learning_rate_multiplier"
        case stateSize = "state_size"
    }

    static let limits = [
        "vocab_size": 1 ... 1 << 24, "d_model": 1 ... 1 << 18, "n_layer": 1 ... 4096, "d_inner": 0 ... 1 << 20, "order": 2 ... 16,
        "l_max": 2 ... 1 << 24, "filter_order": 1 ... 1 << 14, "emb_dim": 3 ... 4097, "state_size": 1 ... 1024,
    ]
    static let notes = [
        "order": "gates, and one more than long convolutions",
        "filter": "implicit: a network of the position, up to l_max; modal: state_size poles, without limit",
        "l_max": "longest text of implicit filters, whose window and positions are relative to it", "d_inner": "0: 4 times d_model",
        "emb_dim": "numbers that stand for a position, odd",
    ]

    mutating func validate() throws {
        if feedForwardWidth == 0 { feedForwardWidth = 4 * width }
        try require(feedForwardWidth <= 1 << 20, "d_inner", feedForwardWidth, allowed: "at most \(1 << 20)")
        try require(positionWidth % 2 == 1, "emb_dim", positionWidth, allowed: "an odd number")
        try require(frequency.isFinite && abs(frequency) <= 1e4, "w", frequency, allowed: "-10000 to 10000")
        try require(shift >= 0 && shift <= 100, "shift", shift, allowed: "0 to 100")
        try require(
            positionRateMultiplier >= 0 && positionRateMultiplier <= 100, "position_learning_rate_multiplier", positionRateMultiplier,
            allowed: "0 to 100")
    }

    func mixer(_ output: Initialiser) -> HyenaMixer.Shape {
        var shape = HyenaMixer.Shape()
        (shape.width, shape.order) = (width, order)
        (shape.initialiser, shape.outputInitialiser) = (.normal(0.02), output)
        switch filter {
        case .modal: shape.filter = .modal(stateSize)
        case .implicit:
            var inner = ImplicitFilter.Shape()
            (inner.positions, inner.embedding, inner.hidden) = (maximumLength, positionWidth, filterWidth)
            (inner.frequency, inner.shift, inner.embeddingRateMultiplier) = (frequency, shift, positionRateMultiplier)
            shape.filter = .implicit(inner)
        }
        return shape
    }

    /// Small budgets have small filter networks; texts may be twice as long as the training windows, and 512 symbols at least.
    static func sized(width: Int, for budget: Budget) -> HyenaConfiguration {
        var configuration = HyenaConfiguration()
        configuration.vocabularySize = budget.alphabet
        configuration.width = width
        configuration.maximumLength = max(512, min(budget.context, 1 << 23) * 2)
        let isSmall = budget.parameters < 1_000_000
        (configuration.filterWidth, configuration.positionWidth) = isSmall ? (16, 3) : (64, 33)
        switch budget.parameters {
        case ..<60_000: configuration.layerCount = 2
        case ..<1_000_000: configuration.layerCount = 4
        case ..<5_000_000: configuration.layerCount = 6
        case ..<40_000_000: configuration.layerCount = 8
        default: configuration.layerCount = 12
        }
        configuration.feedForwardWidth = 4 * width
        return configuration
    }

    static var adjustable: WritableKeyPath<HyenaConfiguration, Int>? { \.feedForwardWidth }
}
