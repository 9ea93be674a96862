import SequenceModel

/// What lies off a fitted law, taken apart and drawn anew: by how much the mean of a configuration misses the law, and by how much its seeds
/// miss that mean.
struct ResidualDraws {
    /// Index of the configuration of each point.
    private let membership: [Int]
    /// Mean residual of each configuration, made larger by what the fit took away from it.
    private let means: [Double]
    /// Of all points with sisters, off the mean of their configuration, made larger likewise; empty with one seed each.
    private let seeds: [Double]

    let configurations: Int

    /// - Parameter unknowns: numbers that were fitted.
    init(points: [ScalingPoint], residuals: [Double], unknowns: Int) {
        let cells = Set(points.map(\.cell)).sorted()
        let index = Dictionary(uniqueKeysWithValues: cells.enumerated().map { ($1, $0) })
        let membership = points.map { index[$0.cell] ?? 0 }
        var groups = [[Double]](repeating: [], count: cells.count)
        for (residual, cell) in zip(residuals, membership) { groups[cell].append(residual) }
        // Residuals are smaller than the errors they stand for: the fit has followed them with every one of its unknowns.
        let freedom = max(cells.count - unknowns, 1)
        let inflation = (Double(cells.count) / Double(freedom)).squareRoot()
        let centres = groups.map { $0.reduce(0, +) / Double(max($0.count, 1)) }
        means = centres.map { $0 * inflation }
        seeds = zip(groups, centres).flatMap { group, centre in
            group.count > 1 ? group.map { ($0 - centre) * (Double(group.count) / Double(group.count - 1)).squareRoot() } : []
        }
        self.membership = membership
        configurations = cells.count
    }

    /// A residual for each point. The mean residual is drawn as it is: with several seeds it holds their noise too, so what is drawn for a seed is
    /// taken off its mean over the configuration.
    func sample(_ stream: inout RandomStream) -> [Double] {
        let centres = (0 ..< configurations).map { _ in draw(means, &stream) }
        guard !seeds.isEmpty else { return membership.map { centres[$0] } }
        let offsets = membership.map { _ in draw(seeds, &stream) }
        var sums = [Double](repeating: 0, count: configurations)
        var counts = [Double](repeating: 0, count: configurations)
        for (offset, cell) in zip(offsets, membership) {
            sums[cell] += offset
            counts[cell] += 1
        }
        return zip(membership, offsets).map { cell, offset in
            centres[cell] + (counts[cell] > 1 ? offset - sums[cell] / counts[cell] : 0)
        }
    }

    /// The mean residual of a configuration that was not there.
    func newConfiguration(_ stream: inout RandomStream) -> Double { draw(means, &stream) }

    /// One of the values, its sign by chance too: nothing says that laws are missed on one side more than on the other, and few values
    /// should not pretend to.
    private func draw(_ values: [Double], _ stream: inout RandomStream) -> Double {
        let value = values[stream.index(below: max(values.count, 1))]
        return stream.next() & 1 == 0 ? value : -value
    }
}
