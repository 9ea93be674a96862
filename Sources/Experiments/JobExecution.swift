import Evaluation
import Foundation
public import PluginHost
import SequenceModel
import Training

/// What the process of one run does: trains, scores, measures decoding, writes `result.json`. A run that was stopped goes on from its
/// last checkpoint.
public struct JobExecution {
    private let job: JobSpecification
    private let folder: ComparisonFolder.RunFolder
    private let hash: String
    private let probeTester: ProbeTester?
    /// Windows of the test split that each probe looks at.
    static let probedWindows = 64

    /// - Parameter probeTester: runs the self-tests of probes; nil: probes are left out.
    /// - Throws: `ZooError` when `job.json` cannot be read.
    public init(jobFile: String, probeTester: ProbeTester? = nil) throws {
        self.probeTester = probeTester
        let path = RunFiles.absolute(jobFile)
        job = try JSONFile.read(JobSpecification.self, from: path)
        folder = ComparisonFolder.RunFolder(path: (path as NSString).deletingLastPathComponent)
        hash = try job.hash()
    }

    /// - Throws: `ZooError`: `.interrupted` after a checkpoint when the user asked to stop, `.data` when the text or the plugin is
    ///   not what the plan says, and what model and files throw.
    public func run() throws {
        Interruption.install()
        ParentWatch.start()
        let phases = try RunPhases(folder)
        try phases.begin("loading")
        let services = ThreadPool(threads: job.threads)
        let options = try TrainingOptions(json: job.training.value)
        let text = try job.task == nil ? self.text() : nil
        let data: any BatchSource
        if let text { data = try TextSource(text.splits, options: options) } else { data = try taskSource(options) }
        // A comparison that was killed leaves a process that is still saving its checkpoint: that is the one to go on from.
        FolderLock.wait(for: folder.lock, seconds: 60)
        let training = try TrainingRun(
            source: try source(), configuration: job.config.value, data: data, options: options,
            path: folder.path,
            start: .resumeIfPossible, services: services, onWarning: { warn($0) })
        try phases.begin(RunPhases.training)
        let outcome = try training.run()
        if outcome.status == .interrupted { throw ZooError(.interrupted, "interrupted at step \(outcome.steps)") }

        var row = job.row()
        let history = RunHistory.read(folder.log)
        history.fill(&row)
        if var task = row.task {
            history.fill(&task)
            row.task = task
        }
        row.trainTokens = outcome.tokens
        row.seconds = (outcome.trainingSeconds * 1000).rounded() / 1000
        // A process that found training finished has not seen its peak: the one that did has left it.
        let isWholeHere = outcome.steps > training.resumedStep
        row.peakMemoryBytes = try isWholeHere ? PeakMemory.current() : folder.partialRow(hash: hash)?.peakMemoryBytes
        guard outcome.status == .ok else {
            row.status = .diverged
            // The status says it already.
            row.detail = outcome.detail.hasPrefix("diverged ") ? String(outcome.detail.dropFirst(9)) : outcome.detail
            return try finish(row)
        }
        try JSONFile.write(StoredResult(hash: hash, row: row), to: folder.partial)
        guard let text else {
            // A grid chooses by the last validation, which is there.
            if job.tuning != nil {
                row.bitsPerByte = outcome.validationLoss.flatMap { RunHistory.bits(.number($0)) }
                return try finish(row)
            }
            try answer(training.trainer.model, options, phases, &row)
            return try finish(row)
        }
        if job.tuning != nil {
            try score(training.trainer.model, text.splits.validation, options, phases, &row)
            return try finish(row)
        }
        try measure(training.trainer.model, text, options, phases, &row)
        try vary(training.trainer, text, options, phases, services, &row)
        try finish(row)
    }

    /// Other settings on the same weights. One that fails leaves its reason and harms no run.
    private func vary(
        _ trainer: Trainer, _ text: ComparisonText, _ options: TrainingOptions, _ phases: RunPhases,
        _ services: ThreadPool, _ row: inout ResultRow
    ) throws {
        guard let settings = job.variants, !settings.isEmpty else { return }
        try JSONFile.write(StoredResult(hash: hash, row: row), to: folder.partial)
        // Whether a probe can be called was found out before; its axes say that it gives a number.
        let numbers = row.probes.filter { $0.value.axes.isEmpty && $0.value.reason.isEmpty }
        let probes = try ((trainer.model as? any ProbedModel)?.probes ?? []).filter { numbers[$0.name] != nil }
            .compactMap { try probeTester?.tested($0, of: job.model, plugin: job.plugin) }
        let measurement = VariantMeasurement(
            factory: try source().factory, trained: trainer.model, memory: trainer.memory, services: services, text: text,
            options: options, context: job.decodeContexts.first ?? 256, probes: probes,
            trainedBits: row.bitsPerByte)
        row.variants = try measurement.measure(settings) { try phases.begin("evaluating with \($0.text)") }
    }

    private func measure(
        _ model: any SequenceModel, _ text: ComparisonText, _ options: TrainingOptions, _ phases: RunPhases,
        _ row: inout ResultRow
    ) throws {
        do {
            if model.description.likelihood != .none {
                try score(model, text.splits.test, options, phases, &row)
                try JSONFile.write(StoredResult(hash: hash, row: row), to: folder.partial)
            }
            for context in job.decodeContexts {
                try phases.begin("decoding at \(SizeText.context(context))")
                let countsAnew = PeakMemory.reset()
                let figures = try DecodeMeasurement.measure(model, contexts: [context]) { _ in
                    try Interruption.check()
                }
                let peak = countsAnew ? PeakMemory.current() : nil
                row.decode += figures.map { figure in
                    DecodeFigure(
                        context: figure.context, tokensPerSecond: figure.tokensPerSecond, stateBytes: figure.stateBytes,
                        peakMemoryBytes: peak, method: figure.method.rawValue, reason: figure.reason ?? "")
                }
            }
            try probe(model, text, options, phases, &row)
            try phases.begin("writing a sample")
            if let sample = try SampleWriter.sample(model, after: text.splits.test) { row.samples = [sample] }
            try Interruption.check()
        } catch let error as SequenceModelError {
            try Interruption.check()
            throw ZooError(error, while: "\(job.model) after training")
        }
    }

