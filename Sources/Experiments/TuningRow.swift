import SequenceModel

/// One point of the tuning grid, as one model did with it.
public struct TuningRow: Codable, Sendable, Equatable {
    /// Model id.
    public var model: String
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
    /// Seconds of training.
    public var seconds: Double?
    /// Whether the model's results were trained with these options.
    public var isChosen: Bool

    enum CodingKeys: String, CodingKey {
        case model, settings, seed, status, detail
        case validationBitsPerByte = "validation_bits_per_byte"
        case seconds
        case isChosen = "chosen"
    }

    /// The point as text: `learning_rate=0.001`.
    public var text: String { TuningGrid.text(settings.value.objectValue ?? JSONObject()) }

    init(_ job: JobSpecification, _ row: ResultRow) {
        model = job.model
        settings = job.tuning ?? ConfigurationJSON(.object(JSONObject()))
        seed = job.seed
        status = row.status
        detail = row.detail
        validationBitsPerByte = row.status == .ok ? row.bitsPerByte : nil
        seconds = row.seconds
        isChosen = false
    }

    /// All keys are always there; what is not known is `null`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(model, forKey: .model)
        try container.encode(settings, forKey: .settings)
        try container.encode(seed, forKey: .seed)
        try container.encode(status, forKey: .status)
        try container.encode(detail, forKey: .detail)
        try container.encode(validationBitsPerByte, forKey: .validationBitsPerByte)
        try container.encode(seconds, forKey: .seconds)
        try container.encode(isChosen, forKey: .isChosen)
    }

    /// The rows with the best of each model marked: the lowest bits per byte on the validation part, the first of equals. A model of
    /// which no point ended well has none.
    static func choosing(_ rows: [TuningRow]) -> [TuningRow] {
        var rows = rows
        for model in Set(rows.map(\.model)) {
            let candidates = rows.indices.filter { rows[$0].model == model && rows[$0].validationBitsPerByte != nil }
            let best = candidates.min { rows[$0].validationBitsPerByte ?? .infinity < rows[$1].validationBitsPerByte ?? .infinity }
            if let best { rows[best].isChosen = true }
        }
        return rows
    }
}
