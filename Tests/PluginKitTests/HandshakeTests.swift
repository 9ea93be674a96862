import CSequenceModel
import SequenceModel
import Testing

/// The C functions before there is an instance.
@Suite struct HandshakeTests {
    private func information(major: Int32 = SM_ABI_MAJOR, size: Int = MemoryLayout<sm_host_info>.size) -> sm_host_info {
        var information = sm_host_info()
        information.struct_size = UInt32(size)
        information.abi_major = UInt16(major)
        return information
    }

    @Test func theTableBeginsAsTheHeaderSays() {
        let table = Exported.table
        #expect(table.magic == SM_MAGIC && table.abi_major == SM_ABI_MAJOR && table.abi_minor == SM_ABI_MINOR)
        #expect(Int(table.struct_size) == MemoryLayout<sm_plugin>.size)
        #expect(table.model_count == 3)
        #expect(table.version.map { String(cString: $0) } == "1.2.3")
    }

    @Test func otherMajorVersionsAreRefusedWithBothNumbers() {
        var host = information(major: 9)
        var found: UnsafePointer<sm_plugin>?
        let message = call { error in
            found = Exported.query(&host, error)
            return error.pointee.code
        }
        #expect(found == nil)
        #expect(message == "3: this plugin speaks version 1 of the interface, the host version 9")
    }

    @Test func hostsOfAnySizeAreServed() {
        #expect(Exported.query(nil, nil) != nil)
        for size in [8, 16, 24] {
            var host = information(size: size)
            #expect(Exported.query(&host, nil) != nil, "struct_size \(size)")
        }
        // The same table every time.
        #expect(Exported.query(nil, nil) == Exported.query(nil, nil))
    }

