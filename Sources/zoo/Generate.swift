import ArgumentParser
import Evaluation
import Glibc
import PluginHost
import SequenceModel
import Training

/// `zoo generate`: text from a checkpoint, shown as it is made.
struct Generate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write text with a trained model.",
        discussion: """
            Models that read left to right stream their text to stdout, symbol by symbol: temperature, then top-k, then top-p. Models \
            that refine a whole text show that on stderr while it happens, on a terminal, step by step and slowly enough to watch (--quiet \
            takes no time for it), and write the finished text to stdout.
            With --gap such a model writes into the prompt: each occurrence of the character is one symbol to be found, from what stands \
            before and behind it.
            With --json every line of stdout is one event; the last one, "done", has the whole text.

            Examples:
              zoo generate runs/mamba --prompt "ROMEO:" --tokens 300 --temperature 0.8
              zoo generate runs/mamba --prompt "ROMEO:" --temperature 0
              zoo generate runs/diffusion --prompt "ROMEO:" --tokens 200 --steps 100 --sampler confidence
              zoo generate runs/diffusion --prompt "ROMEO: ___ art thou" --gap _
              zoo generate runs/titans --load-state after-book.state --prompt "ROMEO:"
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "A run directory of zoo train, or a folder in the Hugging Face layout (config.json, model.safetensors).")
    var checkpoint: String

    @Option(help: "The text to write on from. Default: none; the model then begins after a line break, which is not shown.")
    var prompt = ""

    @Option(help: "Symbols to write; for all models here they are bytes. Default: 256; with --gap 0, none behind the prompt.")
    var tokens: Int?

    @Option(help: ArgumentHelp("A character of the prompt that stands for one symbol to be filled in. Default: the prompt has no gaps.", valueName: "char"))
    var gap: String?

    @Option(help: ArgumentHelp("Go on from the state that zoo score --save-state left in this file, with the same checkpoint. Default: nothing was read before the prompt.", valueName: "file"))
    var loadState: String?

    @Option(help: "0 takes the most likely symbol, 1 the model's own distribution; any number from 0 on.")
    var temperature = 1.0

    @Option(help: "Draw from the k most likely symbols only. Default: from all.")
    var topK: Int?

    @Option(help: "Draw from the most likely symbols that together have this probability, above 0 and at most 1. Default: 1, from all.")
    var topP: Double?

    @Option(help: "Decides every random choice.")
    var seed: UInt64 = 0

    @Option(help: "Network evaluations to spend on a text that is refined. Default: the model's choice.")
    var steps: Int?

    @Option(help: "How a text is refined: one of the model's samplers; of diffusion: ancestral, confidence. Default: the model's choice.")
    var sampler: String?

    func validate() throws {
        if let tokens, tokens < 0 { throw ValidationError("--tokens is \(tokens); it must be 0 or more") }
        if loadState?.isEmpty == true { throw ValidationError("--load-state is empty; it names a file") }
        if let gap {
            guard gap.unicodeScalars.count == 1 else {
                throw ValidationError("--gap is \"\(gap)\"; expected one character of the prompt, such as _")
            }
            guard prompt.unicodeScalars.contains(where: { String($0) == gap }) else {
                throw ValidationError("--gap is \(gap), and the prompt has no \(gap): nothing is to be filled in")
            }
            if topK != nil || topP != nil {
                throw ValidationError("--gap fills in by refinement: it takes neither --top-k nor --top-p")
            }
            if loadState != nil { throw ValidationError("--gap and --load-state do not go together: filling in keeps no state") }
        }
        if let steps, steps < 1 { throw ValidationError("--steps is \(steps); it must be at least 1") }
    }

    func run() throws {
        let sampling = try Sampling(temperature: temperature, topK: topK, topP: topP)
        let services = global.services()
        let catalogue = try global.catalogue()
        let loaded = try LoadedModel.open(checkpoint, catalogue: catalogue, services: services) {
            Terminal.writeError("warning: \($0)\n")
        }
        let capabilities = loaded.model.description.capabilities
        let symbols = Array((prompt.isEmpty ? "\n" : prompt).utf8).map(Int32.init)
        let output = GenerationOutput(prompt: prompt, json: global.json, fills: gap != nil)
        do {
            if let gap = gap?.unicodeScalars.first {
                try fill(loaded.model, gap, catalogue, output)
            } else if let loadState {
                guard steps == nil, sampler == nil else {
                    throw ZooError(.usage, "--load-state goes on left to right: it takes neither --steps nor --sampler")
                }
                let session = try CarriedState.load(loadState, of: loaded, catalogue: catalogue)
                try writeOn(loaded.model, symbols, sampling, output, after: session)
            } else if capabilities.contains(.session), !capabilities.contains(.generates) || (steps == nil && sampler == nil) {
                guard steps == nil, sampler == nil else {
                    throw ZooError(
                        .usage,
                        "\(loaded.model.description.id) writes left to right: it takes neither --steps nor --sampler")
                }
                try writeOn(loaded.model, symbols, sampling, output)
            } else if capabilities.contains(.generates) {
                guard topK == nil, topP == nil else {
                    throw ZooError(
                        .usage, "\(loaded.model.description.id) refines its text: it takes neither --top-k nor --top-p",
                        hint: "--sampler, --steps and --temperature")
                }
                try refine(loaded.model, symbols, output)
            } else {
                throw ZooError(.plugin, "\(loaded.model.description.id) cannot write text")
            }
        } catch let error as SequenceModelError {
            output.interrupt()
            throw ZooError(error, while: "generating with \(loaded.model.description.id)")
        }
    }

    private func writeOn(
        _ model: any SequenceModel, _ symbols: [Int32], _ sampling: Sampling, _ output: GenerationOutput,
        after session: (any SequenceSession)? = nil
    ) throws {
        let options = ContinuationOptions(
            newTokens: tokens ?? 256, sampling: sampling, key: RandomKey(seed: seed).split("generate"))
        try Continuation.run(model, prompt: symbols, options: options, after: session) { symbol in
            output.append(symbol)
            return !Interruption.isRequested
        }
        output.end()
        try Interruption.check()
    }

    /// Fills the gaps of the prompt, for models that can.
    private func fill(
        _ model: any SequenceModel, _ gap: Unicode.Scalar, _ catalogue: PluginCatalogue, _ output: GenerationOutput
    ) throws {
        let id = model.description.id
        guard model.description.capabilities.contains(.generates), let mask = model.shape.maskSymbol else {
            let able = catalogue.entries.map(\.description).filter { $0.capabilities.isSuperset(of: [.generates, .targetsInPlace]) }
            throw ZooError(
                .usage, "\(id) only writes on from what stands before: it cannot fill gaps",
                hint: able.isEmpty
                    ? "no model that was found fills in: zoo list says what each can do"
                    : "models that fill in: \(able.map(\.id).joined(separator: ", "))")
        }
        let gaps = GapPrompt(prompt, gap: gap, maskSymbol: mask)
        try refine(model, gaps.symbols, output, gaps: gaps)
    }

    private func refine(
        _ model: any SequenceModel, _ symbols: [Int32], _ output: GenerationOutput, gaps: GapPrompt? = nil
    ) throws {
        let request = GenerationRequest(
            prompt: symbols, newTokens: tokens ?? (gaps == nil ? 256 : 0), temperature: temperature, steps: steps ?? 0, sampler: sampler,
            key: RandomKey(seed: seed).split("generate"))
        var text = RefinedText(prompt: symbols, maskSymbol: model.shape.maskSymbol)
        let display = RefinementDisplay(isQuiet: global.quiet || global.json)
        var isConsistent = true
        do {
            try model.generate(request) { event in
                isConsistent = text.apply(event)
                output.event(event)
                display.show(text, after: event)
                return isConsistent && !Interruption.isRequested
            }
        } catch let error as SequenceModelError where error.code == .cancelled {
            display.clear()
            try Interruption.check()
            guard !isConsistent else { throw error }
            throw ZooError(.plugin, "\(model.description.id) changed symbols past the end of its text")
        } catch let error as SequenceModelError where error.code == .invalidArgument {
            // All that the model was asked comes from the command line.
            display.clear()
            throw ZooError(.usage, "generating with \(model.description.id): \(error.message)", cause: error)
        }
        display.finish()
        guard let gaps else {
            output.finish(Array(text.symbols.dropFirst(symbols.count)), maskSymbol: model.shape.maskSymbol)
            return
        }
        if let position = gaps.firstChange(in: text.symbols) {
            throw ZooError(
                .plugin, "\(model.description.id) changed the symbol at position \(position) of the prompt, which was given")
        }
        output.finish(text.symbols, maskSymbol: model.shape.maskSymbol, gaps: gaps.gaps)
    }
}
