internal import Glibc
public import SequenceModel
public import Tensor

/// Filters as sums of N complex exponentials, h[t] = Re Σ_n R_n λ_nᵗ: poles and residues of StripedHyena. The same filter is a
/// convolution in training and a recurrence with N complex numbers a channel in serving.
///
/// A pole that training moves out of the unit circle acts as if it were on it, so that no filter grows.
public struct ModalFilter {
    /// The recurrence of some channels, [channels, N] each.
    struct System {
        let rate: ComplexTensor, decay: ComplexTensor, amplitude: ComplexTensor
    }

    private let channels: Int
    private let states: Int
    private let poles: Parameter
    private let residues: Parameter

    /// Declares `poles` and `residues` [channels, N, 1, 2] under `p`, without weight decay. The first poles decay over 10 to 1000 tokens
    /// and turn by equally spaced angles; the authors published none.
    public init(channels: Int, states: Int, _ p: Parameters) {
        (self.channels, self.states) = (channels, states)
        poles = p.parameter("poles", shape: [channels, states, 1, 2], weightDecay: false) { stream in
            (0 ..< channels * states).flatMap { place -> [Double] in
                let size = exp(-exp(log(0.001) + stream.uniform() * log(100)))
                let angle = Double.pi * Double(place % states) / Double(states)
                return [size * cos(angle), size * sin(angle)]
            }
        }
        residues = p.parameter(
            "residues", shape: [channels, states, 1, 2], initialiser: .normal(1 / Double(states)), weightDecay: false)
    }

    /// [T, channels]
    public func taps(length: Int) -> Tensor {
        let system = system(channels: 0 ..< channels)
        return exponentialSums(amplitude: system.amplitude, rate: system.rate, length: length)
    }

    func system(channels range: Range<Int>) -> System {
        func complex(_ x: Parameter) -> ComplexTensor {
            ComplexTensor(pairs: x.tensor.sliced(axis: 0, range).reshaped([range.count, states, 2]))
        }
        let rate = complex(poles).log()
        let bounded = ComplexTensor(real: rate.real - rate.real.relu(), imaginary: rate.imaginary)
        return System(rate: bounded, decay: bounded.exp(), amplitude: complex(residues))
    }
}