    @Test func longerStructsMustEndInZeros() {
        let known = MemoryLayout<sm_host_info>.size
        let memory = UnsafeMutableRawPointer.allocate(byteCount: known + 16, alignment: 8)
        defer { memory.deallocate() }
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: known + 16)
        memory.storeBytes(of: information(size: known + 16), as: sm_host_info.self)
        let host = UnsafePointer(memory.assumingMemoryBound(to: sm_host_info.self))
        #expect(Exported.query(host, nil) != nil)
        memory.storeBytes(of: 1, toByteOffset: known + 9, as: UInt8.self)
        let message = call { error in
            _ = Exported.query(host, error)
            return error.pointee.code
        }
        #expect(message == "3: host information has 40 bytes with a value at offset 33; this plugin knows 24")
    }

    @Test func impossibleSizesOfStructsAreRefused() {
        for size in [0, 3, 5000] {
            var host = information(size: size)
            let message = call { error in
                _ = Exported.query(&host, error)
                return error.pointee.code
            }
            #expect(message == "3: struct_size of host information is \(size); allowed: 4 to 4096")
        }
    }

    @Test func descriptionsAreComplete() throws {
        var description = sm_description()
        description.struct_size = UInt32(MemoryLayout<sm_description>.size)
        #expect(call { Exported.table.describe?(0, &description, $0) } == "0")
        #expect(description.id.map { String(cString: $0) } == "decay")
        #expect(description.likelihood == UInt32(SM_LIKELIHOOD_EXACT))
        #expect(description.capabilities == SM_CAUSAL | SM_SESSION | SM_PREDICTS | SM_FIXED_STATE)
        let schema = try JSONParser.parse(description.configuration_schema.map { String(cString: $0) } ?? "")
        #expect(schema["model_types"]?.description == #"["decay","old-decay"]"#)
        #expect(call { Exported.table.describe?(1, &description, $0) } == "0")
        #expect(description.capabilities & SM_RECOMPUTING_SESSION != 0)
        #expect(call { Exported.table.describe?(3, &description, $0) } == "5: model 3; there are 3")
        #expect(call { Exported.table.describe?(0, Exported.null(), $0) } == "3: description is null")
    }

    @Test func shorterStructsAreFilledAsFarAsTheyGo() {
        var description = sm_description()
        description.struct_size = 12
        description.capabilities = 77
        #expect(Exported.table.describe?(0, &description, nil) == 0)
        #expect(description.struct_size == 12 && description.likelihood == 1)
        #expect(description.capabilities != 77 && description.id == nil)
    }

    @Test func extensionsMatchWhole() {
        #expect(Exported.table.extension?(0, "sm.train/1") != nil)
        for id in ["sm.train/10", "sm.train/", "sm.train", "", "sm.probes/1", "sm.generate/1"] {
            #expect(Exported.table.extension?(0, id) == nil, "\(id)")
        }
        #expect(Exported.table.extension?(2, "sm.generate/1") != nil)
        #expect(Exported.table.extension?(2, "sm.session/1") == nil)
        #expect(Exported.table.extension?(7, "sm.train/1") == nil)
        #expect(Exported.table.extension?(0, Exported.null()) == nil)
    }

    @Test func configurationsAreResolvedAndWritten() {
        let collector = Collector()
        var writer = collector.writer
        let text = #"{"hidden_size":4}"#
        #expect(call { Exported.table.resolve?(0, text, UInt64(text.utf8.count), &writer, $0) } == "0")
        #expect(collector.text.contains(#""hidden_size":4"#) && collector.text.contains(#""vocab_size":11"#))

        func refusal(_ text: String) -> String {
            call { Exported.table.resolve?(0, text, UInt64(text.utf8.count), &writer, $0) }
        }
        #expect(refusal(#"{"hiden_size":4}"#) == #"3: unknown key "hiden_size"; did you mean "hidden_size"?"#)
        #expect(refusal("{") == "3: JSON, line 1, column 2: a key in quotes was expected")
        #expect(refusal("").hasPrefix("3: JSON, line 1, column 1"))
        #expect(call { Exported.table.resolve?(0, Exported.null(), 0, &writer, $0) } == "3: json is null")
        #expect(begins(call { Exported.table.resolve?(0, text, .max, &writer, $0) }, "3: the configuration has 18446744073709551615 bytes"))
        #expect(call { Exported.table.resolve?(9, text, 2, &writer, $0) } == "5: model 9; there are 3")
        collector.status = 77
        #expect(refusal("{}") == "77: the writer refused")
    }

    @Test func messagesAreCutAtACharacter() {
        let collector = Collector()
        var writer = collector.writer
        // "unknown key "ÄÄÄ…": two bytes a letter from offset 13 on.
        let text = #"{"ÄÄÄÄÄÄÄÄ":1}"#
        func refusal(_ capacity: Int) -> String {
            call(capacity: capacity) { Exported.table.resolve?(0, text, UInt64(text.utf8.count), &writer, $0) }
        }
        #expect(refusal(16) == #"3: unknown key "Ä"#)
        #expect(refusal(17) == #"3: unknown key "Ä"#)
        #expect(refusal(18) == #"3: unknown key "ÄÄ"#)
        #expect(refusal(1) == "3: ")
        #expect(refusal(0) == "3: ")
        // An error struct from before messages, and none at all.
        var error = sm_error()
        error.struct_size = 8
        #expect(Exported.table.resolve?(0, "{", 1, &writer, &error) == 3)
        #expect(error.code == 3 && error.message_length == 0)
        #expect(Exported.table.resolve?(0, "{", 1, &writer, nil) == 3)
    }

    @Test func createValidatesWhatItIsGiven() {
        var made: OpaquePointer?
        func refusal(_ text: String, _ host: UnsafePointer<sm_host>? = nil) -> String {
            call { Exported.table.create?(0, host, text, UInt64(text.utf8.count), &made, $0) }
        }
        #expect(refusal(#"{"hidden_size":-1}"#) == "3: hidden_size is -1; allowed: an integer from 1 to 2147483647")
        #expect(made == nil)
        #expect(refusal(#"{"hidden_size":2147483646,"vocab_size":2147483647}"#).hasPrefix("3: the parameter embed.weight of"))
        #expect(call { Exported.table.create?(0, nil, "{}", 2, Exported.null(), $0) } == "3: instance is null")
        var host = sm_host()
        host.struct_size = 8
        #expect(refusal("{}", &host) == "0")
        Exported.table.destroy?(made)
        Exported.table.destroy?(nil)
    }
}
