import CSequenceModel

/// The strings of an `sm_description`, copied.
struct Description {
    let raw: sm_description
    /// Name of the field, and its text: nil when it is null or not UTF-8.
    let fields: [(name: String, text: String?)]

    init(_ raw: sm_description) {
        self.raw = raw
        fields = [
            ("id", RawModel.text(raw.id)), ("name", RawModel.text(raw.name)), ("family", RawModel.text(raw.family)),
            ("summary", RawModel.text(raw.summary)), ("paper", RawModel.text(raw.paper)),
            ("licence", RawModel.text(raw.licence)), ("configuration_schema", RawModel.text(raw.configuration_schema)),
        ]
    }

    /// All of it as texts, for comparing.
    var texts: [String] { fields.map { $0.text ?? "(null)" } + ["\(raw.likelihood)", "\(raw.capabilities)"] }
}
