import SequenceModel

/// Which positions of a batch are hidden in one evaluation, and what the nats found there count for.
struct NoiseDraw {
    /// ε: no time below it is drawn in training, where a position counts 1 / t.
    static let smallestTime = 1e-3

    /// [B, T] with hidden positions as the mask symbol.
    var tokens: [Int32]
    /// [B, T]: the symbol that is wanted where a target is hidden, −1 elsewhere.
    var targets: [Int32]
    /// [B, T]: factor that makes the sum over hidden positions an unbiased estimate of the bound on all of the row's targets.
    var weights: [Double]
    /// [B]: the part of the row that is hidden.
    var times: [Double]

    private init(_ batch: Batch) {
        tokens = batch.tokens
        targets = [Int32](repeating: -1, count: batch.tokens.count)
        weights = [Double](repeating: 0, count: batch.tokens.count)
        times = [Double](repeating: 0, count: batch.rows)
    }

    /// Training noise: in each row (with blocks: in each block) a time t from `times`, each target hidden with probability t and counted
    /// 1 / t. A single target is always hidden: nothing is left to chance.
    ///
    /// - Parameters:
    ///   - times: all of 0 ... 1 for the bound (but for ε); less (BD3-LM's clipped schedule) has a smaller variance and another mean.
    ///   - isStratified: low-discrepancy over all times of the batch, the i-th of n in (i, i + 1) / n; otherwise independent.
    ///
    /// Source: MDLM, arXiv:2406.07524, section 3.5 and appendix C; weights from the log-linear schedule α_t = 1 − t.
    static func training(
        _ batch: Batch, blockSize: Int, mask: Int32, times: ClosedRange<Double> = 0 ... 1, isStratified: Bool = true
    ) -> NoiseDraw {
        var draw = NoiseDraw(batch)
        var stream = batch.key.split("noise").stream
        let least = max(smallestTime, times.lowerBound)
        let groups = draw.groups(batch, blockSize: blockSize, mask: mask)
        for (index, group) in groups.enumerated() {
            let uniform = stream.uniform()
            let place = isStratified ? (Double(index) + uniform) / Double(groups.count) : uniform
            let time = group.positions.count == 1 ? 1 : (times.upperBound - least) * place + least
            draw.times[group.row] = time
            for position in group.positions where stream.uniform() < time {
                draw.hide(position, batch.targets[position], weight: 1 / time, mask)
            }
        }
        return draw
    }

    /// Scoring noise, without the bias of ε: k of a group's n targets are hidden, k uniform over 1 ... n, and each counts n / k.
    /// Sample `index` of `count` draws k from its own stratum. Unbiased for the bound, which is also the mean over all orders of
    /// filling in. Source: LLaDA, arXiv:2502.09992, appendix; Ou et al., arXiv:2406.03736.
    static func scoring(_ batch: Batch, sample index: Int, of count: Int, blockSize: Int, mask: Int32) -> NoiseDraw {
        var draw = NoiseDraw(batch)
        var stream = batch.key.split("score").split(UInt64(index)).stream
        for group in draw.groups(batch, blockSize: blockSize, mask: mask) {
            var positions = group.positions
            let n = positions.count
            let hidden = 1 + min(n - 1, Int((Double(index) + stream.uniform()) / Double(count) * Double(n)))
            for place in 0 ..< hidden {  // Fisher and Yates, as far as needed
                positions.swapAt(place, place + stream.index(below: n - place))
                draw.hide(positions[place], batch.targets[positions[place]], weight: Double(n) / Double(hidden), mask)
            }
            draw.times[group.row] = Double(hidden) / Double(n)
        }
        return draw
    }

    /// The part `part` of each row's targets hidden, at least one and at random.
    static func part(_ part: Double, of batch: Batch, mask: Int32) -> NoiseDraw {
        var draw = NoiseDraw(batch)
        var stream = batch.key.split("part").stream
        for row in 0 ..< batch.rows {
            var positions = (row * batch.length ..< (row + 1) * batch.length).filter { batch.targets[$0] >= 0 }
            let count = positions.count
            guard count > 0 else { continue }
            let hidden = max(1, Int((part * Double(count)).rounded()))
            for place in 0 ..< hidden {  // Fisher and Yates, as far as needed
                positions.swapAt(place, place + stream.index(below: count - place))
                draw.hide(positions[place], batch.targets[positions[place]], weight: 1, mask)
            }
            draw.times[row] = Double(hidden) / Double(batch.length)
        }
        return draw
    }

    /// Every target hidden at once.
    static func everything(_ batch: Batch, mask: Int32) -> NoiseDraw {
        var draw = NoiseDraw(batch)
        draw.times = draw.times.map { _ in 1 }
        for (position, target) in batch.targets.enumerated() where target >= 0 { draw.hide(position, target, weight: 1, mask) }
        return draw
    }

    private mutating func hide(_ position: Int, _ target: Int32, weight: Double, _ mask: Int32) {
        tokens[position] = mask
        targets[position] = target
        weights[position] = weight
    }

    /// Positions with a target that share a time. A row that already holds mask symbols gets no noise: what is hidden in it
    /// counts once.
    private mutating func groups(_ batch: Batch, blockSize: Int, mask: Int32) -> [(row: Int, positions: [Int])] {
        let length = batch.length
        var groups: [(row: Int, positions: [Int])] = []
        for row in 0 ..< batch.rows {
            let range = row * length ..< (row + 1) * length
            if batch.tokens[range].contains(mask) {
                for position in range where batch.tokens[position] == mask && batch.targets[position] >= 0 {
                    hide(position, batch.targets[position], weight: 1, mask)
                }
                continue
            }
            for start in stride(from: 0, to: length, by: blockSize > 0 ? blockSize : length) {
                let block = range.lowerBound + start ..< min(range.lowerBound + start + max(blockSize, 1), range.upperBound)
                let positions = (blockSize > 0 ? block : range).filter { batch.targets[$0] >= 0 }
                if !positions.isEmpty { groups.append((row, positions)) }
            }
        }
        return groups
    }
}
