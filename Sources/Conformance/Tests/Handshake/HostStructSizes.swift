import CSequenceModel
import Glibc

extension ConformanceTest {
    static let hostStructSizes = ConformanceTest(
        "host-struct-sizes",
        """
        Structs of an older (shorter) host and of a newer (longer, zero tail) host work; a longer one whose tail is not zero is refused.
        """, group: .handshake, strictness: 2,
        motivation: "PJRT: a stale size, a receiver that wanted equality, one that wrote past it (weathernext#185, aws-neuron-sdk#1095)"
    ) { context in
        try queryHostInformation(context)
        try writtenStructs(context)
        try hostTables(context)
        try batches(context)
        return "sm_host_info, sm_host, sm_budget, sm_batch; sm_description, sm_shape, sm_parameter, sm_error, sm_score_result"
    }

    private static func queryHostInformation(_ context: CheckContext) throws {
        let plugin = try context.plugin()
        let full = MemoryLayout<sm_host_info>.size
        var information = sm_host_info()
        information.abi_major = UInt16(SM_ABI_MAJOR)
        for (size, filler, isAccepted) in [(8, UInt8(0xA5), true), (full, 0xA5, true), (full + 16, 0, true), (full + 16, 0xA5, false)] {
            let memory: SizedMemory
            if size > full {
                memory = SizedMemory(information, size: full, tail: 80, filler: filler)
                memory.address.storeBytes(of: UInt32(size), as: UInt32.self)
            } else {
                memory = SizedMemory(information, size: size, filler: filler)
            }
            let got = plugin.watch.call("sm_plugin_query") { plugin.query(memory.pointer(), nil) }
            if (got != nil) != isAccepted {
                throw CheckEnd.failed("sm_host_info of \(size) bytes\(tailText(size, full, filler)) was \(got == nil ? "refused" : "accepted")")
            }
        }
    }

    private static func tailText(_ size: Int, _ full: Int, _ filler: UInt8) -> String {
        size <= full ? "" : filler == 0 ? " with a zero tail" : " with a tail that is not zero"
    }

    /// Structs that the plugin fills: no byte past the stated size, and what fits is as in the whole.
    private static func writtenStructs(_ context: CheckContext) throws {
        let plugin = try context.plugin()
        let model = try context.model()
        let instance = try context.instance()
        func tryOut<Struct>(
            _ name: String, _ zero: Struct, sizes: [Int], _ call: (UnsafeMutablePointer<Struct>, UnsafeMutablePointer<sm_error>) -> Int32
        ) throws {
            let full = MemoryLayout<Struct>.size
            let whole = SizedMemory(zero, size: full, filler: 0xA5)
            let error = RawError()
            guard plugin.watch.call(name, { call(whole.pointer(), error.pointer) }) == SM_OK else { throw error.failure(name, error.pointer.pointee.code) }
            if let place = whole.overrun { throw CheckEnd.failed("\(name) wrote byte \(place) of a struct of \(full) bytes") }
            for size in sizes {
                let memory = SizedMemory(zero, size: size, filler: 0xA5)
                let status = plugin.watch.call(name) { call(memory.pointer(), error.pointer) }
                guard status == SM_OK else { throw CheckEnd.failed("\(name) refused a struct of \(size) bytes: \(error.message)") }
                if let place = memory.overrun { throw CheckEnd.failed("\(name) wrote byte \(place) of a struct of \(size) bytes") }
                let same = memcmp(memory.address + 4, whole.address + 4, min(size, full) - 4) == 0
                guard same else { throw CheckEnd.failed("\(name) fills a struct of \(size) bytes otherwise than one of \(full)") }
            }
            // A longer struct of a newer host: what the plugin does not know it leaves alone.
            let longer = SizedMemory(zero, size: full, tail: 128, filler: 0)
            longer.address.storeBytes(of: UInt32(full + 64), as: UInt32.self)
            let status = plugin.watch.call(name) { call(longer.pointer(), error.pointer) }
            guard status == SM_OK else { throw CheckEnd.failed("\(name) refused a struct of \(full + 64) bytes with a zero tail: \(error.message)") }
        }
        let describe = try plugin.slot("describe", plugin.table.describe)
        try tryOut("describe", sm_description(), sizes: [16, 24, 48]) { describe(model.index, $0, $1) }
        let shape = try plugin.slot("shape", plugin.table.shape)
        try tryOut("shape", sm_shape(), sizes: [8, 12, 16]) { shape(instance.handle, $0, $1) }
        let parameter = try plugin.slot("parameter", plugin.table.parameter)
        try tryOut("parameter", sm_parameter(), sizes: [16, 24, 32, 48, 56]) { parameter(instance.handle, 0, $0, $1) }
        if let score = model.score?.score {
            let batch = context.batch(instance, rows: 1, length: 4)
            let output = try GuardedOutput(count: batch.count)
            try tryOut("score", sm_score_result(), sizes: [8]) { result, error in
                batch.withStruct { score(instance.handle, $0, 1, output.floatAddress, result, error) }
            }
        }
        for size in [4, 8, 12, 16, 24] {
            var error = sm_error()
            error.struct_size = UInt32(size)
            let memory = SizedMemory(error, size: size, filler: 0xA5)
            let status = plugin.watch.call("parameter") {
                var out = sm_parameter()
                out.struct_size = UInt32(MemoryLayout<sm_parameter>.size)
                return parameter(instance.handle, .max, &out, memory.pointer())
            }
            if status == SM_OK { throw CheckEnd.failed("parameter 2⁶⁴ − 1 is there") }
            if let place = memory.overrun { throw CheckEnd.failed("byte \(place) of an sm_error of \(size) bytes was written") }
        }
    }

