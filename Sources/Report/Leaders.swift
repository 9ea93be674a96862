import Experiments

/// Which of several models leads in a figure, as far as its intervals can tell.
struct Leaders {
    /// One model's measurements.
    struct Entry {
        let model: String
        let interval: MeanInterval
    }

    enum Verdict: Equatable {
        /// The interval of the first overlaps no other.
        case clear(first: String, next: String)
        /// The first and those whose intervals overlap its own, the best mean first.
        case tied([String])
        /// Nobody to compare with.
        case alone(String)
        /// Too few models have more than one measurement.
        case unknown
    }

    /// The best mean first.
    let entries: [Entry]

    /// - Parameters:
    ///   - values: measurements by model; models without any are left out.
    ///   - areExact: a measurement is the whole truth, such as a size in bytes: one is enough.
    init(_ values: [(model: String, values: [Double])], lowerIsBetter: Bool, areExact: Bool = false) {
        let entries = values.compactMap { model, values in
            // The largest of equal measurements twice: an interval of no width.
            MeanInterval(areExact ? values.max().map { [$0, $0] } ?? [] : values).map { Entry(model: model, interval: $0) }
        }
        self.entries = entries.sorted {
            let (here, there) = ($0.interval.mean, $1.interval.mean)
            return here == there ? $0.model < $1.model : (here < there) == lowerIsBetter
        }
    }

    /// Models with one measurement beside others with several are not judged.
    var verdict: Verdict {
        let known = entries.filter { $0.interval.halfWidth != nil }
        if entries.count == 1 { return .alone(entries[0].model) }
        guard known.count > 1, let first = known.first else { return .unknown }
        let others = known.dropFirst().filter { first.interval.overlaps($0.interval) == true }
        if others.isEmpty { return .clear(first: first.model, next: known[1].model) }
        return .tied([first.model] + others.map(\.model))
    }

    /// Models that the verdict does not speak of, for want of a second measurement.
    var unjudged: [String] {
        verdict == .unknown || entries.count == 1 ? [] : entries.filter { $0.interval.halfWidth == nil }.map(\.model)
    }

    subscript(model: String) -> MeanInterval? { entries.first { $0.model == model }?.interval }
}
