import ArgumentParser
import Training

/// Which part of a text is scored.
enum ScoredPart: String, ExpressibleByArgument, CaseIterable {
    case all
    case train
    case validation
    case test

    /// The part, cut by `rule`.
    func bytes(of data: TextData, rule: SplitRule) -> ArraySlice<UInt8> {
        let splits = DataSplits(data, rule: rule)
        return switch self {
        case .all: data.bytes[...]
        case .train: splits.train
        case .validation: splits.validation
        case .test: splits.test
        }
    }
}
