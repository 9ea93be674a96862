import CSequenceModel
import SequenceModel
import Testing

/// What the host offers: threads, cancellation. And what comes back through it.
@Suite(.serialized) struct ServicesTests {
    /// A host whose pieces run in reverse order and which counts them.
    private final class Host {
        var pieces = 0
        /// Cancels from the n-th question on.
        var cancelsAt = Int.max
        var questions = 0

        var table: sm_host {
            var host = sm_host()
            host.struct_size = UInt32(MemoryLayout<sm_host>.size)
            host.max_concurrency = 4
            host.context = Unmanaged.passUnretained(self).toOpaque()
            host.parallel_for = { context, count, task, argument in
                guard let context else { return }
                let host = Unmanaged<Host>.fromOpaque(context).takeUnretainedValue()
                host.pieces += Int(count)
                for index in (0 ..< count).reversed() { task(argument, index) }
            }
            host.should_cancel = { context in
                guard let context else { return 0 }
                let host = Unmanaged<Host>.fromOpaque(context).takeUnretainedValue()
                host.questions += 1
                return host.questions >= host.cancelsAt ? 1 : 0
            }
            return host
        }
    }

    private let configuration = #"{"hidden_size":256,"vocab_size":300}"#

    private func lossAndGradients(_ instance: ExportedHandle, _ tokens: [Int32]) -> (String, Double, [[Float]]) {
        var loss = 0.0
        let status = withBatch(tokens, tokens, rows: 8) { batch in
            call { Exported.train().loss_and_gradient?(instance.handle, batch, &loss, $0) }
        }
        let gradients = instance.gradients.map { tensor in
            let count = (0 ..< Int(tensor.rank)).reduce(1) { $0 * Int(tensor.shape?[$1] ?? 0) }
            return (0 ..< count).map { tensor.data?.assumingMemoryBound(to: Float.self)[$0] ?? .nan }
        }
        return (status, loss, gradients)
    }

    private var tokens: [Int32] {
        var stream = RandomKey(seed: 1).stream
        return (0 ..< 8 * 64).map { _ in Int32(stream.index(below: 300)) }
    }

    @Test func resultsAreTheSameBitsWhateverTheThreadsDo() throws {
        let host = Host()
        var table = host.table
        let alone = try #require(ExportedHandle(0, configuration))
        let helped = try #require(ExportedHandle(0, configuration, host: &table))
        let expected = lossAndGradients(alone, tokens)
        let found = lossAndGradients(helped, tokens)
        #expect(host.pieces > 0)
        #expect(expected.0 == "0" && found.0 == "0")
        #expect(expected.1 == found.1)
        #expect(expected.2 == found.2)
        withExtendedLifetime(host) {}
    }

    @Test func cancellationStopsTheCallAndLeavesTheInstanceUsable() throws {
        let host = Host()
        var table = host.table
        let instance = try #require(ExportedHandle(0, configuration, host: &table))
        #expect(host.questions == 0)
        let expected = lossAndGradients(instance, tokens)
        let questions = host.questions
        #expect(questions > 2)
        for moment in [1, questions / 2, questions] {
            host.questions = 0
            host.cancelsAt = moment
            #expect(lossAndGradients(instance, tokens).0 == "1: cancelled by the host")
        }
        host.cancelsAt = .max
        let again = lossAndGradients(instance, tokens)
        #expect(again.0 == "0" && again.1 == expected.1)

        var session: OpaquePointer?
        #expect(call { Exported.session().open?(instance.handle, 1, &session, $0) } == "0")
        let open = try #require(session)
        var text: [Int32] = [1, 2, 3]
        for count in [1, 3] as [UInt64] {
            host.questions = 0
            host.cancelsAt = 1
            #expect(call { Exported.session().append?(open, &text, count, 0, nil, $0) } == "1: cancelled by the host")
            host.cancelsAt = .max
            #expect(Exported.session().position?(open) == 0)
        }
        #expect(call { Exported.session().append?(open, &text, 3, 0, nil, $0) } == "0")
        Exported.session().close?(open)
        withExtendedLifetime(host) {}
    }

    private final class Events {
        var texts: [String] = []
        var stopsAt = Int.max
        var sink: sm_sink {
            sm_sink(context: Unmanaged.passUnretained(self).toOpaque()) { context, event in
                guard let context else { return 1 }
                let events = Unmanaged<Events>.fromOpaque(context).takeUnretainedValue()
                let symbols = (0 ..< Int(event.pointee.count)).map { event.pointee.symbols?[$0] ?? -9 }
                events.texts.append(
                    "\(event.pointee.kind) at \(event.pointee.begin) step \(event.pointee.step)/\(event.pointee.steps) \(symbols)")
                return events.texts.count >= events.stopsAt ? 1 : 0
            }
        }
    }

    @Test func generationTellsOfEachChange() throws {
        let instance = try #require(ExportedHandle(2))
        let events = Events()
        var sink = events.sink
        var prompt: [Int32] = [3, 4]
        func run(_ change: (inout sm_generation) -> Void = { _ in }) -> String {
            events.texts = []
            return prompt.withUnsafeMutableBufferPointer { buffer in
                var request = sm_generation()
                request.struct_size = UInt32(MemoryLayout<sm_generation>.size)
                request.prompt = UnsafePointer(buffer.baseAddress)
                request.prompt_length = 2
                request.new_tokens = 2
                change(&request)
                return call { Exported.generate().generate?(instance.handle, &request, &sink, $0) }
            }
        }
        #expect(run() == "0")
        #expect(events.texts == ["2 at 2 step 0/0 [10, 10]", "1 at 0 step 0/2 []", "3 at 2 step 0/2 [1]", "4 at 0 step 0/2 []"])
        events.stopsAt = 2
        #expect(run() == "1: stopped")
        #expect(events.texts.count == 2)
        events.stopsAt = .max
        #expect(run { $0.prompt = nil } == "3: prompt is null")
        #expect(run { $0.prompt_length = .max }.hasPrefix("3: prompt of 18446744073709551615"))
        #expect(run { $0.new_tokens = .max }.hasPrefix("3: prompt of 2 and 18446744073709551615"))
        #expect(run { $0.temperature = -1 } == "3: temperature is -1.0; allowed: 0 or more")
        #expect(run { $0.temperature = .nan }.hasPrefix("3: temperature is nan"))
        prompt = [3, 11]
        #expect(run() == "3: symbol 11 at position 1 of the prompt; allowed: 0 to 10")
        withExtendedLifetime(events) {}
    }

    @Test func estimatorsAreNamed() throws {
        let instance = try #require(ExportedHandle(2))
        var nats = [Float](repeating: 0, count: 2)
        var result = sm_score_result()
        result.struct_size = UInt32(MemoryLayout<sm_score_result>.size)
        withBatch([10, 2], [2, -1]) { batch in
            #expect(call { Exported.score(2).score?(instance.handle, batch, 5, &nats, &result, $0) } == "0")
        }
        #expect(nats == [1, 0] && result.samples == 5)
        #expect(result.estimator.map { String(cString: $0) } == "one each")
        var symbols = [Int32](repeating: 0, count: 2)
        withBatch([10, 2], [2, -1]) { batch in
            #expect(call { Exported.score(2).predict?(instance.handle, batch, &symbols, nil, $0) } == "12: filling does not predict")
        }
    }
}
