import Layers
import SequenceModel
import Tensor

/// Local transformers step for each byte, the global one for each patch that ends.
extension Blt {
    func initialState(rows: Int, scalarType: ScalarType) throws -> BltState {
        let width = c.encoder.hiddenSize
        return BltState(
            patcher: try patcher?.blocks.makeCaches(rows: rows, scalarType: scalarType) ?? [],
            encoder: try encoder.makeCaches(rows: rows, scalarType: scalarType),
            decoder: try decoder.makeCaches(rows: rows, scalarType: scalarType),
            recent: [Int](repeating: 0, count: rows * HashedGroups.reach(of: c.hashGroupSizes)),
            rows: try (0 ..< rows).map { _ in
                BltState.Row(
                    global: try global.makeCaches(rows: 1, scalarType: scalarType), latent: .zeros([c.latentCount, width], scalarType))
            })
    }

    func trunk(_ tokens: Tokens, position: Int, _ state: inout BltState) throws -> Tensor {
        let ids = ids(of: tokens)
        let (rows, length, width) = (ids.rows, ids.length, c.encoder.hiddenSize)
        var entropies: [Double]?
        if let patcher { entropies = patcher.entropies(ofTrunk: try patcher.trunk(ids, &state.patcher)) }
        let known = remembered(ids, &state.recent)
        let bytes = try encoder(embed(known, last: length), &state.encoder)  // [B, T, D_L]
        var keys: [Tensor] = []
        var seen: [Range<Int>] = []
        for row in 0 ..< rows {
            let own = bytes.sliced(axis: 0, row ..< row + 1).reshaped([length, width])
            let first = keys.reduce(0) { $0 + $1.extent(0) }
            let ended = try read(own, ids, row, position: position, entropies, &state.rows[row])
            keys += ended.latents
            seen += ended.latest.map { first + $0 * c.latentCount ..< first + ($0 + 1) * c.latentCount }
        }
        let h = try decode(bytes.reshaped([rows * length, width]), concatenate(keys, axis: 0), seen) { layer, h in
            try decoder[layer](h.reshaped([rows, length, width]), &state.decoder[layer]).reshaped([rows * length, width])
        }
        return h.reshaped([rows, length, width])
    }

    /// The global transformer reads the patches of a row that end in the bytes [T, D_L].
    ///
    /// - Returns: what the decoder reads of the patch before and of these, [(1 + n) · k, D_L] in parts, and for each byte the number of the
    ///   last one that has ended, counted from the patch before.
    private func read(
        _ bytes: Tensor, _ ids: Tokens, _ row: Int, position: Int, _ entropies: [Double]?, _ state: inout BltState.Row
    ) throws -> (latents: [Tensor], latest: [Int]) {
        let length = ids.length
        let before = state.open.length
        var segments: [Range<Int>] = []
        var latest: [Int] = []
        var begin = 0  // counted over the open patch and `bytes`
        for index in 0 ..< length {
            let place = row * length + index
            if rule.ends(&state.open, position: position + index, id: ids.ids[place], entropy: entropies?[place] ?? 0) {
                segments.append(begin ..< before + index + 1)
                begin = before + index + 1
            }
            latest.append(segments.count)
        }
        let all = state.bytes.map { concatenate([$0, bytes], axis: 0) } ?? bytes  // [before + T, D_L]
        let end = before + length
        state.bytes = begin == end ? nil : all.sliced(axis: 0, begin ..< end).independent()
        let last = state.latent
        guard !segments.isEmpty else { return ([last], latest) }
        let pooled = pool(all, segments).reshaped([1, segments.count, c.latentCount * c.encoder.hiddenSize])
        let found = latents(try global(widening.map { $0(pooled) } ?? pooled, &state.global))
            .reshaped([segments.count * c.latentCount, c.encoder.hiddenSize])
        state.latent = found.sliced(axis: 0, found.extent(0) - c.latentCount ..< found.extent(0)).independent()
        return ([last, found], latest)
    }

    /// `ids` with those before them that groups reach back to; these are then the last of `ids`.
    private func remembered(_ ids: Tokens, _ recent: inout [Int]) -> Tokens {
        let reach = recent.count / ids.rows
        var all: [Int32] = []
        var last: [Int] = []
        for row in 0 ..< ids.rows {
            let own = recent[row * reach ..< (row + 1) * reach].map { Int32($0) } + ids.ids[row * ids.length ..< (row + 1) * ids.length]
            all += own
            last += own.suffix(reach).map { Int($0) }
        }
        recent = last
        return Tokens(rows: ids.rows, length: reach + ids.length, ids: all)
    }
}

extension Tensor {
    /// The same values in memory of their own: a slice keeps all of what it was cut from.
    fileprivate func independent() -> Tensor { self + 0 }
}
