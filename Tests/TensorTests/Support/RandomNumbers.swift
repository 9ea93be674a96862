@testable import Tensor

/// SplitMix64: the same numbers in every run, on every machine.
struct RandomNumbers {
    private var state: UInt64

    init(_ seed: Int) { state = UInt64(bitPattern: Int64(seed)) &* 0x9E37_79B9_7F4A_7C15 }

    mutating func bits() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func uniform(_ range: ClosedRange<Double> = -1...1) -> Double {
        range.lowerBound + (range.upperBound - range.lowerBound) * Double(bits() >> 11) * 0x1p-53
    }

    mutating func integer(below limit: Int) -> Int { Int(bits() % UInt64(limit)) }

    mutating func tensor(
        _ shape: [Int], in range: ClosedRange<Double> = -1...1, _ type: ScalarType = .float64
    ) -> Tensor {
        Tensor((0..<shape.reduce(1, *)).map { _ in uniform(range) }, shape: shape, type: type)
    }
}
