import CSequenceModel
import SequenceModel
import Testing

/// The C functions on an instance: declarations, binding, batches.
@Suite struct BindingTests {
    @Test func parametersAreDeclaredInOrder() throws {
        let instance = try #require(ExportedHandle())
        #expect(Exported.table.parameter_count?(instance.handle) == 3)
        var parameter = sm_parameter()
        parameter.struct_size = UInt32(MemoryLayout<sm_parameter>.size)
        #expect(call { Exported.table.parameter?(instance.handle, 1, &parameter, $0) } == "0")
        #expect(parameter.name.map { String(cString: $0) } == "shift")
        #expect(parameter.initialiser == SM_INITIALISE_CUSTOM && parameter.rank == 1 && parameter.shape?[0] == 8)
        #expect(parameter.flags == SM_PARAMETER_NO_WEIGHT_DECAY)
        #expect(parameter.learning_rate_multiplier_minus_one == 0 && parameter.tied_to_plus_one == 0)
        #expect(call { Exported.table.parameter?(instance.handle, 3, &parameter, $0) } == "5: parameter 3; there are 3")
        #expect(begins(call { Exported.table.parameter?(instance.handle, .max, &parameter, $0) }, "5: "))
        #expect(call { Exported.table.parameter?(Exported.null(), 0, &parameter, $0) } == "3: instance is null")
        #expect(Exported.table.parameter_count?(Exported.null()) == 0)
        var shape = sm_shape()
        shape.struct_size = UInt32(MemoryLayout<sm_shape>.size)
        #expect(call { Exported.table.shape?(instance.handle, &shape, $0) } == "0")
        #expect(shape.vocabulary == 11 && shape.alphabet == 11 && shape.mask_symbol == -1 && shape.maximum_tokens == 0)
    }

