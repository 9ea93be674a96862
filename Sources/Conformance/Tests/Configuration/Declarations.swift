import CSequenceModel
import SequenceModel

extension ConformanceTest {
    static let proposeBudgets = ConformanceTest(
        "propose-budgets", "`propose` meets budgets over four decades of parameters within 5 %, or says what it can do.", group: .configuration,
        strictness: 3, motivation: "Unfair comparisons: configurations that were not of one size (long-range-arena#34, #35)"
    ) { context in
        let model = try context.model()
        guard model.plugin.table.propose != nil else { throw CheckEnd.skipped("the plugin does not propose (a null slot)") }
        var (met, refused) = (0, 0)
        var worst = 0.0
        for alphabet in [UInt32(256), 32] {
            for parameters in [UInt64(1), 1000, 20_000, 60_000, 200_000, 1_000_000, 3_300_000, 10_000_000, 100_000_000, 300_000_000, .max] {
                let text: String
                do {
                    text = try model.propose(parameters: parameters, alphabet: alphabet, context: 256)
                } catch let failure as RawFailure {
                    guard failure.status == SM_INVALID_ARGUMENT || failure.status == SM_RESOURCE_EXHAUSTED else { throw failure }
                    guard failure.message.contains(where: \.isNumber) else {
                        throw CheckEnd.failed("\(parameters) parameters: the refusal does not say what is possible: \(failure.message)")
                    }
                    refused += 1
                    continue
                }
                guard try model.resolve(text) == text else { throw CheckEnd.failed("\(parameters) parameters: the proposal is not a full configuration: \(text)") }
                let instance = try RawInstance(model, configuration: text)
                let count = instance.parameters.reduce(0) { $0 + ($1.tiedTo == nil ? $1.count ?? 0 : 0) }
                let off = abs(Double(count) / Double(parameters) - 1)
                worst = max(worst, off)
                guard off <= 0.05 else { throw CheckEnd.failed("\(parameters) parameters were asked for, \(text) has \(count)") }
                guard instance.shape.alphabet >= alphabet else {
                    throw CheckEnd.failed("the data has \(alphabet) symbols, \(text) has \(instance.shape.alphabet)")
                }
                met += 1
            }
        }
        guard met > 0 else { throw CheckEnd.failed("none of \(refused) budgets from 1000 to 300 million parameters can be met") }
        return "\(met) met, \(refused) refused; at most \((worst * 100).short) % off"
    }

    static let parametersDeclared = ConformanceTest(
        "parameters-declared", "Declared parameters have unique names, sane shapes and initialisers, and are counted as bound.", group: .configuration,
        strictness: 1, motivation: "Nested or repeated names that no checkpoint could be loaded into (flame#48)"
    ) { context in
        let instance = try context.unbound()
        let plugin = instance.plugin
        var names: Set<String> = []
        for (index, parameter) in instance.parameters.enumerated() {
            func fault(_ text: String) -> CheckEnd { .failed("parameter \(index) (\(parameter.name)): \(text)") }
            guard names.insert(parameter.name).inserted else { throw fault("another one has the same name") }
            guard parameter.name.utf8.count <= 512, !parameter.name.unicodeScalars.contains(where: { $0.value <= 32 || $0.value == 127 }) else {
                throw fault("the name has blanks or control characters, or over 512 bytes")
            }
            guard let count = parameter.count, count > 0, parameter.shape.count <= 8 else { throw fault("impossible shape \(parameter.shape)") }
            guard parameter.flags & ~(SM_PARAMETER_BUFFER | SM_PARAMETER_NO_WEIGHT_DECAY) == 0 else { throw fault("unknown flags \(parameter.flags)") }
            guard parameter.initialiser <= SM_INITIALISE_CUSTOM else { throw fault("unknown initialiser \(parameter.initialiser)") }
            guard parameter.a.isFinite, parameter.b.isFinite else { throw fault("the initialiser's numbers are \(parameter.a) and \(parameter.b)") }
            if parameter.initialiser == SM_INITIALISE_NORMAL, parameter.b < 0 { throw fault("a standard deviation of \(parameter.b)") }
            if parameter.initialiser == SM_INITIALISE_UNIFORM, parameter.b < parameter.a { throw fault("uniform from \(parameter.a) to \(parameter.b)") }
            if parameter.initialiser == SM_INITIALISE_CUSTOM, plugin.table.initialise == nil { throw fault("SM_INITIALISE_CUSTOM, and initialise is null") }
            guard parameter.learningRateMultiplier.isFinite, parameter.learningRateMultiplier >= 0 else {
                throw fault("a learning rate multiplier of \(parameter.learningRateMultiplier)")
            }
            if let tied = parameter.tiedTo {
                guard tied >= 0, tied < index else { throw fault("is tied to parameter \(tied), which does not come before it") }
                guard instance.parameters[tied].tiedTo == nil, instance.parameters[tied].shape == parameter.shape else {
                    throw fault("is tied to \(instance.parameters[tied].name), which is tied itself or has another shape")
                }
            }
        }
        let slot = try plugin.slot("parameter", plugin.table.parameter)
        for index in [UInt64(instance.parameters.count), UInt64(instance.parameters.count) + 1, .max] {
            var parameter = sm_parameter()
            parameter.struct_size = UInt32(MemoryLayout<sm_parameter>.size)
            let status = plugin.watch.call("parameter") { slot(instance.handle, index, &parameter, nil) }
            guard status == SM_NOT_FOUND else { throw CheckEnd.failed("parameter \(index) of \(instance.parameters.count): status \(status), not SM_NOT_FOUND") }
        }
        let twin = try context.unbound()
        guard twin.parameters.map(\.name) == instance.parameters.map(\.name), twin.parameters.map(\.shape) == instance.parameters.map(\.shape) else {
            throw CheckEnd.failed("two instances of one configuration declare different parameters")
        }
        guard instance.parameters.contains(where: { !$0.isBuffer }) else { throw CheckEnd.failed("every parameter is a buffer") }
        try instance.bindFresh(seed: context.seed)
        return "\(instance.parameters.count) tensors, \(instance.parameters.reduce(0) { $0 + ($1.tiedTo == nil ? $1.count ?? 0 : 0) }) values"
    }

