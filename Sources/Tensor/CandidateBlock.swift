/// Some neighbouring candidates of one head of one sequence: row r sees keys 0 ..< `seen` + r and its own.
///
/// With s = scale q kᵀ, P = softmax(s) (own key included), o = P v, the way back has
///     dP = dy vᵀ,   D = Σ P dP,   dS = P (dP − D),   dq = scale dS k
/// and, for L = ⟨gq, dq⟩ + ⟨gk*, dk*⟩ + ⟨gv*, dv*⟩ (* own: its column of each matrix, kept apart), the way back of that
///     G = ∂L/∂dS,   ρ = Σ G P,   H = ∂L/∂dP = P (G − ρ),   N = ∂L/∂P = G (dP − D) − ρ dP,   W = ∂L/∂s = P (N − Σ P N).
struct CandidateBlock<R: Real> {
    /// Candidates in a block, at most.
    static var rows: Int { 32 }

    /// Candidates here.
    let count: Int
    /// K
    let width: Int
    /// From one row of q, keys or values to the next.
    let step: Int
    let seen: Int
    let scale: R
    let q: R.In, ownKey: R.In, ownValue: R.In
    let keys: R.In, values: R.In
    /// Where the first candidate, and the first key, are in their tensors.
    let start: Int, startOfKeys: Int
    /// Numbers in a row of a scratch matrix: more than the keys that any candidate sees.
    let stride: Int
    let scratch: R.Out

    static func scratchCount(rows: Int, stride: Int, matrices: Int) -> Int { matrices * rows * stride + 3 * rows + stride }

    /// The rows of this block in a tensor of q's shape, `part` numbers further on.
    func at(_ tensor: Tensor, part: Int = 0) -> R.Out { tensor.pointer(R.self) + (start + part) }
    /// The rows of this head in a tensor of the shape of the keys.
    func context(_ tensor: Tensor) -> R.Out { tensor.pointer(R.self) + startOfKeys }

    /// Keys that the last candidate sees: columns that have to be computed.
    private var columns: Int { seen + count - 1 }
    private func matrix(_ index: Int) -> R.Out { scratch + index * Swift.min(Self.rows, count) * stride }
    private var p: R.Out { matrix(0) }
    private var d: R.Out { matrix(1) }
    private var g: R.Out { matrix(2) }
    private var w: R.Out { matrix(3) }

    private func dot(_ count: Int, _ a: R.In, _ b: R.In) -> R {
        var result = R(0)
        R.gemv(1, Int64(count), a, Int64(count), b, 0, &result)
        return result
    }

    /// matrix[r, j] = factor · rows[r] · some[j]
    private func products(_ factor: R, _ rows: R.In, _ some: R.In, into matrix: R.Out) {
        guard columns > 0 else { return }
        R.gemm(
            0, 1, Int64(count), Int64(columns), Int64(width), factor, rows, Int64(step), some, Int64(step), 0, matrix,
            Int64(stride))
    }

    /// rows[r] = factor · Σⱼ matrix[r, j] some[j]
    private func mix(_ factor: R, _ matrix: R.In, _ some: R.In, into rows: R.Out) {
        guard columns > 0 else {
            for row in 0..<count { R.fill(Int64(width), 0, rows + row * step) }
            return
        }
        R.gemm(
            0, 0, Int64(count), Int64(width), Int64(columns), factor, matrix, Int64(stride), some, Int64(step), 0, rows,
            Int64(step))
    }

    /// some[j] += factor · Σᵣ matrix[r, j] rows[r]
    private func spread(_ factor: R, _ matrix: R.In, _ rows: R.In, adding some: R.Out) {
        guard columns > 0 else { return }
        R.gemm(
            1, 0, Int64(columns), Int64(width), Int64(count), factor, matrix, Int64(stride), rows, Int64(step), 1, some,
            Int64(step))
    }

    /// P into `p`, zero where nothing is seen; returns the column of the own keys.
    private func probabilities() -> [R] {
        products(scale, q, keys, into: p)
        return (0..<count).map { row in
            let (line, seen) = (p + row * stride, seen + row)
            line[seen] = scale * dot(width, q + row * step, ownKey + row * step)
            R.softmax(1, Int64(seen + 1), line, line)
            let own = line[seen]
            R.fill(Int64(columns - seen), 0, line + seen)
            return own
        }
    }

