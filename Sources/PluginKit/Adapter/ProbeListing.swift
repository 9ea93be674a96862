internal import Layers
internal import SequenceModel

/// A factory whose models have probes.
protocol ProbeListing {
    /// What the plugin says of each, in order. Throws `.internal` for a declaration that cannot be exported.
    func declaredProbes() throws -> [DeclaredProbe]
}

/// What crosses the ABI about a probe.
struct DeclaredProbe {
    let name: String
    let summary: String
    /// JSON
    let selfTest: String
}

extension TensorModelFactory: ProbeListing {
    func declaredProbes() throws -> [DeclaredProbe] {
        try Model.probes.map { probe in
            let configuration = try Model.Configuration.resolve(probe.test.configuration().json(), modelTypes: [])
            let shape = try Model(configuration, Parameters()).shape
            let batch = ProbeTest<Model>.batch(
                alphabet: shape.alphabet, inPlace: Model.capabilities.contains(.targetsInPlace))
            func list(_ symbols: [Int32]) -> JSONValue { .array(symbols.map { .integer(Int64($0)) }) }
            let test: JSONObject = [
                "configuration": try configuration.json(),
                "arguments": .array([
                    .object([
                        "rows": .integer(Int64(batch.rows)), "length": .integer(Int64(batch.length)),
                        "tokens": list(batch.tokens), "targets": list(batch.targets),
                        "key": .array([.integer(1), .integer(2)]),
                    ]), .null,
                ]),
                "results": .array([]), "written": .array([.array(probe.test.expected.map { .number($0) })]),
                "tolerance": .number(probe.test.tolerance),
            ]
            return DeclaredProbe(name: probe.name, summary: probe.summary, selfTest: JSONValue.object(test).description)
        }
    }
}