    /// What it makes of its task, length by length; a length that it cannot take ends the run, and what was measured before stays.
    private func answer(
        _ model: any SequenceModel, _ options: TrainingOptions, _ phases: RunPhases, _ row: inout ResultRow
    ) throws {
        guard let task = try job.task?.make() else { return }
        do {
            let measure = TaskMeasurement(model: model, task: task, batch: options.batch)
            for length in task.testLengths {
                try phases.begin("answering at length \(length)")
                row.task?.lengths.append(try measure.figure(length: length) { try Interruption.check() })
                try JSONFile.write(StoredResult(hash: hash, row: row), to: folder.partial)
            }
            if task.documentLength != nil {
                try phases.begin("reading documents")
                row.task?.documents = try measure.documents { try Interruption.check() }
            }
            try Interruption.check()
        } catch let error as SequenceModelError {
            try Interruption.check()
            throw ZooError(error, while: "\(job.model) after training")
        }
    }

    private func taskSource(_ options: TrainingOptions) throws -> TaskSource {
        guard let task = job.task else { throw ZooError(.internalBug, "\(job.id) has no task") }
        let source = try TaskSource(task, options: options)
        guard source.sha256 == job.data.sha256 else {
            throw ZooError(
                .data, "\(source.name) makes other rows than when the comparison was planned", hint: "begin again with another --out")
        }
        return source
    }

    private func score(
        _ model: any SequenceModel, _ bytes: ArraySlice<UInt8>, _ options: TrainingOptions, _ phases: RunPhases,
        _ row: inout ResultRow
    ) throws {
        try phases.begin("scoring")
        let score = try BitsPerByte.measure(
            model, bytes: bytes, options: ScoringOptions(context: options.context, batch: options.batch)
        ) { _, _ in try Interruption.check() }
        row.bitsPerByte = score.bitsPerByte
        row.bitsPerByteStandardError = score.standardError
    }

    /// What probes find is an extra: one that fails leaves its reason and harms no run.
    private func probe(
        _ model: any SequenceModel, _ text: ComparisonText, _ options: TrainingOptions, _ phases: RunPhases,
        _ row: inout ResultRow
    ) throws {
        guard let probeTester, let probes = (model as? any ProbedModel)?.probes, !probes.isEmpty else { return }
        try phases.begin("probing")
        // A probe that writes where it should not ends this process: what was measured before is on disk.
        try JSONFile.write(StoredResult(hash: hash, row: row), to: folder.partial)
        for probe in probes where probe.isMeasurable || probe.problem != nil {
            do {
                let tested = try probeTester.tested(probe, of: job.model, plugin: job.plugin)
                let found = try ProbeMeasurement.measure(
                    model, tested, bytes: text.splits.test,
                    options: ScoringOptions(context: options.context, batch: options.batch),
                    maximumWindows: JobExecution.probedWindows
                ) { _, _ in try Interruption.check() }
                row.probes[probe.name] = ProbeFigure(found, summary: probe.summary)
            } catch let error as ZooError where error.code != .interrupted {
                row.probes[probe.name] = ProbeFigure(summary: probe.summary, reason: error.message)
            } catch let error as SequenceModelError {
                try Interruption.check()
                row.probes[probe.name] = ProbeFigure(summary: probe.summary, reason: error.message)
            }
        }
    }

    private func finish(_ row: ResultRow) throws {
        if let problem = row.problem {
            throw ZooError(.plugin, "\(job.model) gave a figure that cannot be: \(problem)")
        }
        try JSONFile.write(StoredResult(hash: hash, row: row), to: folder.result)
        try RunFiles.remove(folder.partial)
    }

    private func source() throws -> ModelSource {
        let plugin = try Plugin.load(job.plugin)
        let sha256 = try plugin.sha256()
        guard sha256 == job.pluginSHA256 else {
            throw ZooError(
                .plugin,
                "\(job.plugin) changed since the comparison was planned: its SHA-256 is \(sha256), not \(job.pluginSHA256)",
                hint: "begin again with another --out")
        }
        guard let factory = plugin.models.first(where: { $0.description.id == job.model }) else {
            throw ZooError(.plugin, "\(job.plugin) does not bring the model \(job.model)")
        }
        return ModelSource(factory: factory, pluginPath: job.plugin, pluginSHA256: sha256)
    }

    private func text() throws -> ComparisonText {
        let split = job.training.value["split"]?.stringValue ?? SplitRule.default.description
        let text = try ComparisonText(files: job.dataFiles, split: SplitRule(split), measuresBest: false)
        guard text.summary.sha256 == job.data.sha256 else {
            throw ZooError(
                .data,
                "the text changed since the comparison was planned: its SHA-256 is \(text.summary.sha256), not \(job.data.sha256)",
                hint: "compare on a copy that nobody writes to, with another --out")
        }
        return text
    }

    private func warn(_ text: String) { FileHandle.standardError.write(Data("warning: \(text)\n".utf8)) }
}
