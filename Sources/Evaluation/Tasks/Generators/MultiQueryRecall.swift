#if canImport(Glibc)
    import Glibc
#endif
import SequenceModel

/// Multi-query associative recall: all pairs first, then each key once, near its pair more often than far from it.
struct MultiQueryRecall: ParameterTask {
    static let about: TaskDescription = TaskDescription(
        name: "mqar",
        summary: "Pairs of a key and a value; later every key returns once, soon more often than late, and its value is asked for.",
        paper: "Zoology (arXiv:2312.04927), figure 2: 8,192 symbols; (length, pairs) = (64, 4), (128, 8), (256, 16), (512, 64); 100,000 rows; gaps "
            + "drawn without replacement with weight i^(power − 1), empty symbols elsewhere",
        parameters: TaskParameter.shared(length: 64, tests: [64, 128, 256], least: 4, examples: 100_000, testExamples: 3000) + [
            TaskParameter("pairs", 4, 1 ... 1 << 18, "pairs of a key and a value, each asked for once"),
            TaskParameter("vocabulary", 8192, 4 ... 1 << 24, "symbols: 0 is empty, keys lie below the half, values above"),
            TaskParameter("power", 1, 1 ... 100, "hundredths: how evenly gaps are spread; 100 is uniform"),
        ]
    ) { parameters in
        let (pairs, vocabulary) = (parameters["pairs"], parameters["vocabulary"])
        try requireParameter(pairs < vocabulary / 2, about.name, "pairs", pairs, allowed: "1 to \(vocabulary / 2 - 1), the keys that there are")
        try requireParameter(
            parameters["length"] >= 4 * pairs, about.name, "length", parameters["length"], allowed: "at least 4 × pairs, \(4 * pairs)")
        try requireLengths(parameters.list("test_lengths"), about.name, allowed: "at least 4 × pairs, \(4 * pairs)") { $0 >= 4 * pairs }
        return MultiQueryRecall(parameters: parameters)
    }

    let parameters: TaskParameters

    var vocabulary: Int { parameters["vocabulary"] }
    var chance: Double { 1 / Double(vocabulary - vocabulary / 2) }

    func example(length: Int, part: TaskPart, index: Int, stream: inout RandomStream) -> TaskExample {
        let pairs = parameters["pairs"]
        let half = vocabulary / 2
        let keys = MultiQueryRecall.distinct(pairs, below: half - 1, &stream).map { Int32(1 + $0) }
        let values = MultiQueryRecall.distinct(pairs, below: vocabulary - half, &stream).map { Int32(half + $0) }
        let context = 2 * pairs
        var row = TaskExample(
            tokens: [Int32](repeating: 0, count: length / 2 * 2), targets: [Int32](repeating: -1, count: length / 2 * 2))
        for (place, gap) in gaps(pairs, among: (length - context) / 2, &stream).enumerated() {
            row.tokens[2 * place] = keys[place]
            row.tokens[2 * place + 1] = values[place]
            row.tokens[context + 2 * gap] = keys[place]
            row.targets[context + 2 * gap] = values[place]
        }
        return row
    }

    /// Distinct places, drawn one after another with weight (i + 1)^(a − 1): those with the smallest exponential times (Efraimidis and
    /// Spirakis 2006).
    private func gaps(_ count: Int, among space: Int, _ stream: inout RandomStream) -> [Int] {
        let exponent = Double(parameters["power"]) / 100 - 1
        let times = (0 ..< space).map { place in (-log(1 - stream.uniform()) / pow(Double(place + 1), exponent), place) }
        return times.sorted { $0 < $1 }.prefix(count).map(\.1)
    }

    /// Distinct numbers below `bound`, which is at least `count`: the beginning of a shuffle.
    static func distinct(_ count: Int, below bound: Int, _ stream: inout RandomStream) -> [Int] {
        var moved: [Int: Int] = [:]
        return (0 ..< count).map { place in
            let other = place + stream.index(below: bound - place)
            let chosen = moved[other] ?? other
            moved[other] = moved[place] ?? place
            return chosen
        }
    }

    func text(_ symbol: Int32) -> String { symbol == 0 ? "·" : "\(symbol)" }
}
