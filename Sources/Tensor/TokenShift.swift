/// Which of two neighbouring tokens the weight of `tokenShift` belongs to.
public enum ShiftWeight {
    /// x + mix ⊙ (previous − x)
    case ofPrevious
    /// previous + mix ⊙ (x − previous)
    case ofCurrent
}

/// Each token mixed with the one before it, channel by channel (RWKV's token shift, arXiv:2305.13048, section 3.1.1).
///
/// - Parameters:
///   - x: [B, T, D]
///   - mix: [D], or D numbers of another shape such as [1, 1, D].
///   - weight: what `mix` is the share of.
///   - previous: [B, 1, D], the row before the first; nil stands for zeros. A constant: no gradient goes to it.
/// - Returns: [B, T, D]
/// - Complexity: three operations for each value.
public func tokenShift(_ x: Tensor, mix: Tensor, weight: ShiftWeight, after previous: Tensor? = nil) -> Tensor {
    let rows = ShiftedRows(x: x, mix: mix, keeps: weight == .ofCurrent, previous: previous)
    return rows.output().recorded(
        fused: [x, mix], reference: { Reference.tokenShift($0[0], mix: $0[1], weight: weight, after: previous) }
    ) { dy, into in
        let destination = into.destination(0, shape: x.shape, x.scalarType)
        let dx = destination?.tensor ?? Tensor(uninitialized: x.shape, x.scalarType)
        let parts = rows.parts()
        let adding = destination.map { !$0.isFresh } ?? false
        x.scalarType == .float32
            ? rows.backward(Float.self, dy, dx, adding: adding, parts)
            : rows.backward(Double.self, dy, dx, adding: adding, parts)
        if let sum = into.accumulator(1, shape: mix.shape, x.scalarType) { addParts(parts, to: sum) }
    }
}

/// The rows of each sequence cut into pieces.
private struct ShiftedRows {
    let x: Tensor, mix: Tensor, keeps: Bool, previous: Tensor?

    init(x: Tensor, mix: Tensor, keeps: Bool, previous: Tensor?) {
        precondition(
            x.rank == 3 && mix.count == x.shape[2] && (previous == nil || previous?.shape == [x.shape[0], 1, x.shape[2]]),
            "token shift of \(x.shape) by \(mix.shape) after \(previous?.shape ?? [])")
        (self.x, self.mix, self.keeps, self.previous) = (x, mix, keeps, previous?.stopGradient())
    }

    private var batches: Int { x.shape[0] }
    private var tokens: Int { x.shape[1] }
    private var width: Int { x.shape[2] }
    private var rowsInPart: Int { rowsInPiece(width: width) }
    private var partsInRow: Int { (tokens + rowsInPart - 1) / rowsInPart }

    /// Sums over rows, a part for each piece: [pieces, D].
    func parts() -> Tensor { .zeros([batches * partsInRow, width], x.scalarType) }

    /// The row before the piece that begins with token `first`.
    private func before<R: Real>(_: R.Type, _ batch: Int, _ first: Int) -> UnsafePointer<R>? {
        if first > 0 { return x.input(R.self) + (batch * tokens + first - 1) * width }
        return previous.map { $0.input(R.self) + batch * width }
    }

    func output() -> Tensor {
        let y = Tensor(uninitialized: x.shape, x.scalarType)
        x.scalarType == .float32 ? forward(Float.self, y) : forward(Double.self, y)
        return y
    }

    private func forward<R: Real>(_: R.Type, _ y: Tensor) {
        let (rowsInPart, partsInRow) = (self.rowsInPart, self.partsInRow)
        Execution.current.parallel(count: batches * partsInRow) { piece in
            let (batch, first) = (piece / partsInRow, piece % partsInRow * rowsInPart)
            let start = (batch * tokens + first) * width
            R.tokenShift(
                Int64(min(rowsInPart, tokens - first)), Int64(width), keeps ? 1 : 0, x.input(R.self) + start,
                before(R.self, batch, first), mix.input(R.self), y.pointer(R.self) + start)
        }
    }

    func backward<R: Real>(_: R.Type, _ dy: Tensor, _ dx: Tensor, adding: Bool, _ parts: Tensor) {
        let (rowsInPart, partsInRow) = (self.rowsInPart, self.partsInRow)
        Execution.current.parallel(count: batches * partsInRow) { piece in
            let (batch, first) = (piece / partsInRow, piece % partsInRow * rowsInPart)
            let count = min(rowsInPart, tokens - first)
            let start = (batch * tokens + first) * width
            let isLast = first + count == tokens
            R.tokenShiftBackward(
                Int64(count), Int64(width), keeps ? 1 : 0, x.input(R.self) + start, before(R.self, batch, first),
                mix.input(R.self), dy.input(R.self) + start, isLast ? nil : dy.input(R.self) + (start + count * width),
                adding ? 1 : 0, dx.pointer(R.self) + start, parts.pointer(R.self) + piece * width)
        }
    }
}
