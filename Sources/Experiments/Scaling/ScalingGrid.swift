import Foundation
import PluginHost

/// Which sizes are trained for how long.
public struct ScalingGrid: Sendable, Equatable {
    /// One comparison of a study.
    public struct Cell: Sendable, Equatable {
        /// Parameters to be met within 5 %.
        public var size: Int
        /// Steps of each run.
        public var steps: Int
        /// Tokens of each run: a whole number of steps.
        public var tokens: Int

        /// 6 N D
        public var operations: Double { 6 * Double(size) * Double(tokens) }
        /// `300k-1M`, exact: cells that differ have names that differ.
        public var name: String { "\(ScalingGrid.text(size))-\(ScalingGrid.text(tokens))" }
    }

    /// Cheapest first, so that an interrupted study has something to show.
    public let cells: [Cell]

    /// More comparisons are nearly always a mistyped list.
    static let maximumCells = 400

    /// Every size with every token count, or, with `operations`, with the tokens that make each run cost that much.
    ///
    /// - Parameters:
    ///   - tokens: rounded down to whole steps of `batch` × `context`.
    ///   - operations: budgets of 6 N D each; not empty only when `tokens` is.
    /// - Throws: `ZooError` (`.usage`): empty or repeated values, less than one step, too many cells.
    public init(sizes: [Int], tokens: [Int], operations: [Double] = [], context: Int, batch: Int) throws {
        if let twice = ScalingGrid.repeated(sizes) {
            throw ZooError(.usage, "--sizes names \(SizeText.short(twice)) twice")
        }
        if let twice = ScalingGrid.repeated(tokens) {
            throw ZooError(.usage, "--tokens names \(SizeText.short(twice)) twice")
        }
        if let twice = ScalingGrid.repeated(operations) {
            throw ZooError(.usage, "--operations names \(ScalingText.operations(twice)) twice")
        }
        let step = batch * context
        var cells: [Cell] = []
        func add(_ size: Int, _ wanted: Double, _ option: String) throws {
            let steps = wanted / Double(step)
            guard steps >= 1 else {
                throw ZooError(
                    .usage, "\(option) is less than one step of \(batch) × \(context) tokens",
                    hint: "leave it out, or make --batch or --context smaller")
            }
            guard steps < 1e12 else { throw ZooError(.usage, "\(option) makes \(ScalingText.figure(steps)) steps") }
            let cell = Cell(size: size, steps: Int(steps), tokens: Int(steps) * step)
            if let other = cells.first(where: { $0.size == cell.size && $0.steps == cell.steps }) {
                throw ZooError(
                    .usage, "\(option) is the same number of whole steps as another: \(other.tokens) tokens",
                    hint: "leave one of them out")
            }
            cells.append(cell)
        }
        for size in sizes {
            for count in tokens { try add(size, Double(count), "--tokens \(SizeText.short(count))") }
            for budget in operations {
                try add(
                    size, (budget / (6 * Double(size))).rounded(),
                    "--operations \(ScalingText.operations(budget)) with \(SizeText.short(size)) parameters")
            }
        }
        guard !cells.isEmpty else { throw ZooError(.usage, "the grid is empty: give --sizes and --tokens") }
        guard cells.count <= ScalingGrid.maximumCells else {
            throw ZooError(.usage, "the grid has \(cells.count) configurations; at most \(ScalingGrid.maximumCells)")
        }
        self.cells = cells.sorted { ($0.operations, $0.size) < ($1.operations, $1.size) }
    }

    private static func repeated<Value: Hashable>(_ values: [Value]) -> Value? {
        var seen: Set<Value> = []
        return values.first { !seen.insert($0).inserted }
    }

    /// `300k` where that is exact, else all digits.
    static func text(_ count: Int) -> String {
        let short = SizeText.short(count)
        return SizeText.count(short) == count ? short : "\(count)"
    }
}
