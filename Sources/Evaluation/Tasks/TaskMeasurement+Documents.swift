#if canImport(Glibc)
    import Glibc
#endif

extension TaskMeasurement {
    /// What each document of a stream comes to with the earlier ones read before it and from a fresh start, in the longest tested rows. A model
    /// that reads in both directions sees the earlier documents and its own, never later ones. Empty where a task has no documents.
    ///
    /// - Throws: as `figure`.
    public func documents(progress: () throws -> Void = {}) throws -> [TaskDocumentFigure] {
        guard let size = task.documentLength, let length = task.testLengths.last else { return [] }
        let streams = TaskRows(task, key: TaskSource.rowKey).rows(0 ..< task.testRows, part: .test, length: length)
        return try (0 ..< length / size).compactMap { index in
            let range = index * size ..< (index + 1) * size
            guard streams.contains(where: { $0.targets[range].contains { $0 >= 0 } }) else { return nil }
            let carried = try answers(streams.map { TaskMeasurement.asking(range, of: $0, from: 0) }, progress: progress)
            let fresh = try answers(streams.map { TaskMeasurement.asking(range, of: $0, from: range.lowerBound) }, progress: progress)
            let count = Double(carried.asked)
            return TaskDocumentFigure(
                document: index + 1, carried: Double(carried.right) / count, fresh: Double(fresh.right) / count,
                carriedBits: carried.nats.map { $0 / count / log(2) }, freshBits: fresh.nats.map { $0 / count / log(2) },
                answers: carried.asked)
        }
    }

    /// The row from `start` to the end of `range`, asked in `range` alone.
    private static func asking(_ range: Range<Int>, of row: TaskExample, from start: Int) -> TaskExample {
        let tokens = Array(row.tokens[start ..< range.upperBound])
        let targets = (start ..< range.upperBound).map { range.contains($0) ? row.targets[$0] : -1 }
        return TaskExample(tokens: tokens, targets: targets)
    }
}
