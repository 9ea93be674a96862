import PluginKit
import SequenceModel

/// A configuration with one key of each kind.
struct TestConfiguration: ModelConfiguration {
    enum Mode: String, ConfigurationChoice { case fast, slow }
    struct Inner: Codable {
        var rate = 0.5
        var stepCount = 3
    }

    var vocabSize = 11
    var hiddenSize = 8
    var dropout = 0.0
    var useBias = true
    var name = "x"
    var mode = Mode.fast
    var window: Int?
    var modes: [Mode]?
    var inner = Inner()
    var offset = 0

    static let limits = ["window": 1 ... 100]
    static let notes = ["window": "tokens seen"]
    static let ignoredKeys = ["attention_dropout"]

    static func normalise(_ object: inout JSONObject, modelType: String?) throws {
        if let old = object["width"] {
            object["hidden_size"] = old
            object["width"] = nil
        }
    }

    mutating func validate() throws {
        try require(hiddenSize % 2 == 0, "hidden_size", hiddenSize, allowed: "an even number")
        if window == nil { window = hiddenSize }
    }

    static func sized(width: Int, for budget: Budget) -> TestConfiguration {
        TestConfiguration(vocabSize: budget.alphabet, hiddenSize: width)
    }
}
