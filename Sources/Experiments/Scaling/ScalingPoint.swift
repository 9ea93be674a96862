import Evaluation
import Foundation
import SequenceModel
import Training

/// One finished run of a scaling study.
public struct ScalingPoint: Codable, Sendable, Equatable {
    /// Model id.
    public var model: String
    /// What the bits per byte are.
    public var likelihood: LikelihoodKind
    /// Parameters that were asked for: runs of one size share it.
    public var size: Int
    /// N, counted by the host over the declared tensors, tied ones once.
    public var parameters: Int
    /// Of those, the ones in tables that are looked up and not multiplied by, as the names of the saved tensors say; nil where that is not known.
    public var embeddingParameters: Int?
    /// D, targets that were learned from.
    public var tokens: Int
    /// Of the run.
    public var seed: UInt64
    /// 6 N D and what attention adds, as far as the configuration says.
    public var operations: Double
    /// Of training; nil where it is not known.
    public var seconds: Double?
    /// Nats a byte on the test part.
    public var loss: Double

    /// Takes the values as they are.
    public init(
        model: String, likelihood: LikelihoodKind = .exact, size: Int, parameters: Int, embeddingParameters: Int? = nil,
        tokens: Int, seed: UInt64, operations: Double? = nil, seconds: Double? = nil, loss: Double
    ) {
        self.model = model
        self.likelihood = likelihood
        self.size = size
        self.parameters = parameters
        self.embeddingParameters = embeddingParameters
        self.tokens = tokens
        self.seed = seed
        self.operations = operations ?? 6 * Double(parameters) * Double(tokens)
        self.seconds = seconds
        self.loss = loss
    }

    enum CodingKeys: String, CodingKey {
        case model, likelihood, size, parameters
        case embeddingParameters = "embedding_parameters"
        case tokens, seed, operations, seconds, loss
    }

    /// Runs that differ in their seed alone are one configuration.
    var cell: Cell { Cell(size: size, tokens: tokens) }

    struct Cell: Hashable, Comparable {
        var size: Int
        var tokens: Int

        static func < (a: Cell, b: Cell) -> Bool { (a.size, a.tokens) < (b.size, b.tokens) }

        /// `300k × 3M`
        var text: String { "\(SizeText.short(size)) × \(SizeText.short(tokens))" }
    }

    /// The point of a run that ended well and has a likelihood; nil for others.
    ///
    /// - Parameter folder: where the run's parameters lie, whose names tell what an embedding is; nil: that is not asked.
    public init?(_ row: ResultRow, budget: ComparisonBudget, folder: ComparisonFolder.RunFolder? = nil) {
        guard row.status == .ok, row.likelihood != .none, let bits = row.bitsPerByte, bits > 0, bits.isFinite,
            let parameters = row.parameters, parameters > 0, row.trainTokens > 0
        else { return nil }
        self.init(
            model: row.model, likelihood: row.likelihood, size: budget.parameters, parameters: parameters,
            embeddingParameters: folder.flatMap { ScalingPoint.embeddings(in: $0.parameters, config: row.config) },
            tokens: row.trainTokens, seed: row.seed, operations: ScalingPoint.operations(row, context: budget.context),
            seconds: row.seconds, loss: bits * log(2))
    }

    /// Operations of a whole training run, counted as `TrainBenchmark` counts those of a step: six for each parameter and token, and
    /// attention where the configuration has its keys.
    ///
    /// For models that use some of their parameters more or less often than once a token (patches, experts, inner steps) this is a convention and
    /// no count; their measured seconds say more.
    static func operations(_ row: ResultRow, context: Int) -> Double {
        let attention = AttentionOperations.training(
            row.config.value, rows: 1, length: max(context, 1), isCausal: row.likelihood == .exact)
        return Double(row.trainTokens) * (6 * Double(row.parameters ?? 0) + attention / Double(max(context, 1)))
    }

    /// Values of the tables of embeddings in a file of parameters; 0 where the table is also the matrix of the output, nil where the
    /// file cannot be read or no tensor is named like one.
    static func embeddings(in path: String, config: ConfigurationJSON) -> Int? {
        if config.value["tie_word_embeddings"]?.booleanValue == true { return 0 }
        guard let file = try? SafetensorsFile(path: path) else { return nil }
        let tables = file.tensors.filter { tensor in
            tensor.shape.count == 2
                && tensor.name.split(separator: ".").contains { $0.hasPrefix("emb") || $0.contains("embed") || $0 == "encoder" || $0 == "wte" }
        }
        return tables.isEmpty ? nil : tables.reduce(0) { $0 + $1.count }
    }
}

extension ComparisonFolder.RunFolder {
    /// The parameters at the end of training.
    var parameters: String { path + "/model.safetensors" }
}
