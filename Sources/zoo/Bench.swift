import ArgumentParser

/// `zoo bench`: what this machine can do and how much of that is reached.
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure speed: of kernels, training, decoding and the plugin boundary.",
        discussion: """
            For figures worth quoting: nothing else running, and OPENBLAS_CORETYPE unset. zoo/benchmarks/pytorch.py times the same \
            shapes in PyTorch in the same sitting.
            """,
        subcommands: [BenchKernels.self, BenchTrain.self, BenchDecode.self, BenchABI.self])
}
