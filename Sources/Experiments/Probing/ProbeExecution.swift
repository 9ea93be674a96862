import Evaluation
import Foundation
import PluginHost
import SequenceModel
import Training

/// What the process that `ProcessProber` starts does: some training steps of a run, as the run itself would do them, and some scoring.
public struct ProbeExecution {
    private let job: JobSpecification
    private let folder: ComparisonFolder.RunFolder
    /// Steps after the first, as far as `seconds` allow.
    private static let steps = 5
    private static let seconds = 4.0

    /// - Throws: `ZooError` when `job.json` cannot be read.
    public init(jobFile: String) throws {
        let path = RunFiles.absolute(jobFile)
        job = try JSONFile.read(JobSpecification.self, from: path)
        folder = ComparisonFolder.RunFolder(path: (path as NSString).deletingLastPathComponent)
    }

    /// Writes what was found beside the job.
    ///
    /// - Throws: `ZooError` for a plugin, text or model at fault.
    public func run() throws {
        Interruption.install()
        ParentWatch.start()
        guard let factory = try Plugin.load(job.plugin).models.first(where: { $0.description.id == job.model }) else {
            throw ZooError(.plugin, "\(job.plugin) does not bring the model \(job.model)")
        }
        let services = ThreadPool(threads: job.threads)
        let options = try TrainingOptions(json: job.training.value)
        let text =
            job.task == nil ? try ComparisonText(files: job.dataFiles, split: SplitRule(options.split), measuresBest: false) : nil
        let source: any BatchSource
        if let text {
            source = try TextSource(text.splits, options: options)
        } else if let task = job.task {
            source = try TaskSource(task, options: options)
        } else {
            throw ZooError(.internalBug, "\(job.id) has neither text nor task")
        }
        let (model, memory) = try LoadedModel.make(
            factory, job.config.value, services: services, gradients: true, context: "configuration of \(job.model)")
        do {
            try memory.initialise(model, seed: options.seed)
            let trainer = try Trainer(
                model: model, memory: memory, source: source, options: options, services: services)
            try JSONFile.write(try measure(trainer, text, options), to: folder.result)
        } catch let error as SequenceModelError {
            throw ZooError(error, while: "training \(job.model)")
        } catch let error as Divergence {
            throw ZooError(.data, "\(job.model) diverges: \(error.description)")
        }
    }

    private func measure(_ trainer: Trainer, _ text: ComparisonText?, _ options: TrainingOptions) throws -> RunProbe {
        let begin = ContinuousClock.now
        func isLate() -> Bool { (ContinuousClock.now - begin) / .seconds(1) > ProbeExecution.seconds }
        var times: [Double] = []
        // The first one pays for what is set up once.
        let first = try trainer.step().seconds
        while times.count < ProbeExecution.steps, !isLate(), !trainer.isFinished {
            times.append(try trainer.step().seconds)
            try Interruption.check()
        }
        times.sort()
        let model = trainer.model
        let attention = AttentionOperations.training(
            model.configuration, rows: options.batch * options.accumulate, length: options.context,
            isCausal: model.description.capabilities.contains(.causal))
        return RunProbe(
            secondsPerStep: times.isEmpty ? first : times[times.count / 2],
            operationsPerStep: 6 * Double(job.parameters ?? 0) * Double(options.tokensPerStep) + attention,
            peakMemoryBytes: PeakMemory.current(), scoreSecondsPerByte: try scoreSeconds(model, text, options))
    }

    private func scoreSeconds(_ model: any SequenceModel, _ text: ComparisonText?, _ options: TrainingOptions) throws -> Double? {
        guard let text, model.description.likelihood != .none else { return nil }
        let bytes = text.splits.test.prefix(max(options.context * 2, min(options.context * options.batch, 4096)))
        guard !bytes.isEmpty else { return nil }
        let begin = ContinuousClock.now
        _ = try BitsPerByte.measure(
            model, bytes: bytes, options: ScoringOptions(context: options.context, batch: options.batch)
        ) { _, _ in try Interruption.check() }
        return (ContinuousClock.now - begin) / .seconds(1) / Double(bytes.count)
    }
}
