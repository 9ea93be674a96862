import SequenceModel

/// One thing that `zoo doctor` looked at.
struct DoctorFinding {
    enum Status: String {
        case fine = "ok"
        /// Works, but slower or with less than it could.
        case warning
        /// Something will not work.
        case problem
    }

    var name: String
    var status: Status
    /// What was found.
    var detail: String
    /// What to do about it.
    var hint: String?

    /// Nothing is wrong.
    init(_ name: String, _ detail: String) { self.init(name, .fine, detail) }

    init(_ name: String, _ status: Status, _ detail: String, hint: String? = nil) {
        self.name = name
        self.status = status
        self.detail = detail
        self.hint = hint
    }

    var json: JSONValue {
        var object: JSONObject = [
            "name": .string(name), "status": .string(status.rawValue), "detail": .string(detail),
        ]
        if let hint { object["hint"] = .string(hint) }
        return .object(object)
    }
}