    @Test func customFirstValuesFollowFromTheKey() throws {
        let instance = try #require(ExportedHandle())
        func drawn(_ key: sm_key) -> [Float] {
            var tensor = instance.values[1]
            #expect(call { Exported.table.initialise?(instance.handle, 1, key, &tensor, $0) } == "0")
            return (0 ..< 8).map { tensor.data?.assumingMemoryBound(to: Float.self)[$0] ?? .nan }
        }
        let first = drawn(sm_key(words: (1, 2)))
        #expect(first == drawn(sm_key(words: (1, 2))))
        #expect(first != drawn(sm_key(words: (1, 3))))
        #expect(first.allSatisfy { (0 ..< 1).contains($0) })
        var other = instance.values[0]
        #expect(
            call { Exported.table.initialise?(instance.handle, 0, sm_key(), &other, $0) }
                == "3: embed.weight is initialised by the host")
        #expect(call { Exported.table.initialise?(instance.handle, 1, sm_key(), &other, $0) } == #"3: values of "shift": shape [11, 8]; declared: [8]"#)
        #expect(call { Exported.table.initialise?(instance.handle, 9, sm_key(), &other, $0) } == "3: parameter 9; there are 3")
    }

    @Test func tensorsThatDoNotFitAreNamedAndTheBindingStays() throws {
        let instance = try #require(ExportedHandle())
        func loss() -> Double {
            var loss = Double.nan
            withBatch([1, 2], [2, 3]) { _ = Exported.train().loss?(instance.handle, $0, &loss, nil) }
            return loss
        }
        let before = loss()
        func refusal(_ index: Int, _ change: (inout sm_tensor) -> Void) -> String {
            var tensors = instance.values
            change(&tensors[index])
            return call { Exported.table.bind?(instance.handle, tensors, nil, 3, $0) }
        }
        let shape = UnsafeMutablePointer<Int64>.allocate(capacity: 2)
        (shape[0], shape[1]) = (11, 9)
        #expect(refusal(1) { $0.data = nil } == #"3: parameter "shift": data is null"#)
        #expect(refusal(1) { $0.data = $0.data.map { $0 + 4 } } == #"3: parameter "shift": data is not aligned to 64 bytes"#)
        #expect(refusal(0) { $0.shape = UnsafePointer(shape) } == #"3: parameter "embed.weight": shape [11, 9]; declared: [11, 8]"#)
        #expect(refusal(0) { $0.shape = nil } == #"3: parameter "embed.weight": shape is null"#)
        #expect(refusal(0) { $0.rank = 1 } == #"3: parameter "embed.weight": shape [11]; declared: [11, 8]"#)
        #expect(refusal(0) { $0.rank = -1 } == #"3: parameter "embed.weight": rank -1; allowed: 0 to 32"#)
        #expect(refusal(2) { $0.scalar_type = 3 } == #"3: parameter "head.weight": scalar type 3; allowed: SM_FLOAT32, SM_FLOAT64"#)
        #expect(refusal(2) { $0.scalar_type = SM_FLOAT64 }.hasPrefix(#"3: parameter "head.weight" has another scalar type"#))
        #expect(refusal(2) { $0.device_type = 2 } == #"3: parameter "head.weight": device type 2; allowed: 1 (CPU)"#)
        #expect(refusal(2) { $0.byte_offset = 64 } == #"3: parameter "head.weight": byte_offset 64; allowed: 0"#)
        #expect(refusal(2) { $0.strides = UnsafePointer(shape) } == #"3: parameter "head.weight": not compact row-major"#)
        #expect(
            call { Exported.table.bind?(instance.handle, instance.values, nil, 2, $0) }
                == "3: 2 tensors given; this model has 3 parameters")
        #expect(call { Exported.table.bind?(instance.handle, Exported.null(), nil, 3, $0) } == "3: parameters is null")
        var gradients = instance.gradients
        gradients[1].data = nil
        #expect(
            call { Exported.table.bind?(instance.handle, instance.values, gradients, 3, $0) }
                == #"3: gradient of "shift": data is null"#)
        #expect(loss() == before)
    }

    @Test func callsInTheWrongOrderAreRefused() throws {
        let instance = try #require(ExportedHandle(bound: false))
        let unbound = "9: the model's parameters are not bound"
        var value = 0.0
        var floats = [Float](repeating: 0, count: 100)
        var symbols = [Int32](repeating: 0, count: 100)
        var session: OpaquePointer?
        withBatch([1, 2], [2, 3]) { batch in
            #expect(call { Exported.train().loss?(instance.handle, batch, &value, $0) } == unbound)
            #expect(call { Exported.train().loss_and_gradient?(instance.handle, batch, &value, $0) } == unbound)
            #expect(call { Exported.score().score?(instance.handle, batch, 0, &floats, nil, $0) } == unbound)
            #expect(call { Exported.score().logits?(instance.handle, batch, &floats, $0) } == unbound)
            #expect(call { Exported.score().predict?(instance.handle, batch, &symbols, nil, $0) } == unbound)
        }
        #expect(call { Exported.train().post_update?(instance.handle, 1, $0) } == unbound)
        #expect(call { Exported.session().open?(instance.handle, 1, &session, $0) } == unbound)
        let server = Server([])
        var reader = server.reader
        #expect(call { Exported.session().load?(instance.handle, &reader, &session, $0) } == unbound)
        #expect(session == nil)
        withExtendedLifetime(server) {}
        #expect(call { Exported.table.bind?(instance.handle, instance.values, nil, 3, $0) } == "0")
        withBatch([1, 2], [2, 3]) { batch in
            #expect(
                call { Exported.train().loss_and_gradient?(instance.handle, batch, &value, $0) }
                    == "9: the model was bound without gradients")
        }
        #expect(call { Exported.train().post_update?(instance.handle, 0, $0) } == "3: step is 0; steps are counted from 1")
        #expect(begins(call { Exported.train().post_update?(instance.handle, .max, $0) }, "3: step is"))
    }

    @Test func batchesThatCannotBeAreRefused() throws {
        let instance = try #require(ExportedHandle())
        func refusal(
            _ tokens: [Int32] = [1, 2], _ targets: [Int32]? = [2, 3], rows: UInt32 = 1, length: UInt64? = nil,
            change: (inout sm_batch) -> Void = { _ in }
        ) -> String {
            var loss = 0.0
            return withBatch(tokens, targets, rows: rows, length: length, change: change) { batch in
                call { Exported.train().loss?(instance.handle, batch, &loss, $0) }
            }
        }
        #expect(refusal() == "0")
        #expect(refusal(rows: 0, length: 2) == "3: batch is 0 × 2; both must be at least 1")
        #expect(refusal(length: 0) == "3: batch is 1 × 0; both must be at least 1")
        #expect(refusal(rows: .max, length: .max) == "3: batch is 4294967295 × 18446744073709551615; at most 2147483647 tokens")
        #expect(refusal(rows: 65536, length: 65536) == "3: batch is 65536 × 65536; at most 2147483647 tokens")
        #expect(refusal { $0.tokens = nil } == "3: tokens of the batch is null")
        #expect(refusal { $0.targets = nil } == "3: targets of the batch is null")
        #expect(refusal([1, 11]) == "3: token 11 at row 0, position 1; allowed: 0 to 10")
        #expect(refusal([-1, 1]) == "3: token -1 at row 0, position 0; allowed: 0 to 10")
        #expect(refusal([1, 2, 3, .max], [0, 0, 0, 0], rows: 2) == "3: token 2147483647 at row 1, position 1; allowed: 0 to 10")
        #expect(refusal([1, 2], [0, -2]) == "3: target -2 at row 0, position 1; allowed: −1 to 10")
        #expect(refusal([1, 2], [11, 0]) == "3: target 11 at row 0, position 0; allowed: −1 to 10")
        #expect(refusal { $0.struct_size = 2 } == "3: struct_size of batch is 2; allowed: 4 to 4096")
        // A batch from before weights and keys.
        #expect(refusal { $0.struct_size = 32 } == "0")
        #expect(refusal([1, 2], [-1, -1]) == "0")
        var loss = 0.0
        #expect(call { Exported.train().loss?(instance.handle, Exported.null(), &loss, $0) } == "3: batch is null")
        #expect(withBatch([1], [1]) { batch in call { Exported.train().loss?(instance.handle, batch, Exported.null(), $0) } } == "3: loss is null")
        let bigram = try #require(ExportedHandle(1))
        let long = [Int32](repeating: 1, count: 51)
        #expect(
            withBatch(long, long) { batch in call { Exported.train(1).loss?(bigram.handle, batch, &loss, $0) } }
                == "3: batch has rows of 51 tokens; this model takes at most 50")
    }

    @Test func nothingIsWrittenBeyondTheResult() throws {
        let instance = try #require(ExportedHandle())
        var logits = [Float](repeating: -7, count: 22 + 4)
        var nats = [Float](repeating: -7, count: 2 + 4)
        var symbols = [Int32](repeating: -7, count: 2 + 4)
        var result = sm_score_result()
        result.struct_size = UInt32(MemoryLayout<sm_score_result>.size)
        withBatch([1, 2], [2, -1]) { batch in
            #expect(call { Exported.score().logits?(instance.handle, batch, &logits, $0) } == "0")
            #expect(call { Exported.score().score?(instance.handle, batch, 0, &nats, &result, $0) } == "0")
            #expect(call { Exported.score().predict?(instance.handle, batch, &symbols, nil, $0) } == "0")
        }
        #expect(!logits.prefix(22).contains(-7) && logits.suffix(4).allSatisfy { $0 == -7 })
        #expect(nats[0] > 0 && nats[1] == 0 && nats.suffix(4).allSatisfy { $0 == -7 })
        #expect(symbols[0] >= 0 && symbols[1] == -1 && symbols.suffix(4).allSatisfy { $0 == -7 })
        #expect(result.samples == 1 && result.estimator == nil)
        withBatch([1, 2]) { batch in
            #expect(call { Exported.score().logits?(instance.handle, batch, &logits, $0) } == "0")
            #expect(call { Exported.score().logits?(instance.handle, batch, Exported.null(), $0) } == "3: logits is null")
        }
    }
}
