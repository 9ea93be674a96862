import ArgumentParser

/// `zoo bench`: what this machine can do and how much of that is reached.
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure speed: of kernels, training, decoding and the plugin boundary.",
        discussion: """
            For figures worth quoting: nothing else running, and OPENBLAS_CORETYPE unset. zoo/benchmarks/pytorch.py times the same \
            shapes in PyTorch in the same sitting.

            Examples:
              zoo bench kernels --only attention
              zoo bench train --config zoo/benchmarks/llama-256.json --batch 8 --context 256
              zoo bench decode --config zoo/benchmarks/mamba-256.json --context 16k
              zoo bench cost transformer mamba --price-per-hour 0.10
              zoo bench abi
            """,
        subcommands: [BenchKernels.self, BenchTrain.self, BenchDecode.self, BenchCost.self, BenchABI.self])
}
