/// What a row is for. No row is in two parts.
public enum TaskPart: String, Sendable, CaseIterable {
    case train
    case validation
    case test

    /// Of every 16 rows that can be, one is for validation and one for testing.
    init(fingerprint: UInt64) {
        switch fingerprint % 16 {
        case 0: self = .test
        case 1: self = .validation
        default: self = .train
        }
    }
}