    static let parametersInitialised = ConformanceTest(
        "parameters-initialised", "First values are finite, those of a key are the same each time, and another key gives others.",
        group: .configuration, strictness: 2,
        motivation: "Results hang on first values: position embeddings at another scale gave 0.45 instead of 1.00"
    ) { context in
        let instance = try context.unbound()
        let plugin = instance.plugin
        let custom = instance.parameters.indices.filter {
            instance.parameters[$0].initialiser == SM_INITIALISE_CUSTOM && instance.parameters[$0].tiedTo == nil
        }
        func values(_ declaration: Int, _ key: (UInt64, UInt64), scalar: UInt32 = SM_FLOAT32) throws -> [Double] {
            let block = try ParameterBlock(instance.parameters, scalar: scalar)
            let payload = Double(Float(bitPattern: GuardedOutput.unwritten))
            block.write([Double](repeating: payload, count: block.count(declaration)), to: declaration)
            var tensor = block.tensors(block.values)[declaration]
            let initialise = try plugin.slot("initialise", plugin.table.initialise)
            try plugin.check("initialise") { error in (initialise(instance.handle, UInt64(declaration), sm_key(words: key), &tensor, error), ()) }
            let name = instance.parameters[declaration].name
            if block.values.damage() != nil { throw CheckEnd.failed("initialise wrote outside \(name)") }
            let written = block.all(values: declaration)
            guard written.allSatisfy(\.isFinite) else { throw CheckEnd.failed("first values of \(name) are not finite, or were left unwritten") }
            return written
        }
        var varied = 0
        for declaration in custom {
            let name = instance.parameters[declaration].name
            let once = try values(declaration, (1, 2))
            guard try values(declaration, (1, 2)) == once else { throw CheckEnd.failed("first values of \(name) differ from call to call") }
            if try values(declaration, (3, 4)) != once { varied += 1 }
        }
        // Some first values are no draw (a ladder of decay rates); a draw that no key changes is one only by name.
        var notes = "\(custom.count) custom initialisers, \(varied) of them draw"
        let drawn = instance.parameters.contains { $0.initialiser == SM_INITIALISE_NORMAL || $0.initialiser == SM_INITIALISE_UNIFORM }
        if varied == 0, !drawn { notes += "; nothing depends on the key" }
        try instance.bindFresh(seed: context.seed)
        let block = try instance.bound()
        for declaration in block.own where !block.all(values: declaration).allSatisfy(\.isFinite) {
            throw CheckEnd.failed("first values of \(block.declarations[declaration].name) are not finite")
        }
        return notes
    }
}
