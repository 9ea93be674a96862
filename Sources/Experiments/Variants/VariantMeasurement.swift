import Evaluation
import PluginHost
import SequenceModel
import Training

/// Evaluates a trained model again under other values of keys that change no parameter.
struct VariantMeasurement {
    let factory: any ModelFactory
    /// Bound to `memory`.
    let trained: any SequenceModel
    let memory: ParameterMemory
    let services: any HostServices
    let text: ComparisonText
    let options: TrainingOptions
    /// Tokens before generation is timed.
    let context: Int
    /// Of the model, those that give one number.
    let probes: [TestedProbe]
    /// Of the trained model on the test part.
    let trainedBits: Double?

    /// New bytes in each text that is judged, how many texts, and seconds for those of one value (two are always written).
    static let (sampleBytes, sampleCount, sampleSeconds) = (256, 8, 10.0)
    /// Bytes of the training part that the judge counts.
    static let judgeBytes = 1 << 20

    /// One figure for each setting, and one for the value that was trained with, where the settings of a key do not have it.
    ///
    /// - Parameter begin: told each setting before it is measured.
    /// - Throws: `ZooError` (`.interrupted`), and what `begin` throws: everything else becomes the reason of a figure.
    func measure(_ settings: [VariantSetting], begin: (VariantSetting) throws -> Void) throws -> [VariantFigure] {
        var judge: NGramJudge?
        return try withTrainedValues(settings).map { setting in
            try begin(setting)
            var figure = VariantFigure(setting)
            do {
                try fill(&figure, setting, judge: &judge)
            } catch let error as ZooError where error.code != .interrupted {
                figure.reason = error.message
            } catch let error as SequenceModelError {
                try Interruption.check()
                figure.reason = error.message
            }
            return figure
        }
    }

    /// The value of training stands where the key's first setting is; null says nothing on an axis and is left out.
    private func withTrainedValues(_ settings: [VariantSetting]) -> [VariantSetting] {
        var result: [VariantSetting] = []
        for setting in settings {
            if !setting.isGeneration, !result.contains(where: { $0.key == setting.key }),
                let value = trained.configuration[setting.key], value != .null,
                !settings.contains(where: { $0.key == setting.key && isSame($0.value.value, value) })
            {
                result.append(VariantSetting(key: setting.key, value: value))
            }
            result.append(setting)
        }
        return result
    }

    private func isSame(_ a: JSONValue, _ b: JSONValue) -> Bool {
        a == b || a.doubleValue != nil && a.doubleValue == b.doubleValue
    }

    private func fill(_ figure: inout VariantFigure, _ setting: VariantSetting, judge: inout NGramJudge?) throws {
        let model = setting.isGeneration ? trained : try variant(setting)
        figure.isTrained = !setting.isGeneration && model.configuration == trained.configuration
        let capabilities = model.description.capabilities
        if !setting.isGeneration, model.description.likelihood != .none {
            let watch = ContinuousClock.now
            let score = try BitsPerByte.measure(
                model, bytes: text.splits.test, options: ScoringOptions(context: options.context, batch: options.batch)
            ) { _, _ in try Interruption.check() }
            let seconds = max((ContinuousClock.now - watch) / .seconds(1), 1e-9)
            figure.bitsPerByte = score.bitsPerByte
            figure.bitsPerByteStandardError = score.standardError
            // Null stands for another value of the key: the one that gives the same to the last bit.
            if trained.configuration[setting.key] == .null, score.bitsPerByte == trainedBits { figure.isTrained = true }
            figure.scoreTokensPerSecond = Double(score.bytesScored * score.replicates) / seconds
        }
        if !setting.isGeneration {
            for probe in probes {
                let found = try ProbeMeasurement.measure(
                    model, probe, bytes: text.splits.test,
                    options: ScoringOptions(context: options.context, batch: options.batch),
                    maximumWindows: JobExecution.probedWindows
                ) { _, _ in try Interruption.check() }
                figure.probes[found.name] = found.values.first.flatMap { $0.isFinite ? $0 : nil }
            }
        }
        guard capabilities.contains(.session) || capabilities.contains(.generates) else { return }
        var request = SampleWriter.Request(newTokens: VariantMeasurement.sampleBytes, temperature: 1)
        if setting.isGeneration {
            if setting.key == "steps" { request.steps = setting.value.value.integerValue ?? 0 }
            if setting.key == "sampler" { request.sampler = setting.value.value.stringValue }
        }
        let decoding = try DecodeMeasurement.measure(
            model, contexts: [context],
            options: DecodeOptions(budgetSeconds: 4, blocks: 3, steps: request.steps, sampler: request.sampler)
        ) { _ in try Interruption.check() }
        figure.generateTokensPerSecond = decoding.first?.tokensPerSecond
        if figure.generateTokensPerSecond == nil { figure.reason = decoding.first?.reason ?? "" }
        try judgeSamples(&figure, model, request, &judge)
    }

