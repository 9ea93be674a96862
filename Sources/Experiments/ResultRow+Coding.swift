extension ResultRow {
    /// Keys that other programs may leave out are filled in; those of schema 1 must be there.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        model = try container.decode(String.self, forKey: .model)
        name = try container.decodeIfPresent(String.self, forKey: .name) ?? model
        family = try container.decodeIfPresent(String.self, forKey: .family) ?? ""
        pluginSHA256 = try container.decode(String.self, forKey: .pluginSHA256)
        config = try container.decode(ConfigurationJSON.self, forKey: .config)
        initialisation = try container.decodeIfPresent(String.self, forKey: .initialisation) ?? ""
        optimizer = try container.decodeIfPresent(String.self, forKey: .optimizer) ?? ""
        seed = try container.decode(UInt64.self, forKey: .seed)
        parameters = try container.decode(Int?.self, forKey: .parameters)
        trainTokens = try container.decode(Int.self, forKey: .trainTokens)
        learningRate = try container.decode(Double.self, forKey: .learningRate)
        training = try container.decodeIfPresent(ConfigurationJSON.self, forKey: .training)
        command = try container.decodeIfPresent(String.self, forKey: .command)
        status = try container.decode(RunStatus.self, forKey: .status)
        detail = try container.decode(String.self, forKey: .detail)
        bitsPerByte = try container.decode(Double?.self, forKey: .bitsPerByte)
        likelihood = try container.decode(LikelihoodKind.self, forKey: .likelihood)
        bitsPerByteStandardError = try container.decode(Double?.self, forKey: .bitsPerByteStandardError)
        trainTokensPerSecond = try container.decode(Double?.self, forKey: .trainTokensPerSecond)
        decode = try container.decode([DecodeFigure].self, forKey: .decode)
        peakMemoryBytes = try container.decode(Int?.self, forKey: .peakMemoryBytes)
        seconds = try container.decodeIfPresent(Double.self, forKey: .seconds)
        curve = try container.decode([CurvePoint].self, forKey: .curve)
        curveSplit = try container.decodeIfPresent(String.self, forKey: .curveSplit) ?? "train"
        curveSeconds = try container.decodeIfPresent([Double].self, forKey: .curveSeconds) ?? []
        samples = try container.decodeIfPresent([GeneratedSample].self, forKey: .samples) ?? []
        probes = try container.decodeIfPresent([String: ProbeFigure].self, forKey: .probes) ?? [:]
        concurrentRuns = try container.decodeIfPresent(Int.self, forKey: .concurrentRuns)
        task = try container.decodeIfPresent(TaskResult.self, forKey: .task)
        variants = try container.decodeIfPresent([VariantFigure].self, forKey: .variants) ?? []
        matched = try container.decodeIfPresent(MatchFigure.self, forKey: .matched)
    }

    /// All keys but `concurrent_runs` and `task` are always there; what is not known is `null`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(model, forKey: .model)
        try container.encode(name, forKey: .name)
        try container.encode(family, forKey: .family)
        try container.encode(pluginSHA256, forKey: .pluginSHA256)
        try container.encode(config, forKey: .config)
        try container.encode(initialisation, forKey: .initialisation)
        try container.encode(optimizer, forKey: .optimizer)
        try container.encode(seed, forKey: .seed)
        try container.encode(parameters, forKey: .parameters)
        try container.encode(trainTokens, forKey: .trainTokens)
        try container.encode(learningRate, forKey: .learningRate)
        try container.encode(training, forKey: .training)
        try container.encode(command, forKey: .command)
        try container.encode(status, forKey: .status)
        try container.encode(detail, forKey: .detail)
        try container.encode(bitsPerByte, forKey: .bitsPerByte)
        try container.encode(likelihood, forKey: .likelihood)
        try container.encode(bitsPerByteStandardError, forKey: .bitsPerByteStandardError)
        try container.encode(trainTokensPerSecond, forKey: .trainTokensPerSecond)
        try container.encode(decode, forKey: .decode)
        try container.encode(peakMemoryBytes, forKey: .peakMemoryBytes)
        try container.encode(seconds, forKey: .seconds)
        try container.encode(curve, forKey: .curve)
        try container.encode(curveSplit, forKey: .curveSplit)
        try container.encode(curveSeconds, forKey: .curveSeconds)
        try container.encode(samples, forKey: .samples)
        try container.encode(probes, forKey: .probes)
        // Only where it says something: results of runs that were alone stay as they were.
        try container.encodeIfPresent(concurrentRuns, forKey: .concurrentRuns)
        try container.encodeIfPresent(task, forKey: .task)
        try container.encode(variants, forKey: .variants)
        try container.encode(matched, forKey: .matched)
    }
}
