import CSequenceModel
import SequenceModel

extension ConformanceTest {
    static let stateDamaged = ConformanceTest(
        "state-damaged", "An empty, truncated, altered or random state is refused.", group: .state, strictness: 3,
        motivation: "clap-validator's `state-invalid-empty` and `state-invalid-random`; nih-plug aborted on a length that the file chose (nih-plug#279)"
    ) { context in
        let instance = try context.instance()
        _ = try instance.sessionTable()
        try context.require(length: 40, of: instance)
        let session = try instance.open(rows: 2)
        try session.append(context.tokens(instance, rows: 2, length: 21), SM_LOGITS_NONE)
        let rest = context.tokens(instance, rows: 2, length: 5, "rest")
        let saved = try session.save()
        let expected = try session.fork().append(rest).floats
        var stream = context.random("damage")
        var tried = 0
        func refuse(_ state: [UInt8], _ what: String) throws {
            tried += 1
            do {
                _ = try instance.load(state, rows: 2)
            } catch let failure as RawFailure {
                guard failure.status == SM_DATA_LOSS else { throw CheckEnd.failed("\(what): \(failure.description); SM_DATA_LOSS is needed") }
                return
            }
            throw CheckEnd.failed("\(what) was loaded")
        }
        try refuse([], "an empty state")
        let lengths = saved.count <= 200 ? Array(1 ..< saved.count) : Array(1 ... 100) + (0 ..< 60).map { _ in stream.index(below: saved.count - 1) + 1 } + [saved.count - 1]
        for length in lengths { try refuse(Array(saved.prefix(length)), "the first \(length) of \(saved.count) bytes") }
        try refuse(saved + [0], "a state with a byte behind it")
        for place in (0 ..< min(96, saved.count)).map({ $0 }) + (0 ..< 60).map({ _ in stream.index(below: saved.count) }) {
            var altered = saved
            altered[place] ^= 1 << UInt8(stream.index(below: 8))
            try refuse(altered, "a state with one bit of byte \(place) of \(saved.count) changed")
        }
        for size in [saved.count, 1 << 10, 1 << 20] {
            try refuse((0 ..< size).map { _ in UInt8(truncatingIfNeeded: stream.next()) }, "\(size) random bytes")
            // A believable beginning with lengths that are not.
            try refuse(Array(saved.prefix(16)) + [UInt8](repeating: 0xFF, count: size), "16 bytes of a state and then \(size) times 0xFF")
        }
        let after = try instance.load(saved, rows: 2).append(rest).floats
        guard zip(after, expected).allSatisfy({ $0.bitPattern == $1.bitPattern }) else {
            throw CheckEnd.failed("after the refused ones, the whole state gives other logits")
        }
        return "\(tried) damaged states of \(saved.count) bytes"
    }

    static let stateForeign = ConformanceTest(
        "state-foreign", "The state of another configuration, or of other parameters, is refused.", group: .state, strictness: 4,
        motivation: "A cache that was kept across a training step answers for a model that no longer exists"
    ) { context in
        let instance = try context.instance()
        _ = try instance.sessionTable()
        func state(_ instance: RawInstance) throws -> [UInt8] {
            let session = try instance.open(rows: 1)
            try session.append(context.tokens(instance, rows: 1, length: 12), SM_LOGITS_NONE)
            return try session.save()
        }
        func refuse(_ state: [UInt8], _ what: String) throws {
            do {
                _ = try instance.load(state, rows: 1)
            } catch let failure as RawFailure {
                guard failure.status == SM_DATA_LOSS else { throw CheckEnd.failed("\(what): \(failure.description); SM_DATA_LOSS is needed") }
                return
            }
            throw CheckEnd.failed("\(what) was loaded")
        }
        let own = try state(instance)
        _ = try instance.load(own, rows: 1)
        // The same parameters in another instance: the same model, so it is its state.
        let twin = try context.instance()
        _ = try twin.load(own, rows: 1)
        let other = try context.unbound()
        try other.bindFresh(seed: context.seed &+ 1)
        try refuse(state(other), "the state of other parameters")
        let block = try instance.bound()
        guard let last = block.trained.last else { throw CheckEnd.failed("no parameter is trained") }
        let value = block[value: last, 0]
        block[value: last, 0] = value + 0.25
        instance.parametersChanged()
        try refuse(own, "a state from before one value of \(block.declarations[last].name) changed")
        block[value: last, 0] = value
        instance.parametersChanged()
        _ = try instance.load(own, rows: 1)
        var tried = "other parameters"
        for (alphabet, parameters) in [(UInt32(instance.alphabet), UInt64(200_000)), (64, 60_000)] {
            guard let text = try? instance.model.propose(parameters: parameters, alphabet: alphabet, context: 64), text != (try context.configuration())
            else { continue }
            let larger = try RawInstance(instance.model, configuration: text)
            try larger.bindFresh(seed: context.seed)
            try refuse(state(larger), "the state of a configuration with \(parameters) parameters and \(alphabet) symbols")
            tried += ", another configuration"
        }
        for index in 0 ..< instance.plugin.modelCount where index != instance.model.index {
            let model = try RawModel(instance.plugin, index: index)
            guard model.claims(SM_SESSION), model.session != nil else { continue }
            let text = (try? model.propose(parameters: 20_000, alphabet: 32, context: 64)) ?? "{}"
            let stranger = try RawInstance(model, configuration: text)
            try stranger.bindFresh(seed: context.seed)
            try refuse(state(stranger), "the state of the model \(model.id)")
            tried += ", the model \(model.id)"
        }
        return tried
    }
}
