import Evaluation
import Foundation
import Kernels
import SequenceModel

/// What speeds depend on besides the code.
enum BenchEnvironment {
    /// The processor that the environment tells OpenBLAS to be; nil when it may look for itself.
    static var coreType: String? { ProcessInfo.processInfo.environment["OPENBLAS_CORETYPE"] }

    /// Says on stderr when the environment may hold the processor back.
    static func warn() {
        guard let coreType else { return }
        Terminal.writeError(
            "warning: OPENBLAS_CORETYPE=\(coreType) in the environment may hold this processor back; unset it to measure\n"
        )
    }

    static func machine(_ roof: MachineRoof) -> JSONObject {
        [
            "threads": .integer(Int64(roof.threads)), "matrix_rate": .number(roof.matrixRate),
            "bandwidth": .number(roof.bandwidth), "exponential_rate": .number(roof.exponentialRate),
            "blas_core": .string(String(cString: zk_blas_core())),
            "vector_level": .string(String(cString: zk_vector_level())),
            "openblas_coretype": coreType.map(JSONValue.string) ?? .null,
        ]
    }

    static func unit(_ limit: KernelResult.Limit) -> String {
        switch limit {
        case .matrix: "GF/s"
        case .memory: "GB/s"
        case .exponential: "Ge/s"
        }
    }
}
