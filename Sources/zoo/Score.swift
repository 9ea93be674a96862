import ArgumentParser
import Evaluation
import Experiments
import Foundation
import PluginHost
import SequenceModel
import Training

/// `zoo score`: how well a checkpoint predicts a text.
struct Score: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say how well a trained model predicts a text.",
        discussion: """
            Bits per byte of the original bytes: every byte but the first is predicted once, in windows of --context bytes that each \
            begin with a fresh state. For models with a bound the text is scored --replicates times, and the standard error comes from \
            the spread.

            With --read-first or --load-state the text is read in one piece by a session that has read something else before: what it \
            carries over shows in the difference to a session that has not. Weights are never changed.

            Examples:
              zoo score runs/mamba --data book.txt --part test
              zoo score runs/diffusion --data book.txt --part test --replicates 4 --samples 16
              zoo score runs/mamba --tokens rows.json --logits logits.safetensors
              zoo score runs/titans --data second-half.txt --read-first first-half.txt
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "A run directory of zoo train, or a folder in the Hugging Face layout (config.json, model.safetensors).")
    var checkpoint: String

    @Option(help: "The text: a file, a folder or a pattern. Either this or --tokens.")
    var data: String?

    @Option(help: "Which part of the text: all, train, validation or test.")
    var part: ScoredPart = .all

    @Option(help: "Where the parts begin, as training was told: train/validation/test.")
    var split = SplitRule.default.description

    @Option(help: "Rows of symbols in place of --data: a JSON file with a list of lists, all of one length. Default: --data is scored.")
    var tokens: String?

    @Option(help: "With --tokens: write the logits [rows, length, vocabulary] to this safetensors file. Default: not written.")
    var logits: String?

    @Option(
        help: "Bytes predicted in a window: 256, 1k (1,024). Default: what the run was trained with, else 256.",
        transform: { try SizeArguments.length($0, "--context") })
    var context: Int?

    @Option(help: "Windows (with --tokens: rows) in one call of the model. Default: 16.", transform: { try SizeArguments.count($0, "--batch") })
    var batch = 16

    @Option(help: "Network evaluations for each row of a bound. Default: the model's choice.")
    var samples: Int?

    @Option(help: "Passes over the text for a bound; two or more give a standard error.")
    var replicates = 2

    @Option(help: "Decides every random choice of a bound; an exact likelihood has none.")
    var seed: UInt64 = 0

    @Option(
        help: ArgumentHelp(
            "Measure this probe of the model over the text as well; may be repeated. --probe list says which there are. Default: none.",
            valueName: "name"))
    var probe: [String] = []

    @Option(help: ArgumentHelp("Let a session read this text first, and say what that changes. Default: nothing is read before.", valueName: "file"))
    var readFirst: String?

    @Option(help: ArgumentHelp("Begin with the state that --save-state left in this file, with the same checkpoint. Default: begin anew.", valueName: "file"))
    var loadState: String?

    @Option(help: ArgumentHelp("Write the state of the session after the text to this file. Default: not written.", valueName: "file"))
    var saveState: String?

    private var listsProbes: Bool { probe.contains("list") }

    func validate() throws {
        if listsProbes { return }
        if !probe.isEmpty, data == nil { throw ValidationError("--probe needs --data") }
        guard (data == nil) != (tokens == nil) else { throw ValidationError("give either --data or --tokens") }
        let files = [
            ("data", data), ("tokens", tokens), ("logits", logits), ("read-first", readFirst), ("load-state", loadState),
            ("save-state", saveState),
        ]
        for (name, value) in files where value?.isEmpty == true {
            throw ValidationError("--\(name) is empty; it names a file")
        }
        if (try? SplitRule(split)) == nil {
            throw ValidationError("--split is \(split); expected two or three whole numbers such as 90/5/5")
        }
        if let carriedOption {
            if tokens != nil { throw ValidationError("\(carriedOption) needs --data: a session reads a text") }
            if let windowOption {
                throw ValidationError("\(carriedOption) reads the text in one piece: it does not go with \(windowOption)")
            }
        }
        if logits != nil, tokens == nil { throw ValidationError("--logits needs --tokens") }
        if replicates < 1 { throw ValidationError("--replicates is \(replicates); it must be at least 1") }
        if let samples, samples < 1 { throw ValidationError("--samples is \(samples); it must be at least 1") }
    }

    func run() throws {
        let services = global.services()
        let catalogue = try global.catalogue()
        let loaded = try LoadedModel.open(checkpoint, catalogue: catalogue, services: services) {
            Terminal.writeError("warning: \($0)\n")
        }
        if listsProbes { return ProbeOutputText.list(loaded.entry, json: global.json) }
        // A name that is wrong is told before the long work, and so is a probe that cannot be called.
        let probes = try probe.map { name in
            try TestProbe.tester.tested(
                ModelProbe.named(name, in: loaded.entry.probes, of: loaded.entry.description.id),
                of: loaded.entry.description.id, plugin: loaded.entry.plugin.path)
        }
        let options = ScoringOptions(
            context: context ?? RunDirectory(checkpoint).trainedContext ?? 256, batch: batch, samples: samples ?? 0, replicates: replicates,
            key: RandomKey(seed: seed))
        do {
            if let data, let carriedOption {
                try scoreCarried(loaded, data: data, catalogue, option: carriedOption)
            } else if let data {
                try score(loaded.model, data: data, options, probes)
            } else if let tokens {
                try score(loaded.model, tokens: tokens, options)
            }
        } catch let error as SequenceModelError {
            throw ZooError(error, while: "scoring with \(loaded.model.description.id)")
        }
    }

    private func score(
        _ model: any SequenceModel, data: String, _ options: ScoringOptions, _ probes: [TestedProbe]
    ) throws {
        let bytes = part.bytes(of: try TextData.load([data]), rule: try SplitRule(split))
        var progress: Progress?
        let result = try BitsPerByte.measure(model, bytes: bytes, options: options) { done, total in
            let shown = progress ?? Progress("scoring", total: total, unit: "windows", isQuiet: global.quiet)
            progress = shown
            shown.update(done)
            try Interruption.check()
        }
        progress?.finish()
        let found = try probes.map { probe in
            try ProbeMeasurement.measure(model, probe, bytes: bytes, options: options) { _, _ in try Interruption.check() }
        }
        guard global.json else {
            let bound = result.likelihood == .upperBound ? "at most " : ""
            let error = result.standardError.map { " ± \(rounded($0))" } ?? ""
            print("\(bound)\(rounded(result.bitsPerByte))\(error) bits per byte, \(rounded(result.nats)) nats")
            print(
                "\(result.likelihood.label) likelihood of \(result.bytesScored) bytes in \(result.windows) windows of "
                    + "\(options.context) (part: \(part.rawValue))")
            for measurement in found { print("\n" + ProbeOutputText.table(measurement), terminator: "") }
            return
        }
        var json: JSONObject = [
            "model": .string(model.description.id), "checkpoint": .string(checkpoint), "data": .string(data),
            "part": .string(part.rawValue), "likelihood": .string(result.likelihood.label),
            "bits_per_byte": .number(result.bitsPerByte), "standard_error": result.standardError.json,
            "nats": .number(result.nats), "bytes": .integer(Int64(result.bytesScored)),
            "windows": .integer(Int64(result.windows)), "context": .integer(Int64(options.context)),
            "replicates": .integer(Int64(result.replicates)), "samples": .integer(Int64(result.samples)),
            "estimator": .string(result.estimator),
        ]
        if !found.isEmpty { json["probes"] = ProbeOutputText.json(found) }
        print(json: json)
    }

    private func score(_ model: any SequenceModel, tokens: String, _ options: ScoringOptions) throws {
        let rows = try TokenRows(json: read(tokens), shape: model.shape, source: tokens)
        if rows.length < 2, logits == nil {
            throw ZooError(
                .data, "\(tokens): rows of 1 symbol; at least 2 are needed: the first is context, the rest are predicted",
                hint: "--logits FILE writes what the model makes of a single symbol")
        }
        let result = try TokenScore.measure(model, rows: rows, options: options)
        if let logits {
            let values = try TokenScore.logits(model, rows: rows, batch: batch)
            if values.contains(where: \.isNaN) {
                Terminal.writeError("warning: \(model.description.id) gave logits that are not numbers\n")
            }
            try SafetensorsWriter.write(
                "logits", shape: [rows.rows, rows.length, model.shape.vocabulary], floats: values, to: logits)
        }
        // A symbol is a byte where there are no more of them than bytes.
        let bits = model.shape.alphabet <= 256 ? result.bitsPerSymbol : nil
        guard global.json else {
            if let bits = result.bitsPerSymbol, let nats = result.nats {
                let error = result.standardError.map { " ± \(rounded($0))" } ?? ""
                print("\(rounded(bits))\(error) bits per symbol, \(rounded(nats)) nats")
                print("\(result.likelihood.label) likelihood of \(result.symbolsScored) symbols")
            }
            if let logits { print("logits [\(rows.rows), \(rows.length), \(model.shape.vocabulary)] in \(logits)") }
            return
        }
        print(
            json: [
                "model": .string(model.description.id), "checkpoint": .string(checkpoint), "tokens": .string(tokens),
                "likelihood": .string(result.likelihood.label), "bits_per_byte": bits.json,
                "bits_per_symbol": result.bitsPerSymbol.json, "standard_error": result.standardError.json,
                "nats": result.nats.json, "bytes": .integer(Int64(result.symbolsScored)),
                "rows": .integer(Int64(rows.rows)), "length": .integer(Int64(rows.length)),
                "vocabulary": .integer(Int64(model.shape.vocabulary)), "samples": .integer(Int64(result.samples)),
                "estimator": .string(result.estimator), "logits": logits.map(JSONValue.string) ?? .null,
            ])
    }

    private func read(_ path: String) throws -> [UInt8] {
        Array(try RunFiles.read(path))
    }

    private func rounded(_ value: Double) -> String { String(format: "%.4f", value) }
}
