import PluginHost

/// How wide the vectors are that a processor offers and that a library uses.
enum VectorLevel: Int, Comparable {
    case baseline
    case avx2
    case avx512

    static func < (a: VectorLevel, b: VectorLevel) -> Bool { a.rawValue < b.rawValue }

    var label: String { ["baseline", "AVX2", "AVX-512"][rawValue] }

    init(_ machine: MachineFacts) { self = machine.hasAVX512 ? .avx512 : machine.hasAVX2 ? .avx2 : .baseline }

    /// What OpenBLAS uses when it takes the processor for `core` (its `DYNAMIC_CORE` names). nil for names of other
    /// architectures and for ones we do not know.
    init?(blasCore core: String) {
        let levels: [String: VectorLevel] = [
            "skylakex": .avx512, "cooperlake": .avx512, "sapphirerapids": .avx512, "haswell": .avx2, "zen": .avx2,
            "excavator": .avx2, "steamroller": .baseline, "piledriver": .baseline, "bulldozer": .baseline,
            "sandybridge": .baseline, "nehalem": .baseline, "core2": .baseline, "penryn": .baseline,
            "dunnington": .baseline,
            "prescott": .baseline, "katmai": .baseline, "coppermine": .baseline, "northwood": .baseline,
            "banias": .baseline,
            "atom": .baseline, "bobcat": .baseline, "barcelona": .baseline, "opteron": .baseline,
            "opteron_sse3": .baseline,
            "athlon": .baseline, "nano": .baseline,
        ]
        guard let level = levels[core.lowercased()] else { return nil }
        self = level
    }
}
