import CSequenceModel
public import SequenceModel

/// A typed function that a plugin declares for a model and this program was not compiled against: something to look at inside it.
/// (`PluginProbe` is something else: trying a plugin in a child process.)
///
/// Everything that the plugin says of it was checked; what cannot be called is listed with its `problem`.
public struct ModelProbe: @unchecked Sendable {
    /// `[a-z0-9_-]+`, unique within the model.
    public let name: String
    /// One sentence; may be empty.
    public let summary: String
    /// As the plugin wrote it.
    public let signature: String
    /// Why it cannot be called, whatever its arguments; nil when it can, once its self-test has passed.
    public let problem: String?
    let index: UInt32
    let types: ProbeSignature?
    let selfTest: JSONValue
    // A C function of a library that stays loaded: constant, and callable from any thread.
    let function: (@convention(c) () -> Void)?

    /// Most probes of a model.
    static let maximumCount: UInt32 = 64

    /// Whether it takes a batch and gives one table or number, so that it can be measured over a text.
    public var isMeasurable: Bool { problem == nil && types?.isMeasurable == true }

    /// The probe `name` of `probes`. Throws `.usage` with the nearest name and all of them.
    public static func named(_ name: String, in probes: [ModelProbe], of model: String) throws -> ModelProbe {
        if let probe = probes.first(where: { $0.name == name }) { return probe }
        guard !probes.isEmpty else { throw ZooError(.usage, "\(model) has no probes, so none is called \(name)") }
        let known = probes.map(\.name)
        let near = nearestName(to: name, among: known).map { "; did you mean \($0)?" } ?? "."
        throw ZooError(
            .usage, "\(model) has no probe \(name)\(near) Known: \(known.joined(separator: ", "))",
            hint: "--probe list says what each measures")
    }

    /// All probes of a model. Throws `ForeignFault` for a table that cannot be believed.
    static func readAll(_ table: sm_probes?) throws -> [ModelProbe] {
        guard let table, table.count > 0 else { return [] }
        guard table.count <= maximumCount else {
            throw ForeignFault("\(SM_PROBES_1) has \(table.count) probes; allowed: at most \(maximumCount)")
        }
        guard let describe = table.describe else { throw ForeignFault("describe of \(SM_PROBES_1) is null") }
        var probes: [ModelProbe] = []
        for index in 0 ..< table.count {
            var foreign = sm_probe()
            foreign.struct_size = UInt32(MemoryLayout<sm_probe>.size)
            try withUnsafeMutablePointer(to: &foreign) { foreign in
                try ErrorBuffer().check("describe of sm.probes/1") { describe(index, foreign, $0) }
            }
            probes.append(ModelProbe(foreign, index: index, taken: Set(probes.map(\.name)), hasOutputs: table.outputs != nil))
        }
        return probes
    }

    private init(_ foreign: sm_probe, index: UInt32, taken: Set<String>, hasOutputs: Bool) {
        var problems: [String] = []
        func attempt<Value>(_ fallback: Value, _ body: () throws -> Value) -> Value {
            do {
                return try body()
            } catch let fault as ForeignFault {
                problems.append(fault.message)
            } catch let error as SequenceModelError {
                problems.append("its self-test is not JSON: \(error.message)")
            } catch { problems.append("\(error)") }
            return fallback
        }
        self.index = index
        name = attempt("probe-\(index)") {
            let name = try ForeignString.readLine(foreign.name, "its name", maximumBytes: 64)
            let isAllowed = name.utf8.allSatisfy { byte in
                (0x61 ... 0x7A).contains(byte) || (0x30 ... 0x39).contains(byte) || byte == 0x5F || byte == 0x2D
            }
            guard !name.isEmpty, isAllowed else { throw ForeignFault("its name is \"\(name)\"; allowed: a to z, 0 to 9, _ and -") }
            guard !taken.contains(name) else { throw ForeignFault("two probes have the name \(name)") }
            return name
        }
        summary = attempt("") { try ForeignString.readLine(foreign.summary, "its summary", maximumBytes: 1024) }
        let signature = attempt("") { try ForeignString.readLine(foreign.signature, "its signature", maximumBytes: 64) }
        self.signature = signature
        types = attempt(nil) { try ProbeSignature(parsing: signature) }
        let needsOutputs = types.map { $0.writtenCount > 0 } ?? false
        if needsOutputs, !hasOutputs { problems.append("it writes tensors, and outputs of \(SM_PROBES_1) is null") }
        selfTest = attempt(.null) {
            let text = try ForeignString.read(foreign.self_test, "its self-test", maximumBytes: 1 << 20)
            guard !text.isEmpty else { throw ForeignFault("it has no self-test") }
            let json = try JSONParser.parse(text)
            guard json.objectValue != nil else { throw ForeignFault("its self-test is \(json.kind); an object is needed") }
            return json
        }
        function = foreign.function
        if function == nil { problems.append("its function is null") }
        problem = problems.first
    }
}