    func output(_ o: R.Out) {
        let own = probabilities()
        mix(1, p, values, into: o)
        for row in 0..<count { R.accumulate(Int64(width), own[row], ownValue + row * step, o + row * step) }
    }

    /// `own`: where the slopes of q, own keys and own values go. Leaves P in `p` and dS in `d`.
    func slopes(_ dy: R.In, _ own: [R.Out]) {
        let probability = probabilities()
        products(1, dy, values, into: d)
        var ownSlopes: [R] = []
        for row in 0..<count {
            let (p, d, dy) = (p + row * stride, d + row * stride, dy + row * step)
            let ownD = dot(width, dy, ownValue + row * step)
            let mean = dot(columns, p, d) + probability[row] * ownD
            R.addScalar(Int64(columns), -mean, d, d)
            R.multiplyValues(Int64(columns), p, d, d)
            ownSlopes.append(scale * probability[row] * (ownD - mean))
        }
        mix(scale, d, keys, into: own[0])
        for row in 0..<count {
            let at = row * step
            R.accumulate(Int64(width), ownSlopes[row], ownKey + at, own[0] + at)
            R.scale(Int64(width), ownSlopes[row], q + at, own[1] + at)
            R.scale(Int64(width), probability[row], dy + at, own[2] + at)
        }
    }

    /// After `slopes`: adds those of keys and values.
    func addContextSlopes(_ dy: R.In, _ dKeys: R.Out, _ dValues: R.Out) {
        spread(scale, d, q, adding: dKeys)
        spread(1, p, dy, adding: dValues)
    }

    /// - Parameters:
    ///   - given: gq, gk*, gv*.
    ///   - own: where the slopes of dy, q, own keys and own values go.
    ///   - context: where those of keys and values are added to; empty: nowhere.
    func secondSlopes(_ dy: R.In, _ given: [R.Out], _ own: [R.Out], _ context: [R.Out]) {
        let probability = probabilities()
        products(1, dy, values, into: d)
        products(scale, given[0], keys, into: g)
        let n = Int64(columns)
        let line = scratch + 4 * Swift.min(Self.rows, count) * stride
        var columnsOfOwn: [(h: R, w: R, s: R)] = []
        for row in 0..<count {
            let (p, d, g, w, at) = (p + row * stride, d + row * stride, g + row * stride, w + row * stride, row * step)
            let share = probability[row]
            let ownD = dot(width, dy + at, ownValue + at)
            let ownG = scale * (dot(width, given[0] + at, ownKey + at) + dot(width, given[1] + at, q + at))
            let mean = dot(columns, p, d) + share * ownD
            let rho = dot(columns, p, g) + share * ownG
            R.addScalar(n, -mean, d, line)  // dP − D
            R.multiplyValues(n, g, line, w)
            R.accumulate(n, -rho, d, w)  // N
            let ownN = ownG * (ownD - mean) - rho * ownD + dot(width, given[2] + at, dy + at)
            let meanN = dot(columns, p, w) + share * ownN
            R.addScalar(n, -meanN, w, w)
            R.multiplyValues(n, p, w, w)  // W
            R.multiplyValues(n, p, line, d)  // dS
            R.addScalar(n, -rho, g, g)
            R.multiplyValues(n, p, g, g)  // H
            columnsOfOwn.append((share * (ownG - rho), share * (ownN - meanN), share * (ownD - mean)))
        }
        mix(1, g, values, into: own[0])
        mix(scale, w, keys, into: own[1])
        for row in 0..<count {
            let (at, k, column) = (row * step, Int64(width), columnsOfOwn[row])
            R.accumulate(k, column.h, ownValue + at, own[0] + at)
            R.accumulate(k, probability[row], given[2] + at, own[0] + at)
            R.accumulate(k, scale * column.w, ownKey + at, own[1] + at)
            R.accumulate(k, scale * column.s, given[1] + at, own[1] + at)
            R.scale(k, scale * column.s, given[0] + at, own[2] + at)
            R.accumulate(k, scale * column.w, q + at, own[2] + at)
            R.scale(k, column.h, dy + at, own[3] + at)
        }
        guard context.count == 2 else { return }
        spread(scale, d, given[0], adding: context[0])
        spread(scale, w, q, adding: context[0])
        spread(1, g, dy, adding: context[1])
    }
}
