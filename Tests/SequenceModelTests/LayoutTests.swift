import CSequenceModel
import Testing

/// The layout of every struct of the ABI, as released: numbers in here are never edited, fields are only added at the
/// end. Pointers have eight bytes on every supported machine.
@Suite struct LayoutTests {
    private func expect<Struct>(_ type: Struct.Type, size: Int, _ offsets: [(PartialKeyPath<Struct>, Int)]) {
        #expect(MemoryLayout<Struct>.size == size, "size of \(type)")
        #expect(MemoryLayout<Struct>.stride == size, "stride of \(type)")
        for (field, offset) in offsets {
            #expect(MemoryLayout<Struct>.offset(of: field) == offset, "\(field)")
        }
    }

    @Test func error() {
        expect(
            sm_error.self, size: 32,
            [
                (\.struct_size, 0), (\.code, 4), (\.flags, 8), (\.message_capacity, 12), (\.message_length, 16),
                (\.reserved, 20), (\.message, 24),
            ])
    }

    @Test func key() {
        expect(
            sm_key.self, size: 16,
            [
                (\.words, 0)
            ])
    }

    @Test func tensor() {
        expect(
            sm_tensor.self, size: 48,
            [
                (\.data, 0), (\.device_type, 8), (\.device_id, 12), (\.rank, 16), (\.scalar_type, 20),
                (\.shape, 24), (\.strides, 32), (\.byte_offset, 40),
            ])
    }

    @Test func writer() {
        expect(
            sm_writer.self, size: 16,
            [
                (\.context, 0), (\.write, 8),
            ])
    }

    @Test func reader() {
        expect(
            sm_reader.self, size: 16,
            [
                (\.context, 0), (\.read, 8),
            ])
    }

    @Test func hostInfo() {
        expect(
            sm_host_info.self, size: 24,
            [
                (\.struct_size, 0), (\.abi_major, 4), (\.abi_minor, 6), (\.name, 8), (\.version, 16),
            ])
    }

    @Test func host() {
        expect(
            sm_host.self, size: 48,
            [
                (\.struct_size, 0), (\.max_concurrency, 4), (\.context, 8), (\.parallel_for, 16),
                (\.should_cancel, 24), (\.log, 32), (\.progress, 40),
            ])
    }

    @Test func description() {
        expect(
            sm_description.self, size: 72,
            [
                (\.struct_size, 0), (\.likelihood, 4), (\.capabilities, 8), (\.reserved, 12), (\.id, 16),
                (\.name, 24), (\.family, 32), (\.summary, 40), (\.paper, 48), (\.licence, 56),
                (\.configuration_schema, 64),
            ])
    }

    @Test func budget() {
        expect(
            sm_budget.self, size: 24,
            [
                (\.struct_size, 0), (\.alphabet, 4), (\.parameters, 8), (\.context, 16),
            ])
    }

    @Test func shape() {
        expect(
            sm_shape.self, size: 24,
            [
                (\.struct_size, 0), (\.vocabulary, 4), (\.alphabet, 8), (\.mask_symbol, 12),
                (\.maximum_tokens, 16),
            ])
    }

    @Test func parameter() {
        expect(
            sm_parameter.self, size: 64,
            [
                (\.struct_size, 0), (\.flags, 4), (\.name, 8), (\.shape, 16), (\.rank, 24), (\.initialiser, 28),
                (\.a, 32), (\.b, 40), (\.learning_rate_multiplier_minus_one, 48), (\.tied_to_plus_one, 56),
            ])
    }

    @Test func plugin() {
        expect(
            sm_plugin.self, size: 136,
            [
                (\.magic, 0), (\.abi_major, 4), (\.abi_minor, 6), (\.struct_size, 8), (\.flags, 12),
                (\.name, 16), (\.version, 24), (\.model_count, 32), (\.reserved, 36), (\.describe, 40),
                (\.resolve, 48), (\.propose, 56), (\.create, 64), (\.destroy, 72), (\.extension, 80),
                (\.shape, 88), (\.parameter_count, 96), (\.parameter, 104), (\.initialise, 112), (\.bind, 120),
                (\.parameters_changed, 128),
            ])
    }

