import ArgumentParser
import Experiments

/// What a command that trains several models gives to all of them.
struct SharedTrainingOptions: ParsableArguments {
    @Option(help: "T, bytes predicted in a training window: 256, 1k (1,024). Default: 256.", transform: { try SizeArguments.length($0, "--context") })
    var context = 256

    @Option(help: "B, windows in a training step. Default: 16.", transform: { try SizeArguments.count($0, "--batch") })
    var batch = 16

    @Option(help: "How many seeds, or which: 3 is 1, 2 and 3; 1,5,9 and 7, are just those. Default: 1, one seed.", transform: parseSeeds)
    var seeds: [UInt64] = [1]

    @Option(help: "Peak learning rate of every model. Default: 0.001.")
    var learningRate: Double?

    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: ArgumentHelp(
            "Set a training option or a key of the configuration, of one model or of all that have it: mamba.learning_rate=0.003. May be repeated. Default: the same training for all, configurations as the models propose them.",
            valueName: "[model.]key=value"))
    var settings: [String] = []

    func validate() throws {
        if let learningRate, !(learningRate > 0 && learningRate.isFinite) {
            throw ValidationError("--learning-rate is \(learningRate); expected a number over 0")
        }
    }
}

private func parseSeeds(_ text: String) throws -> [UInt64] {
    guard let seeds = SeedList.parse(text) else {
        throw ValidationError(
            "--seeds is \(text); expected how many (1 to \(SeedList.maximumCount)) or a list without repeats: 3, or 1,5,9"
        )
    }
    return seeds
}
