import SequenceModel

/// One kernel at one shape, with the least work that the shape asks of the machine.
struct KernelCase {
    var name: String
    /// For people: "4096 × 512 × 1368".
    var shape: String
    /// Float32 operations in matrix products, a multiplication and an addition counted as two.
    var operations = 0.0
    /// Bytes that must come from or go to memory, each array once.
    var bytes = 0.0
    /// Exponentials, and what costs as much (logarithms, sigmoids).
    var exponentials = 0.0
    /// All of the work, on all threads.
    var run: (any HostServices) -> Void

    /// The least seconds this work can take under `roof`, and which of the three limits says so.
    func leastTime(under roof: MachineRoof) -> (seconds: Double, limit: KernelResult.Limit) {
        let candidates: [(Double, KernelResult.Limit)] = [
            (operations / roof.matrixRate, .matrix), (bytes / roof.bandwidth, .memory),
            (exponentials / roof.exponentialRate, .exponential),
        ]
        return candidates.max { $0.0 < $1.0 } ?? (0, .memory)
    }

    /// Work of the kind that limits the kernel.
    func work(_ limit: KernelResult.Limit) -> Double {
        switch limit {
        case .matrix: operations
        case .memory: bytes
        case .exponential: exponentials
        }
    }
}
