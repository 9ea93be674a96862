import CSequenceModel
import Glibc
import SequenceModel
import Synchronization

extension ConformanceTest {
    static let floatingPointMode = ConformanceTest(
        "floating-point-mode", "Rounding, flushing of subnormal numbers and exception masks are as before each call.", group: .manners,
        strictness: 2,
        motivation: "gcc -Ofast sets flush-to-zero when a library is loaded (llvm#57589, \"someone's been messing with my subnormals\")"
    ) { context in
        var calls = 0
        var before = FloatingPointMode()
        let fault = Mutex<String?>(nil)
        context.watch.before = { _ in before = FloatingPointMode() }
        context.watch.after = { name in
            calls += 1
            let after = FloatingPointMode()
            if after != before {
                fault.withLock { if $0 == nil { $0 = "\(name) changed the mode from \(before) to \(after)" } }
                before.restore()
            }
        }
        let instance = try context.instance()
        try Tour(instance, context).run()
        context.watch.before = nil
        context.watch.after = nil
        if let fault = fault.withLock({ $0 }) { throw CheckEnd.failed(fault) }
        return "\(calls) calls, loading included"
    }

    static let processManners = ConformanceTest(
        "process-manners", "Signal handlers, locale, working directory, umask, environment, open files and standard output are as before.",
        group: .manners, strictness: 2,
        motivation: "The shared Swift runtime adds seven signal handlers to a host (dotnet#119429 had to defend itself); one constructor can change all of these"
    ) { context in
        // Whatever is printed goes to a file of ours for the time.
        let output = try PrintedOutput()
        defer { output.end() }
        var before = ProcessSnapshot()
        var fault: String?
        var calls = 0
        context.watch.before = { _ in before = ProcessSnapshot() }
        context.watch.after = { name in
            calls += 1
            guard fault == nil else { return }
            if let change = ProcessSnapshot().change(since: before) {
                fault = "\(name): \(change)"
            } else if output.byteCount > 0 {
                fault = "\(name) printed \(output.byteCount) bytes: \(output.text)"
            }
        }
        let instance = try context.instance()
        try Tour(instance, context).run()
        context.watch.before = nil
        context.watch.after = nil
        if fault == nil, output.flushedByteCount > 0 { fault = "\(output.byteCount) bytes were printed: \(output.text)" }
        if let fault { throw CheckEnd.failed(fault) }
        return "\(calls) calls, loading included"
    }

    static let threads = ConformanceTest(
        "threads", "No thread is left behind, and none is started beyond those of the host.", group: .manners, strictness: 2,
        motivation: "A private pool in every plugin: four plugins took a process from 1 to 13 threads on two processors"
    ) { context in
        let sampler = ThreadSampler()
        defer { sampler.end() }
        let expected = ProcessSnapshot.threadCount()
        var fault: String?
        context.watch.after = { name in
            let count = ProcessSnapshot.threadCount()
            if fault == nil, count > expected { fault = "\(name) left \(count - expected) threads behind" }
        }
        let instance = try context.instance()
        try Tour(instance, context).run()
        // Long enough for the sampler to see a thread that lives as long as a call.
        let batch = context.batch(instance, rows: 4, length: Tour(instance, context).length)
        for _ in 0 ..< 20 where instance.model.train != nil { _ = try instance.lossAndGradient(batch) }
        context.watch.after = nil
        if let fault { throw CheckEnd.failed(fault) }
        let most = sampler.most
        guard most <= expected else { throw CheckEnd.failed("\(most - expected) threads were started during calls, of a host that lends none") }
        return "\(expected) threads before, during and after (\(sampler.samples) looks)"
    }
}
