import Foundation
import SequenceModel

@testable import Experiments

/// Runs whose losses follow a known law, with noise.
enum SyntheticCurves {
    static let law = ScalingLaw(
        irreducible: 0.7, parameterFactor: 60, parameterExponent: 0.45, tokenFactor: 90, tokenExponent: 0.38)

    /// A run for each size, token count and seed. `noise` is the standard deviation of the log of the loss.
    static func points(
        _ law: ScalingLaw = law, sizes: [Int] = [100_000, 200_000, 400_000, 800_000, 1_600_000],
        tokens: [Int] = [500_000, 1_000_000, 2_000_000, 4_000_000, 8_000_000], seeds: Int = 2, noise: Double = 0.004, draw: UInt64 = 0
    ) -> [ScalingPoint] {
        var stream = RandomKey(seed: draw).split("synthetic").stream
        return sizes.flatMap { size in
            tokens.flatMap { count in
                (1 ... seeds).map { seed in
                    point(
                        size, count, seed: seed,
                        loss: law.loss(parameters: Double(size), tokens: Double(count)) * exp(noise * stream.normal()))
                }
            }
        }
    }

    static func point(_ size: Int, _ tokens: Int, seed: Int = 1, loss: Double, seconds: Double? = nil) -> ScalingPoint {
        ScalingPoint(
            model: "mamba", size: size, parameters: size, embeddingParameters: size / 10, tokens: tokens, seed: UInt64(seed),
            seconds: seconds ?? 2e-12 * pow(Double(size), 0.9) * Double(tokens), loss: loss)
    }
}
