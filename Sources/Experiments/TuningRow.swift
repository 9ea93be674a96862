public import Evaluation
import SequenceModel

/// One point of the tuning grid, as one model did with it.
public struct TuningRow: Codable, Sendable, Equatable {
    /// Model id.
    public var model: String
    /// What it was tuned on; nil: the text.
    public var task: TaskSpecification?
    /// The training options of the point.
    public var settings: ConfigurationJSON
    /// Of the tuning runs, alike for all models and used by no result.
    public var seed: UInt64
    /// How the run ended; only `ok` can be chosen.
    public var status: RunStatus
    /// Why the run failed; empty when it did not.
    public var detail: String
    /// On the validation part: what the choice goes by.
    public var validationBitsPerByte: Double?
    /// On the validation rows of a task, which the choice goes by there; nil on text.
    public var validationAccuracy: Double?
    /// Seconds of training.
    public var seconds: Double?
    /// Whether the model's results were trained with these options.
    public var isChosen: Bool

    enum CodingKeys: String, CodingKey {
        case model, task, settings, seed, status, detail
        case validationBitsPerByte = "validation_bits_per_byte"
        case validationAccuracy = "validation_accuracy"
        case seconds
        case isChosen = "chosen"
    }

    /// The point as text: `learning_rate=0.001`.
    public var text: String { TuningGrid.text(settings.value.objectValue ?? JSONObject()) }

    init(_ job: JobSpecification, _ row: ResultRow) {
        model = job.model
        task = job.task
        settings = job.tuning ?? ConfigurationJSON(.object(JSONObject()))
        seed = job.seed
        status = row.status
        detail = row.detail
        validationBitsPerByte = row.status == .ok ? row.bitsPerByte : nil
        validationAccuracy = row.status == .ok ? row.task?.validationAccuracy : nil
        seconds = row.seconds
        isChosen = false
    }

    /// All keys are always there; what is not known is `null`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(model, forKey: .model)
        try container.encodeIfPresent(task, forKey: .task)
        try container.encode(settings, forKey: .settings)
        try container.encode(seed, forKey: .seed)
        try container.encode(status, forKey: .status)
        try container.encode(detail, forKey: .detail)
        try container.encode(validationBitsPerByte, forKey: .validationBitsPerByte)
        try container.encodeIfPresent(validationAccuracy, forKey: .validationAccuracy)
        try container.encode(seconds, forKey: .seconds)
        try container.encode(isChosen, forKey: .isChosen)
    }

    /// The rows with the best of each model, on each task, marked: the highest accuracy on a task's validation rows, then the lowest bits on
    /// the validation part, the first of equals. A model of which no point ended well has none.
    static func choosing(_ rows: [TuningRow]) -> [TuningRow] {
        var rows = rows
        for row in rows {
            let group = rows.indices.filter { rows[$0].model == row.model && rows[$0].task == row.task }
            guard !group.contains(where: { rows[$0].isChosen }) else { continue }
            let candidates = group.filter { rows[$0].validationBitsPerByte != nil }
            func cost(_ index: Int) -> (Double, Double) {
                (-(rows[index].validationAccuracy ?? 0), rows[index].validationBitsPerByte ?? .infinity)
            }
            if let best = candidates.min(by: { cost($0) < cost($1) }) { rows[best].isChosen = true }
        }
        return rows
    }
}