    @Test func batch() {
        expect(
            sm_batch.self, size: 56,
            [
                (\.struct_size, 0), (\.rows, 4), (\.length, 8), (\.tokens, 16), (\.targets, 24),
                (\.weights, 32), (\.key, 40),
            ])
    }

    @Test func train() {
        expect(
            sm_train.self, size: 32,
            [
                (\.struct_size, 0), (\.reserved, 4), (\.loss, 8), (\.loss_and_gradient, 16),
                (\.post_update, 24),
            ])
    }

    @Test func scoreResult() {
        expect(
            sm_score_result.self, size: 16,
            [
                (\.struct_size, 0), (\.samples, 4), (\.estimator, 8),
            ])
    }

    @Test func score() {
        expect(
            sm_score.self, size: 32,
            [
                (\.struct_size, 0), (\.reserved, 4), (\.score, 8), (\.logits, 16), (\.predict, 24),
            ])
    }

    @Test func sessionTable() {
        expect(
            sm_session_table.self, size: 88,
            [
                (\.struct_size, 0), (\.reserved, 4), (\.open, 8), (\.close, 16), (\.append, 24),
                (\.position, 32), (\.fork, 40), (\.rewind, 48), (\.state_bytes, 56), (\.save, 64), (\.load, 72),
                (\.rows, 80),
            ])
    }

    @Test func generation() {
        expect(
            sm_generation.self, size: 64,
            [
                (\.struct_size, 0), (\.steps, 4), (\.prompt, 8), (\.prompt_length, 16), (\.new_tokens, 24),
                (\.temperature, 32), (\.sampler, 40), (\.key, 48),
            ])
    }

    @Test func event() {
        expect(
            sm_event.self, size: 40,
            [
                (\.struct_size, 0), (\.kind, 4), (\.begin, 8), (\.count, 16), (\.symbols, 24), (\.step, 32),
                (\.steps, 36),
            ])
    }

    @Test func sink() {
        expect(
            sm_sink.self, size: 16,
            [
                (\.context, 0), (\.on_event, 8),
            ])
    }

    @Test func generate() {
        expect(
            sm_generate.self, size: 16,
            [
                (\.struct_size, 0), (\.reserved, 4), (\.generate, 8),
            ])
    }

    @Test func probe() {
        expect(
            sm_probe.self, size: 48,
            [
                (\.struct_size, 0), (\.reserved, 4), (\.name, 8), (\.summary, 16), (\.signature, 24),
                (\.self_test, 32), (\.function, 40),
            ])
    }

    @Test func probes() {
        expect(
            sm_probes.self, size: 24,
            [
                (\.struct_size, 0), (\.count, 4), (\.describe, 8), (\.outputs, 16),
            ])
    }

    /// What the first 16 bytes of a plugin's table hold, and the numbers that cross, never change.
    @Test func constants() {
        #expect(SM_MAGIC == 0x314D_5153)
        #expect(SM_ABI_MAJOR == 1)
        #expect(SM_ABI_MINOR == 0)
        #expect([SM_OK, SM_CANCELLED, SM_INVALID_ARGUMENT, SM_NOT_FOUND] == [0, 1, 3, 5])
        #expect([SM_RESOURCE_EXHAUSTED, SM_FAILED_PRECONDITION, SM_UNIMPLEMENTED] == [8, 9, 12])
        #expect([SM_INTERNAL, SM_DATA_LOSS] == [13, 15])
        #expect([SM_LIKELIHOOD_NONE, SM_LIKELIHOOD_EXACT, SM_LIKELIHOOD_UPPER_BOUND] == [0, 1, 2])
        #expect([SM_CAUSAL, SM_FIXED_STATE, SM_SESSION, SM_RECOMPUTING_SESSION] == [1, 2, 4, 8])
        #expect([SM_GENERATES, SM_PREDICTS, SM_TARGETS_IN_PLACE, SM_STOCHASTIC_LOSS, SM_AUXILIARY_LOSS] == [16, 32, 64, 128, 256])
        #expect([SM_FLOAT32, SM_FLOAT64] == [0x12002, 0x14002])
        #expect([SM_TRAIN_1, SM_SCORE_1, SM_SESSION_1] == ["sm.train/1", "sm.score/1", "sm.session/1"])
        #expect([SM_GENERATE_1, SM_PROBES_1] == ["sm.generate/1", "sm.probes/1"])
    }
}
