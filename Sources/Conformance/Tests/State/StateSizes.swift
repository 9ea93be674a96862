import CSequenceModel
import Glibc
import SequenceModel

extension ConformanceTest {
    static let stateBytes = ConformanceTest(
        "state-bytes", "The declared size of a state is the size measured by saving it; a fixed state does not grow.", group: .state,
        strictness: 3,
        motivation: "A declared state size was 4 to 16 times off and reached a published paper (zoology#34, #36); the same in gguf-parser-go#47"
    ) { context in
        let instance = try context.instance()
        _ = try instance.sessionTable()
        try context.require(length: 200, of: instance)
        let session = try instance.open(rows: 2)
        var sizes: [(position: Int, declared: Int, saved: Int)] = []
        for count in [16, 48, 136] {
            try session.append(context.tokens(instance, rows: 2, length: count, "piece \(count)"), SM_LOGITS_NONE)
            sizes.append((try session.position(), try session.stateBytes(), try session.save().count))
        }
        for size in sizes {
            // What is saved has a header and checks as well.
            let allowance = 1024 + size.saved / 50
            guard abs(size.declared - size.saved) <= allowance else {
                throw CheckEnd.failed("after \(size.position) tokens state_bytes says \(size.declared), saving takes \(size.saved) bytes")
            }
        }
        // Headers cancel out between sessions of few and of many rows.
        func size(rows: Int) throws -> (declared: Int, saved: Int) {
            let session = try instance.open(rows: rows)
            try session.append(context.tokens(instance, rows: rows, length: 8, "\(rows) rows"), SM_LOGITS_NONE)
            return (try session.stateBytes(), try session.save().count)
        }
        let (few, many) = (try size(rows: 1), try size(rows: 33))
        let (saidMore, savedMore) = (many.declared - few.declared, many.saved - few.saved)
        guard abs(saidMore - savedMore) <= 16 + savedMore / 20 else {
            throw CheckEnd.failed("32 more rows take \(savedMore) bytes when saved; state_bytes says \(saidMore)")
        }
        let (first, last) = (sizes[0], sizes[2])
        if instance.model.claims(SM_FIXED_STATE) {
            guard abs(last.saved - first.saved) <= 16, last.declared == first.declared else {
                throw CheckEnd.failed(
                    "SM_FIXED_STATE is claimed, and the state takes \(first.saved) bytes after \(first.position) tokens, \(last.saved) after "
                        + "\(last.position) (declared: \(first.declared), \(last.declared))")
            }
        } else {
            let (grown, said) = (last.saved - first.saved, last.declared - first.declared)
            guard abs(grown - said) <= 64 + grown / 20 else {
                throw CheckEnd.failed("from \(first.position) to \(last.position) tokens the saved state grows by \(grown) bytes, state_bytes by \(said)")
            }
        }
        return sizes.map { "\($0.position) tokens: declared \($0.declared), saved \($0.saved)" }.joined(separator: "; ")
    }

    static let instancesInterleaved = ConformanceTest(
        "instances-interleaved", "Two instances used in turn behave as each alone.", group: .state, strictness: 3,
        motivation: "State in a static buffer: pluginval's background-state tests"
    ) { context in
        func make(_ seed: UInt64, _ configuration: String) throws -> RawInstance {
            let instance = try RawInstance(context.model(), configuration: configuration)
            try instance.bindFresh(seed: seed)
            try instance.bound().perturb(seed: seed, by: 0.05)
            instance.parametersChanged()
            return instance
        }
        let small = try context.configuration()
        let larger = (try? context.model().propose(parameters: 200_000, alphabet: 64, context: 64)) ?? small
        for other in [small, larger] {
            let alone = try [(UInt64(1), small), (2, other)].map { try InstanceTrace(make($0.0, $0.1), context).all() }
            let traces = try [InstanceTrace(make(1, small), context), InstanceTrace(make(2, other), context)]
            var together: [[[UInt64]]] = [[], []]
            for step in 0 ..< InstanceTrace.steps {
                for which in [0, 1] { together[which].append(try traces[which].step(step)) }
            }
            for which in [0, 1] {
                if let step = (0 ..< InstanceTrace.steps).first(where: { together[which][$0] != alone[which][$0] }) {
                    throw CheckEnd.failed("\(InstanceTrace.name(step)) of \(which == 0 ? "the first" : "the second") instance differs when another one is used in between")
                }
            }
        }
        return "the same configuration and another one; loss, gradients, scores, logits, sessions"
    }

    static let createDestroy = ConformanceTest(
        "create-destroy", "A thousand instances made and destroyed leave the process as large as before.", group: .state, strictness: 4,
        motivation: "A host that compares architectures makes many instances: a leak ends it after hours"
    ) { context in
        let model = try context.model()
        let configuration = try context.configuration()
        let kept = try context.instance()
        let batch = context.batch(kept, rows: 2, length: 4)
        func measure(_ what: String, _ count: Int, allowed: Int, _ body: () throws -> Void) throws -> String {
            for _ in 0 ..< count / 5 { try body() }
            ChildLimits.trim()
            let before = ChildLimits.residentBytes()
            for _ in 0 ..< count { try body() }
            ChildLimits.trim()
            let grown = ChildLimits.residentBytes() - before
            guard grown <= allowed else { throw CheckEnd.failed("\(count) × \(what): \(grown >> 10) KiB more, \(grown / count) bytes each") }
            return "\(what) \(max(grown, 0) >> 10) KiB"
        }
        let block = try kept.bound()
        var notes = [
            try measure("create and destroy", 1000, allowed: 1 << 20) { _ = try RawInstance(model, configuration: configuration) }
        ]
        notes.append(
            try measure("create, bind and destroy", 300, allowed: 1 << 20) { try RawInstance(model, configuration: configuration).bind(block) })
        if model.train != nil {
            notes.append(try measure("loss", 300, allowed: 1 << 20) { _ = try kept.loss(batch) })
            notes.append(try measure("loss_and_gradient", 300, allowed: 1 << 20) { _ = try kept.lossAndGradient(batch) })
        }
        if model.score != nil { notes.append(try measure("score", 300, allowed: 1 << 20) { _ = try kept.score(batch, samples: 1) }) }
        if model.claims(SM_SESSION), model.session != nil {
            let tokens = context.tokens(kept, rows: 2, length: 4)
            let session = try kept.open(rows: 2)
            try session.append(tokens, SM_LOGITS_NONE)
            let state = try session.save()
            notes.append(
                try measure("session", 300, allowed: 1 << 20) {
                    let opened = try kept.open(rows: 2)
                    try opened.append(tokens, SM_LOGITS_LAST)
                    _ = try session.fork()
                    _ = try kept.load(state, rows: 2)
                })
        }
        var wrong = batch
        wrong.tokens[0] = -9
        if model.train != nil { notes.append(try measure("a refused loss", 300, allowed: 1 << 20) { _ = try? kept.loss(wrong) }) }
        return notes.joined(separator: ", ")
    }
}
