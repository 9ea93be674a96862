import ArgumentParser
import Experiments
import Foundation
import PluginHost
import Report
import SequenceModel

/// `zoo bench cost`: what models cost against context, where they overtake each other, and what a million tokens would cost.
struct BenchCost: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cost", abstract: "Seconds, memory and state against context: growth, crossovers, a million tokens.",
        discussion: """
            Every model is sized to --parameters, takes its first values, and is measured at every context in a process of its own: training \
            steps on one window, and decoding after reading the context. A process that takes longer than --limit is ended, and longer contexts of \
            that model are not tried. Growth is fitted to the logarithms; crossovers are given between contexts that were measured; a context of 1M \
            tokens is carried beyond them and given only where the growth is known.

            Example:
              zoo bench cost transformer mamba --parameters 1M --contexts 256,1k,4k,16k,64k --price-per-hour 0.10
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: ArgumentHelp("Models to measure.", valueName: "model"))
    var models: [String]

    @Option(
        help: "Parameters of each model, met within 5 %: 800k, 1M (10^6). Default: 1M.",
        transform: { try SizeArguments.count($0, "--parameters") })
    var parameters = 1_000_000

    @Option(help: "Contexts in tokens: 256,1k. Default: 256,1k,4k,16k,64k.", transform: BenchCost.contexts)
    var contexts = [256, 1024, 4096, 16384, 65536]

    @Option(help: "What is measured: training, decoding, or both with a comma between. Default: both.", transform: BenchCost.kinds)
    var only = CostRequest.Kind.allCases

    @Option(help: "Seconds for each measurement, reading and first values included.")
    var limit = 60.0

    @Option(help: "Price of an hour of this machine, in any currency: what a million tokens cost follows from it. Default: no prices.")
    var pricePerHour: Double?

    func validate() throws {
        if models.isEmpty { throw ValidationError("name the models to measure") }
        if let twice = Dictionary(grouping: models, by: { $0 }).first(where: { $0.value.count > 1 }) {
            throw ValidationError("\(twice.key) is named twice")
        }
        if !(limit > 0 && limit.isFinite) { throw ValidationError("--limit is \(limit); expected a number over 0") }
        if let pricePerHour, !(pricePerHour >= 0 && pricePerHour.isFinite) {
            throw ValidationError("--price-per-hour is \(pricePerHour); expected 0 or more")
        }
    }

    func run() throws {
        Interruption.install()
        BenchEnvironment.warn()
        let catalogue = try global.catalogue()
        let entries = try models.map { try catalogue.entry(named: $0) }
        let executable = try Compare.executable()
        let sizer = ProcessSizer(command: [executable, "size-model"])
        let measurer = CostMeasurer(
            command: [executable, "measure-cost"], limitSeconds: limit, threads: global.threadCount)
        let total = entries.count * contexts.count * only.count
        let progress = Progress("measuring", total: total, unit: "figures", isQuiet: global.quiet)
        defer { progress.finish() }
        var done = 0
        var found: [CostResults.Model] = []
        for entry in entries {
            let id = entry.description.id
            // One configuration for all contexts: the longest is what it must be able to take.
            let request = SizingRequest(
                plugin: entry.plugin.path, model: id, parameters: parameters, context: contexts.last ?? 256)
            switch try sizer.size(request) {
            case .sized(let sized):
                let subject = CostMeasurer.Subject(model: id, plugin: entry.plugin.path, sized: sized)
                let figures = try measurer.measure(subject, contexts: contexts, kinds: only) { kind, context in
                    progress.update(done, detail: "\(id), \(kind.rawValue) at \(SizeText.context(context))")
                    done += 1
                }
                found.append(
                    .init(model: id, parameters: sized.parameters, config: sized.configuration, figures: figures))
            case .refused(let refusal):
                throw ZooError(
                    refusal.isFault ? .plugin : .data, "\(id) at \(SizeText.short(parameters)) parameters: \(refusal.message)",
                    hint: "choose another --parameters, or measure without \(id)", cause: refusal)
            case .failed(let failure):
                found.append(
                    .init(
                        model: id, parameters: nil, config: ConfigurationJSON(.object(JSONObject())), figures: [],
                        detail: "\(failure.status.rawValue): \(failure.detail)"))
            }
        }
        progress.finish()
        let results = CostResults(
            machine: .current(threads: global.threadCount), parameters: parameters, pricePerHour: pricePerHour, models: found)
        if global.json {
            print(try JSONFile.text(results), terminator: "")
        } else {
            print(CostTable.text(results, width: Terminal.outputWidth), terminator: "")
        }
        if results.analysis.curves.allSatisfy(\.points.isEmpty) {
            throw ZooError(.plugin, "nothing could be measured", hint: "a longer --limit or shorter --contexts may do")
        }
    }

    private static func contexts(_ text: String) throws -> [Int] {
        let values = try text.split(separator: ",", omittingEmptySubsequences: false).map {
            try SizeArguments.length(String($0), "--contexts")
        }
        return Set(values).sorted()
    }

    private static func kinds(_ text: String) throws -> [CostRequest.Kind] {
        let kinds = try text.split(separator: ",", omittingEmptySubsequences: false).map { word in
            guard let kind = CostRequest.Kind(rawValue: String(word)) else {
                throw ValidationError("--only is \(text); expected training, decoding or training,decoding")
            }
            return kind
        }
        return CostRequest.Kind.allCases.filter(kinds.contains)
    }
}
