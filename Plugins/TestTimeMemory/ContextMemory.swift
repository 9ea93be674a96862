import Layers
import SequenceModel
import Tensor

/// Memory as a context (MAC), segment by segment: what the memory at the segment's start recalls for each token stands beside the segment
/// in attention, the memory learns what attention gives, and what it then reads gates that:
///
/// h = M(q(x));  y = attention(x over [persistent, h, x]);  M learns y;  o = W_o (RMSNorm(y) ⊙ σ(RMSNorm(M(q(y)))))
///
/// The paper lets a token see what was recalled for later tokens of its segment, and gates with a memory that has learned the whole segment:
/// both would show it the future. Here token i sees h_j for j ≤ i alone, and its gate reads the memory after token i.
struct ContextMemory: Mixer {
    let attention: WindowAttention
    let attentionNorm: RMSNorm
    let memory: (core: NeuralMemory, inputNorm: RMSNorm, norm: RMSNorm)?
    let output: Linear
    /// Tokens of a segment.
    let segment: Int

    /// Of fixed size: a segment's keys and values are kept with zeros behind.
    struct State: ModelState {
        var memory: NeuralMemory.State?
        /// The last inputs of the convolution of what is asked of the memory: [B, W − 1, D].
        var asked: Tensor
        /// Keys and values of this segment's text: [B, C, H, K] each.
        var text: [Tensor]
        /// Keys and values of what was recalled for it; none without memory.
        var recalled: [Tensor]

        mutating func visit(_ visitor: StateVisitor) throws {
            try memory?.visit(visitor)
            try visitor.visit(&asked)
            for index in text.indices { try visitor.visit(&text[index]) }
            for index in recalled.indices { try visitor.visit(&recalled[index]) }
        }
    }

    init(_ p: Parameters, _ shape: TitansShape) {
        attention = WindowAttention(p.scope("attention"), shape)
        attentionNorm = p.rmsNorm("attention_norm", shape.width, epsilon: shape.epsilon)
        memory =
            shape.hasMemory
            ? (
                NeuralMemory(p.scope("memory"), shape.memory, initialiser: shape.initialiser),
                p.rmsNorm("memory_input_norm", shape.width, epsilon: shape.epsilon),
                p.rmsNorm("memory_norm", shape.width, epsilon: shape.epsilon)
            ) : nil
        output = p.linear("o_proj", shape.width, shape.width, initialiser: shape.initialiser)
        segment = shape.memory.chunk
    }

    func callAsFunction(_ x: Tensor) throws -> Tensor {
        let (rows, length) = (x.extent(0), x.extent(1))
        var state = initialState(rows: rows, scalarType: x.scalarType)
        var weights = memory.map { $0.core.initialWeights(rows: rows) }
        var momentum = state.memory?.fast.momentum
        var parts: [Tensor] = []
        for begin in stride(from: 0, to: length, by: segment) {
            try checkCancellation()
            let piece = x.sliced(axis: 1, begin ..< min(length, begin + segment))
            guard let memory, let start = weights, let carried = momentum, var inner = state.memory else {
                parts.append(combine(seen(piece, nil, position: begin, place: 0, &state), nil))
                continue
            }
            let recalled = memory.core.recall(piece, at: start, history: &state.asked)
            let y = seen(piece, recalled, position: begin, place: 0, &state)
            let (read, next) = memory.core.learn(memory.inputNorm(y), start, carried, history: &inner.history)
            (weights, momentum, state.memory) = (next.weights, next.momentum, inner)
            parts.append(combine(y, memory.norm(read)))
        }
        return concatenate(parts, axis: 1)
    }

    func initialState(rows: Int, scalarType: ScalarType) -> State {
        let empty = Tensor.zeros([rows, segment, attention.heads, attention.headWidth], scalarType)
        let inner = memory?.core.initialState(rows: rows, scalarType: scalarType)
        return State(
            memory: inner, asked: inner?.history[0] ?? .zeros([rows, 0, 1], scalarType), text: [empty, empty],
            recalled: memory == nil ? [] : [empty, empty])
    }

    func callAsFunction(_ x: Tensor, position: Int, _ state: inout State) throws -> Tensor {
        var surprises: [Tensor]?
        return serve(x, position: position, &state, &surprises)
    }

    /// Squared error of the memory's prediction for each token before it was learned: [B, T, H]; nil without memory.
    func surprise(_ x: Tensor) -> Tensor? {
        guard memory != nil else { return nil }
        var state = initialState(rows: x.extent(0), scalarType: x.scalarType)
        var surprises: [Tensor]? = []
        _ = serve(x, position: 0, &state, &surprises)
        return surprises.map { concatenate($0, axis: 1) }
    }

    private func serve(_ x: Tensor, position: Int, _ state: inout State, _ surprises: inout [Tensor]?) -> Tensor {
        let length = x.extent(1)
        var parts: [Tensor] = []
        var begin = 0
        while begin < length {
            let place = (position + begin) % segment
            let end = min(length, begin + segment - place)
            let piece = x.sliced(axis: 1, begin ..< end)
            if let memory, var inner = state.memory, let origin = inner.fast.origin {
                let recalled = memory.core.recall(piece, at: origin, history: &state.asked)
                let y = seen(piece, recalled, position: position + begin, place: place, &state)
                state.memory = nil  // so that it can be written in place
                let input = memory.inputNorm(y)
                if surprises == nil {
                    parts.append(combine(y, memory.norm(memory.core(input, position: position + begin, &inner))))
                } else {
                    let found = memory.core.watched(input, position: position + begin, &inner)
                    surprises?.append(found.surprise)
                    parts.append(combine(y, memory.norm(found.output)))
                }
                state.memory = inner
            } else {
                parts.append(combine(seen(piece, nil, position: position + begin, place: place, &state), nil))
            }
            begin = end
        }
        return concatenate(parts, axis: 1)
    }

    /// What attention gives for a piece [B, n, D] of a segment that begins at `place` in it, and keeps for the rest: [B, n, D].
    private func seen(_ x: Tensor, _ recalled: Tensor?, position: Int, place: Int, _ state: inout State) -> Tensor {
        let (rows, count) = (x.extent(0), x.extent(1))
        let end = place + count
        /// What the segment holds so far and this, which is kept with zeros behind.
        func joined(_ kept: inout Tensor, _ new: Tensor) -> Tensor {
            let all = place == 0 ? new : concatenate([kept.sliced(axis: 1, 0 ..< place), new], axis: 1)
            kept = (end < segment ? all.padded(axis: 1, before: 0, after: segment - end) : all).stopGradient()
            return all
        }
        var keys = attention.prefix(attention.key, rows: rows)
        var values = attention.prefix(attention.value, rows: rows)
        if let recalled {
            keys.append(joined(&state.recalled[0], attention.turned(attention.key(recalled), position)))
            values.append(joined(&state.recalled[1], attention.split(attention.value(recalled))))
        }
        let before = attention.persistentCount
        let text = before + (recalled == nil ? 0 : end)
        keys.append(joined(&state.text[0], attention.turned(attention.key(x), position)))
        values.append(joined(&state.text[1], attention.split(attention.value(x))))
        let visibility = Visibility(
            (place ..< end).map { i in
                (0 ..< before + (recalled == nil ? 0 : i + 1), text ..< text + i + 1)
            }, keyCount: text + end)
        return attention.read(x, position: position, keys, values, visibility)
    }

    private func combine(_ y: Tensor, _ read: Tensor?) -> Tensor {
        let normed = attentionNorm(y)
        return output(read.map { normed * $0.sigmoid() } ?? normed)
    }
}
