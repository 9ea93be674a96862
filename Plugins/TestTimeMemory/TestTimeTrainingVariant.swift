import PluginKit
import SequenceModel

/// Whether the inner network is a matrix or has a hidden layer.
protocol TestTimeTrainingVariant {
    static var card: ModelCard { get }
    /// The hidden layer's width over K; nil: no hidden layer.
    static var expansion: Int? { get }
    /// Factor of the inner steps that the authors use.
    static var baseRate: Double { get }
}

/// TTT-Linear.
enum LinearVariant: TestTimeTrainingVariant {
    static var card: ModelCard {
        ModelCard(
            id: "ttt-linear", name: "TTT-Linear", family: "test-time-memory",
            summary: "Each head's state is a matrix, trained by gradient descent on the text it reads.",
            paper: "Learning to (Learn at Test Time): RNNs with Expressive Hidden States (arXiv:2407.04620)")
    }
    static var expansion: Int? { nil }
    static var baseRate: Double { 1 }
}

/// TTT-MLP.
enum MLPVariant: TestTimeTrainingVariant {
    static var card: ModelCard {
        ModelCard(
            id: "ttt-mlp", name: "TTT-MLP", family: "test-time-memory",
            summary: "Each head's state is a network with a hidden layer, trained by gradient descent on the text it reads.",
            paper: "Learning to (Learn at Test Time): RNNs with Expressive Hidden States (arXiv:2407.04620)")
    }
    static var expansion: Int? { 4 }
    static var baseRate: Double { 0.1 }
}