    /// The model with the setting, on the weights of the trained one.
    private func variant(_ setting: VariantSetting) throws -> any SequenceModel {
        var configuration = trained.configuration.objectValue ?? JSONObject()
        configuration[setting.key] = setting.value.value
        let model = try factory.create(try factory.resolve(.object(configuration)), services: services)
        if let difference = SizedModel.difference(
            SizedModel.tensors(memory.declarations), SizedModel.tensors(model.parameters))
        {
            throw ZooError(.data, "\(setting.text) changes the parameters: \(difference)")
        }
        try memory.bind(to: model)
        model.parametersChanged()
        return model
    }

    /// Lets the model write after places spread over the test text, and asks the judge what it thinks of that and of the true text.
    private func judgeSamples(
        _ figure: inout VariantFigure, _ model: any SequenceModel, _ request: SampleWriter.Request, _ judge: inout NGramJudge?
    ) throws {
        let test = text.splits.test
        let (count, length) = (VariantMeasurement.sampleCount, SampleWriter.promptBytes + VariantMeasurement.sampleBytes)
        guard test.count >= length else { return }
        // Counted once, when the first text is to be judged.
        let counted = judge ?? NGramJudge(text.splits.train.prefix(VariantMeasurement.judgeBytes))
        judge = counted
        var (bits, distinct, trueBits, trueDistinct): ([Double], [Double], [Double], [Double]) = ([], [], [], [])
        let watch = ContinuousClock.now
        for index in 0 ..< count {
            let isLate = (ContinuousClock.now - watch) / .seconds(1) > VariantMeasurement.sampleSeconds
            if index >= 2, isLate { break }
            let begin = test.startIndex + index * (test.count - length) / max(count - 1, 1)
            let prompt = Array(test[begin ..< begin + SampleWriter.promptBytes])
            let truth = Array(test[begin + SampleWriter.promptBytes ..< begin + length])
            var request = request
            request.key = RandomKey(seed: 0).split("variants").split(UInt64(index))
            guard let new = try SampleWriter.write(model, after: prompt, request)?.bytes else { return }
            try Interruption.check()
            bits.append(counted.bitsPerByte(of: new, after: prompt))
            distinct.append(NGramJudge.distinct(new))
            trueBits.append(counted.bitsPerByte(of: truth, after: prompt))
            trueDistinct.append(NGramJudge.distinct(truth))
        }
        func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
        let average = mean(bits)
        let variance = bits.reduce(0) { $0 + ($1 - average) * ($1 - average) } / Double(bits.count - 1)
        figure.sampleBitsPerByte = average
        figure.sampleStandardError = (variance / Double(bits.count)).squareRoot()
        figure.sampleDistinct = mean(distinct)
        figure.samples = bits.count
        figure.textBitsPerByte = mean(trueBits)
        figure.textDistinct = mean(trueDistinct)
    }
}
