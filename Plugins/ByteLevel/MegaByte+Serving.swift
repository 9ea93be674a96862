import Layers
import SequenceModel
import Tensor

/// The local transformer takes a step for each byte, the global one for each patch.
extension MegaByte {
    func initialState(rows: Int, scalarType: ScalarType) throws -> MegaByteState {
        MegaByteState(
            global: try global.makeCaches(rows: rows, scalarType: scalarType),
            local: try local.makeCaches(rows: rows, scalarType: scalarType),
            latent: .zeros([rows, c.patchSize, c.localHiddenSize], scalarType),
            open: [Int](repeating: 0, count: rows * c.patchSize))
    }

    func trunk(_ tokens: Tokens, position: Int, _ state: inout MegaByteState) throws -> Tensor {
        let size = c.patchSize
        if position == 0 { _ = try begin(patches: start(rows: tokens.rows), &state) }
        var parts: [Tensor] = []
        // Byte `position` + i stands at place (position + i) mod P; the row that it gives, at the place after that.
        let place = position % size
        let inOpen = min(tokens.length, size - 1 - place)
        if inOpen > 0 { parts.append(try continuePatch(tokens.columns(0 ..< inOpen), place: place, &state)) }
        var done = inOpen
        if done < tokens.length {
            // The byte at `done` completes the open patch; whole patches follow, then perhaps a part of one.
            let count = (tokens.length - done - 1) / size  // patches that end after that one
            let rest = tokens.columns(done ..< tokens.length)
            let complete = closed(rest.columns(0 ..< 1 + count * size), &state)  // [B, (count + 1) · P]
            let latents = try begin(patches: embed(patchesOf: complete), &state)  // [B, count + 1, P, D_L]
            if count > 0 {
                let whole = latents.sliced(axis: 1, 0 ..< count).reshaped([tokens.rows * count, size, c.localHiddenSize])
                let bytes = complete.columns(size ..< (count + 1) * size)
                let x = try local(whole + embed(shifted: bytes, count: count))
                parts.append(norm(x).reshaped([tokens.rows, count * size, c.localHiddenSize]))
            }
            done += 1 + count * size
            parts.append(try firstPlace(&state))
            if done < tokens.length { parts.append(try continuePatch(tokens.columns(done ..< tokens.length), place: 0, &state)) }
        }
        return concatenate(parts, axis: 1)
    }

    /// The global transformer reads [B, n, D_G] and opens as many patches, of which the last stays open: rows for the places of all of them,
    /// [B, n, P, D_L].
    private func begin(patches: Tensor, _ state: inout MegaByteState) throws -> Tensor {
        let (rows, count) = (patches.extent(0), patches.extent(1))
        let latents = projection(globalNorm(try global(patches, &state.global)))
            .reshaped([rows, count, c.patchSize, c.localHiddenSize])
        let type = latents.scalarType
        state.latent = latents.sliced(axis: 1, count - 1 ..< count).reshaped([rows, c.patchSize, c.localHiddenSize])
        state.local = try local.makeCaches(rows: rows, scalarType: type)
        state.open = [Int](repeating: 0, count: rows * c.patchSize)
        if state.global[0].length == 1 { _ = try firstPlace(&state) }  // byte 0 is not asked for
        return latents
    }

    /// The local transformer at the first place of the open patch: [B, 1, D_L].
    private func firstPlace(_ state: inout MegaByteState) throws -> Tensor {
        let rows = state.latent.extent(0)
        let none = Tokens(rows: rows, length: 1, ids: [Int32](repeating: Int32(c.vocabularySize), count: rows))
        return norm(try local(state.latent.sliced(axis: 1, 0 ..< 1) + embedding(none), &state.local))
    }

    /// The local transformer at the places after those of `tokens`, which stand from `place` on in the open patch: [B, n, D_L].
    private func continuePatch(_ tokens: Tokens, place: Int, _ state: inout MegaByteState) throws -> Tensor {
        for row in 0 ..< tokens.rows {
            for index in 0 ..< tokens.length {
                state.open[row * c.patchSize + place + index] = Int(tokens.ids[row * tokens.length + index])
            }
        }
        let latent = state.latent.sliced(axis: 1, place + 1 ..< place + 1 + tokens.length)
        return norm(try local(latent + embedding(tokens), &state.local))
    }

    /// The bytes of the open patch but for its last, and `tokens` behind them.
    private func closed(_ tokens: Tokens, _ state: inout MegaByteState) -> Tokens {
        let kept = c.patchSize - 1
        var ids: [Int32] = []
        for row in 0 ..< tokens.rows {
            ids += state.open[row * c.patchSize ..< row * c.patchSize + kept].map { Int32($0) }
            ids += tokens.ids[row * tokens.length ..< (row + 1) * tokens.length]
        }
        return Tokens(rows: tokens.rows, length: kept + tokens.length, ids: ids)
    }
}