    private static func hostTables(_ context: CheckContext) throws {
        let full = MemoryLayout<sm_host>.size
        let configuration = try context.configuration()
        let model = try context.model()
        let plugin = try context.plugin()
        let create = try plugin.slot("create", plugin.table.create)
        let destroy = try plugin.slot("destroy", plugin.table.destroy)
        func attempt(_ memory: SizedMemory) -> (status: Int32, text: String) {
            let error = RawError()
            var made: OpaquePointer?
            let status = plugin.watch.call("create") {
                configuration.withCString { create(model.index, memory.pointer(), $0, UInt64(configuration.utf8.count), &made, error.pointer) }
            }
            if let made { plugin.watch.call("destroy") { destroy(made) } }
            return (status, error.message)
        }
        for size in [8, 16, 24, 32, full] {
            let got = attempt(SizedMemory(sm_host(), size: size, filler: 0xA5))
            guard got.status == SM_OK else { throw CheckEnd.failed("create refused an sm_host of \(size) bytes: \(got.text)") }
        }
        for filler in [UInt8(0), 0xA5] {
            let memory = SizedMemory(sm_host(), size: full, tail: 80, filler: filler)
            memory.address.storeBytes(of: UInt32(full + 16), as: UInt32.self)
            let got = attempt(memory)
            if (got.status == SM_OK) != (filler == 0) {
                throw CheckEnd.failed(
                    "create \(got.status == SM_OK ? "accepted" : "refused") an sm_host of \(full + 16) bytes\(tailText(full + 16, full, filler))")
            }
        }
        // Services behind the stated end are not there, whatever the memory holds: calling one would jump to 0xA5A5….
        let host = SizedMemory(sm_host(), size: 16, tail: 128, filler: 0xA5)
        try withExtendedLifetime(host) {
            let error = RawError()
            var made: OpaquePointer?
            let status = configuration.withCString {
                create(model.index, host.pointer(), $0, UInt64(configuration.utf8.count), &made, error.pointer)
            }
            guard status == SM_OK, let made else { throw error.failure("create", status) }
            let instance = try RawInstance(model, adopting: made)
            try instance.bindFresh(seed: context.seed)
            try Tour(instance, context).run()
        }
        guard let propose = plugin.table.propose else { return }
        var budget = sm_budget(struct_size: 0, alphabet: Int32(32).magnitude, parameters: 100_000, context: 64)
        budget.alphabet = 256
        for filler in [UInt8(0), 0xA5] {
            let size = MemoryLayout<sm_budget>.size
            let memory = SizedMemory(budget, size: size, tail: 80, filler: filler)
            memory.address.storeBytes(of: UInt32(size + 16), as: UInt32.self)
            let sink = ByteSink()
            let usual = SizedMemory(budget, size: size, filler: 0)
            let expected = plugin.watch.call("propose") { sink.withWriter { propose(model.index, usual.pointer(), $0, nil) } }
            let status = plugin.watch.call("propose") { sink.withWriter { propose(model.index, memory.pointer(), $0, nil) } }
            if filler == 0, status != expected { throw CheckEnd.failed("propose refused an sm_budget of \(size + 16) bytes with a zero tail") }
            if filler != 0, status == SM_OK { throw CheckEnd.failed("propose accepted an sm_budget of \(size + 16) bytes with a tail that is not zero") }
        }
    }

    private static func batches(_ context: CheckContext) throws {
        let instance = try context.instance()
        let plugin = instance.plugin
        let batch = context.batch(instance, rows: 2, length: 5)
        guard let loss = instance.model.train?.loss ?? nil else { return }
        let full = MemoryLayout<sm_batch>.size
        func attempt(_ size: Int, _ filler: UInt8) -> (status: Int32, loss: Double, text: String) {
            batch.withStruct { whole in
                let memory: SizedMemory
                if size > full {
                    memory = SizedMemory(whole.pointee, size: full, tail: 80, filler: filler)
                    memory.address.storeBytes(of: UInt32(size), as: UInt32.self)
                } else {
                    memory = SizedMemory(whole.pointee, size: size, filler: filler)
                }
                var result = Double.nan
                let error = RawError()
                let status = plugin.watch.call("loss") { loss(instance.handle, memory.pointer(), &result, error.pointer) }
                return (status, result, error.message)
            }
        }
        let usual = attempt(full, 0xA5)
        guard usual.status == SM_OK else { throw CheckEnd.failed("loss failed with status \(usual.status): \(usual.text)") }
        // Without weights and key: as zero.
        for size in [32, 40] {
            let shorter = attempt(size, 0xA5)
            guard shorter.status == SM_OK, shorter.loss.isFinite else {
                throw CheckEnd.failed("loss of an sm_batch of \(size) bytes (without \(size == 32 ? "weights and key" : "key")): status \(shorter.status), \(shorter.text)")
            }
            if !instance.model.claims(SM_STOCHASTIC_LOSS), shorter.loss != usual.loss {
                throw CheckEnd.failed("loss of an sm_batch of \(size) bytes is \(shorter.loss), of a whole one \(usual.loss)")
            }
        }
        let longer = attempt(full + 16, 0)
        guard longer.status == SM_OK, longer.loss == usual.loss else {
            throw CheckEnd.failed("loss of an sm_batch of \(full + 16) bytes with a zero tail: status \(longer.status), \(longer.loss)")
        }
        guard attempt(full + 16, 0xA5).status != SM_OK else {
            throw CheckEnd.failed("loss accepted an sm_batch of \(full + 16) bytes with a tail that is not zero")
        }
    }
}
