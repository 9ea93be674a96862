import CSequenceModel

extension ConformanceTest {
    static let unknownModel = ConformanceTest(
        "unknown-model", "A model index past the end is refused with `SM_NOT_FOUND`.", group: .handshake, strictness: 1,
        motivation: "A host that counts one too far reads what lies behind a table"
    ) { context in
        let plugin = try context.plugin()
        let describe = try plugin.slot("describe", plugin.table.describe)
        let resolve = try plugin.slot("resolve", plugin.table.resolve)
        let create = try plugin.slot("create", plugin.table.create)
        for index in [plugin.table.model_count, plugin.table.model_count + 1, .max] {
            func expectRefusal(_ name: String, _ call: (UnsafeMutablePointer<sm_error>) -> Int32) throws {
                let error = RawError()
                let status = plugin.watch.call(name) { call(error.pointer) }
                guard status == SM_NOT_FOUND else { throw CheckEnd.failed("\(name) of model \(index) returned \(status), not SM_NOT_FOUND") }
                if let fault = error.fault(for: status) { throw CheckEnd.failed("\(name) of model \(index): \(fault)") }
            }
            try expectRefusal("describe") { error in
                var description = sm_description()
                description.struct_size = UInt32(MemoryLayout<sm_description>.size)
                return describe(index, &description, error)
            }
            let sink = ByteSink()
            try expectRefusal("resolve") { error in sink.withWriter { resolve(index, "{}", 2, $0, error) } }
            var made: OpaquePointer?
            try expectRefusal("create") { create(index, nil, "{}", 2, &made, $0) }
            if let propose = plugin.table.propose {
                var budget = sm_budget(
                    struct_size: UInt32(MemoryLayout<sm_budget>.size), alphabet: 256, parameters: 100_000, context: 64)
                try expectRefusal("propose") { error in sink.withWriter { propose(index, &budget, $0, error) } }
            }
        }
        return "describe, resolve, create, propose"
    }

    static let foreignHost = ConformanceTest(
        "foreign-host", "A host of another major version gets null and an error that says why.", group: .handshake, strictness: 1,
        motivation: "An old host and a new PJRT plugin ended in a segmentation fault instead of an error (jax#24901)"
    ) { context in
        let plugin = try context.plugin()
        for major in [UInt16(0), 2, 255, .max] where Int32(major) != SM_ABI_MAJOR {
            let error = RawError()
            guard RawPlugin.ask(plugin.query, plugin.watch, major: major, error: error) == nil else {
                throw CheckEnd.failed("a host of major version \(major) got a table")
            }
            guard error.pointer.pointee.code == SM_INVALID_ARGUMENT else {
                throw CheckEnd.failed("a host of major version \(major) got the error code \(error.pointer.pointee.code), not SM_INVALID_ARGUMENT")
            }
            if let fault = error.fault(for: SM_INVALID_ARGUMENT) { throw CheckEnd.failed("host of major version \(major): \(fault)") }
            _ = RawPlugin.ask(plugin.query, plugin.watch, major: major, error: nil)
        }
        // A newer minor version is no reason to refuse.
        var newer = sm_host_info(
            struct_size: UInt32(MemoryLayout<sm_host_info>.size), abi_major: UInt16(SM_ABI_MAJOR), abi_minor: 99, name: nil, version: nil)
        guard plugin.watch.call("sm_plugin_query", { plugin.query(&newer, nil) }) == plugin.address else {
            throw CheckEnd.failed("a host of version \(SM_ABI_MAJOR).99 did not get the table")
        }
        guard plugin.watch.call("sm_plugin_query", { plugin.query(nil, nil) }) == plugin.address else {
            throw CheckEnd.failed("a host that says nothing of itself did not get the table")
        }
        return "major versions 0, 2, 255 and 65535"
    }
}
