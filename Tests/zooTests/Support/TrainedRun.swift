import Foundation
import TestSupport
import Testing

/// Small runs of `zoo train` that several tests look at, made once in a process.
enum TrainedRun {
    static let transformer: Result<String, any Error> = Result { try train("transformer") }
    static let diffusion: Result<String, any Error> = Result { try train("diffusion") }

    private static func train(_ model: String) throws -> String {
        let out = try TemporaryFolder.make() + "/run"
        let result = try ZooProcess.run(
            "train", model, "--parameters", "60k", "--context", "32", "--batch", "4", "--steps", "4", "--out", out,
            "--quiet")
        try #require(result.status == 0, "\(result.errors)")
        return out
    }
}
