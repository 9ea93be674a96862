import Glibc
import SequenceModel

/// The test that a probe brings with it. It runs the declared function, so it belongs in a process of its own: `ProbeTester` starts it.
public enum ProbeSelfTest {
    /// Runs it in this process. Returns nil when it passed, else one line that says why not.
    ///
    /// - Parameters:
    ///   - plugin: path of the library.
    ///   - model: id.
    ///   - probe: name.
    public static func failure(plugin: String, model: String, probe: String) -> String? {
        do {
            guard let factory = try Plugin.load(plugin).models.first(where: { $0.description.id == model }) as? PluginModelFactory
            else { return "\(plugin) has no model \(model)" }
            let found = try ModelProbe.named(probe, in: factory.probes, of: model)
            if let problem = found.problem { return problem }
            try run(found, factory)
            return nil
        } catch let error as ZooError {
            return error.message
        } catch let error as SequenceModelError {
            return error.message
        } catch let fault as ForeignFault {
            return fault.message
        } catch {
            return "\(error)"
        }
    }

    private static func run(_ probe: ModelProbe, _ factory: PluginModelFactory) throws {
        let test = probe.selfTest
        let model = try factory.create(test["configuration"] ?? .object([:]), services: NoHostServices())
        guard let model = model as? PluginModel, let types = probe.types else { throw ForeignFault("it cannot be called") }
        let memory = try ParameterMemory(for: model, gradients: false)
        for index in memory.ownIndices { fill(memory.views[index], parameter: index) }
        try memory.bind(to: model)
        model.parametersChanged()

        var arenas: [Arena] = []
        let given = test["arguments"]?.arrayValue ?? []
        guard given.count == types.arguments.count else {
            throw ForeignFault("its self-test has \(given.count) arguments; the signature \(types) has \(types.arguments.count)")
        }
        let arguments = try zip(types.arguments, given).compactMap { letter, json in try argument(letter, json, &arenas) }
        let answer = try model.callUntested(probe, arguments)
        withExtendedLifetime((arenas, memory)) {}

        let tolerance = test["tolerance"]?.doubleValue ?? 1e-5
        guard tolerance >= 0, tolerance <= 0.1 else { throw ForeignFault("its self-test has the tolerance \(tolerance); allowed: 0 to 0.1") }
        try compare(answer.results, test["results"] ?? .array([]), "results", tolerance)
        let written = test["written"]?.arrayValue ?? []
        guard written.count == answer.written.count else {
            throw ForeignFault("its self-test expects \(written.count) written tensors; the signature \(types) has \(answer.written.count)")
        }
        for (index, values) in answer.written.enumerated() {
            try compare(values, written[index], answer.written.count == 1 ? "values" : "values of tensor \(index)", tolerance)
        }
    }

    /// The values that the header fixes for self-tests, so that any host makes the same.
    private static func fill(_ view: TensorView, parameter: Int) {
        view.write((0 ..< view.count).map { Double(Float(0.5 * sin(Double(1 + $0 + 31 * parameter)))) })
    }

    private static func argument(
        _ letter: ProbeSignature.Argument, _ json: JSONValue, _ arenas: inout [Arena]
    ) throws -> ProbeArgument? {
        switch letter {
        case .integer:
            guard let value = json.integerValue else { throw ForeignFault("its self-test gives \(json.kind) for a whole number") }
            return .integer(Int64(value))
        case .number:
            guard let value = json.doubleValue else { throw ForeignFault("its self-test gives \(json.kind) for a number") }
            return .number(value)
        case .written:
            guard json == .null else { throw ForeignFault("its self-test gives \(json.kind) for a tensor to be written; null is needed") }
            return nil
        case .tensor:
            let shape = json["shape"]?.arrayValue?.compactMap(\.integerValue) ?? []
            let values = json["values"]?.arrayValue?.compactMap(\.doubleValue) ?? []
            let isWhole = shape.allSatisfy { $0 > 0 && $0 <= 1 << 20 } && shape.count <= 8
            guard isWhole, values.count <= 1 << 20, shape.reduce(1, { $0.multipliedReportingOverflow(by: $1).partialValue }) == values.count
            else { throw ForeignFault("its self-test has \(values.count) values for a tensor of shape \(shape)") }
            let arena = try Arena(byteCount: max(values.count, 1) * 8, for: "a tensor of a self-test")
            guard let base = arena.bytes.baseAddress else { throw ForeignFault("there is no memory for its self-test") }
            arenas.append(arena)
            let view = TensorView(data: base, shape: shape, scalar: .float64)
            view.write(values)
            return .tensor(view)
        case .batch: return .batch(try batch(json))
        }
    }

    private static func batch(_ json: JSONValue) throws -> Batch {
        func symbols(_ key: String) -> [Int32] {
            json[key]?.arrayValue?.compactMap { $0.integerValue.flatMap { Int32(exactly: $0) } } ?? []
        }
        let tokens = symbols("tokens")
        let key = json["key"]?.arrayValue?.compactMap { $0.integerValue.flatMap { UInt64(exactly: $0) } } ?? []
        return Batch(
            rows: json["rows"]?.integerValue ?? 1, length: json["length"]?.integerValue ?? tokens.count, tokens: tokens,
            targets: symbols("targets"), weights: json["weights"]?.arrayValue?.compactMap { $0.doubleValue.map { Float($0) } },
            key: key.count == 2 ? RandomKey(key[0], key[1]) : RandomKey(seed: 0))
    }

    private static func compare(_ got: [Double], _ expected: JSONValue, _ what: String, _ tolerance: Double) throws {
        let wanted = expected.arrayValue?.map { $0.doubleValue ?? .nan } ?? []
        let isSame =
            got.count == wanted.count && zip(got, wanted).allSatisfy { abs($0 - $1) <= tolerance * max(1, abs($1)) }
        guard !isSame else { return }
        func list(_ values: [Double]) -> String {
            "[\(values.prefix(64).map { "\($0)" }.joined(separator: ", "))\(values.count > 64 ? ", …" : "")]"
        }
        throw ForeignFault("its self-test expects the \(what) \(list(wanted)) and got \(list(got))")
    }
}
