// Source: the chain rule over bits: p(byte) = Π p(bit j | bits before it, bytes before), the most significant bit first.
// Update: x = Σⱼ E[j, bit j]; a transformer over bytes; p(bit | prefix of bits) = σ(w_node · x), one node of a binary tree for each prefix.
// Checked against: a second model written out in double precision (`BitLevelTests`).
// Deviations: the bits of a byte are written from one step of the trunk, by the nodes of a tree, not by eight further steps.

import Layers
import PluginKit
import SequenceModel
import Tensor

final class BitLevel: SteppingModel {
    static let card = ModelCard(
        id: "bitlevel", name: "Bit level", family: "byte-level",
        summary: "A transformer over bytes that reads each as its bits and writes each bit by bit, so that no symbol has a vector of its own.",
        paper: "Chain rule over bits with a binary tree of decisions (hierarchical softmax: Morin and Bengio 2005)")

    let c: BitLevelConfiguration
    /// [2 · bits, D]: for each bit, most significant first, the vector of a 0 and that of a 1.
    let embedding: Parameter
    let blocks: [ByteBlock]
    let norm: RMSNorm
    /// D → 2^bits − 1: the nodes of the tree, level after level.
    let head: Linear
    var shape: ModelShape { ModelShape(vocabulary: c.vocabularySize, alphabet: c.vocabularySize) }

    init(_ c: BitLevelConfiguration, _ p: Parameters) throws {
        self.c = c
        let initialiser = Initialiser.normal(c.initializerRange)
        let model = p.scope("model")
        embedding = model.parameter("embed_bits.weight", shape: [2 * c.bits, c.hiddenSize], initialiser: initialiser)
        let shape = ByteBlock.Shape(
            width: c.hiddenSize, heads: c.headCount, keyValueHeads: c.headCount, hidden: c.intermediateSize, window: nil,
            epsilon: c.normEpsilon, inner: initialiser, back: .normal(c.initializerRange / (2 * Double(c.layerCount)).squareRoot()))
        let rotary = RotaryEmbedding(pairs: shape.headWidth / 2, theta: c.ropeTheta)
        blocks = model.layers("layers", c.layerCount) { p, _ in ByteBlock(p, shape, rotary: rotary) }
        norm = model.rmsNorm("norm", c.hiddenSize, epsilon: c.normEpsilon)
        head = p.linear("tree_head", c.hiddenSize, 1 << c.bits - 1, initialiser: initialiser)
    }

    /// [B, T] → [B, T, D]: the vectors of the bits, added.
    private func embed(_ tokens: Tokens) -> Tensor {
        var chosen = [Float](repeating: 0, count: tokens.count * 2 * c.bits)
        for (index, id) in tokens.ids.enumerated() {
            for bit in 0 ..< c.bits {
                chosen[(index * c.bits + bit) * 2 + Int(id >> Int32(c.bits - 1 - bit) & 1)] = 1
            }
        }
        let weight = embedding.tensor
        return matmul(Tensor(chosen, shape: [tokens.count, 2 * c.bits], type: weight.scalarType), weight)
            .reshaped([tokens.rows, tokens.length, c.hiddenSize])
    }

    func trunk(_ tokens: Tokens) throws -> Tensor { norm(try blocks(embed(tokens))) }

    /// ln p of each symbol: what the decisions on its path add up to, ln σ(z) where the bit is 1 and ln σ(−z) where it is 0.
    func logits(ofTrunk x: Tensor) -> Tensor {
        let leading = Array(x.shape.dropLast())
        let rows = leading.reduce(1, *)
        let nodes = head(x).reshaped([rows, head.outputs])
        var paths = Tensor.zeros([rows, 1, 1], x.scalarType)
        for level in 0 ..< c.bits {
            let width = 1 << level
            let z = nodes.sliced(axis: 1, width - 1 ..< 2 * width - 1).reshaped([rows, width, 1])
            let decisions = concatenate([-z.softplus(), -(-z).softplus()], axis: 2)  // [R, 2^level, 2]
            paths = (paths.reshaped([rows, width, 1]) + decisions).reshaped([rows, 2 * width])
        }
        return paths.sliced(axis: 1, 0 ..< c.vocabularySize).reshaped(leading + [c.vocabularySize])
    }

    func crossEntropy(
        _ tokens: Tokens, rows: [Int32], targets: [Int32], weights: [Double]?
    ) throws -> (sum: Tensor, nats: [Double]) {
        let nats = symbolNats(try logits(tokens, rows: rows), targets)
        let factors = weights.map { Tensor($0, shape: [targets.count], type: nats.scalarType) }
        return ((factors.map { nats * $0 } ?? nats).sum(), nats.toArray())
    }

    /// Keys and values of all that was read.
    struct State: ModelState {
        /// One for each layer.
        var caches: [KeyValueCache]

        mutating func visit(_ visitor: StateVisitor) throws {
            for layer in caches.indices { try caches[layer].visit(visitor) }
        }

        mutating func rewind(to position: Int, from length: Int) -> Bool {
            var shorter = caches
            for layer in shorter.indices where !shorter[layer].rewind(to: position) { return false }
            caches = shorter
            return true
        }
    }

    func initialState(rows: Int, scalarType: ScalarType) throws -> State {
        State(caches: try blocks.makeCaches(rows: rows, scalarType: scalarType))
    }

    func trunk(_ tokens: Tokens, position: Int, _ state: inout State) throws -> Tensor {
        norm(try blocks(embed(tokens), &state.caches))
    }
}

/// `crossEntropy` of the tensor library, whose name a method hides in models.
func symbolNats(_ logits: Tensor, _ targets: [Int32]) -> Tensor { crossEntropy(logits, targets: targets) }
