import PluginKit
import Tensor

/// `eigenvalue_range` of a configuration.
enum EigenvalueChoice: String, ConfigurationChoice {
    case zeroToOne = "[0,1]"
    case minusOneToOne = "[-1,1]"

    static let note =
        "where the eigenvalues of the state transition lie: [0,1] is exp(Δ A), [-1,1] is 2 exp(Δ A) − 1 (arXiv:2411.12537)"

    var range: EigenvalueRange {
        switch self {
        case .zeroToOne: .zeroToOne
        case .minusOneToOne: .minusOneToOne
        }
    }
}
