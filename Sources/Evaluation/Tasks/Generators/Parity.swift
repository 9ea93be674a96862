import SequenceModel

/// Bits: is the number of ones odd?
struct Parity: SequenceTask {
    static let about: TaskDescription = TaskDescription(
        name: "parity",
        summary: "Random bits: is the number of ones odd? Learned after every bit, tested after the last.",
        paper: "Unlocking State-Tracking in Linear RNNs Through Negative Eigenvalues (arXiv:2411.12537), table 2: learned at 3 to 40 bits, tested at 40 "
            + "to 256, scaled accuracy",
        parameters: [
            TaskParameter("min_length", 3, 1 ... TaskParameter.longest, "bits in the shortest training row"),
            TaskParameter("max_length", 40, 1 ... TaskParameter.longest, "bits in the longest training row"),
            TaskParameter.tests([40, 64, 128, 256], least: 1, unit: "bits"), TaskParameter.examples(0), TaskParameter.testExamples(),
            TaskParameter("every_bit", 1, 0 ... 1, "1: training asks for the parity so far after every bit, 0: after the last alone, as testing does"),
        ]
    ) { parameters in
        let (low, high) = (parameters["min_length"], parameters["max_length"])
        try requireParameter(low <= high, about.name, "min_length", low, allowed: "at most max_length, \(high)")
        return Parity(parameters: parameters)
    }

    let parameters: TaskParameters

    let vocabulary = 2
    let chance = 0.5
    let answersFollow = false
    var trainLengths: ClosedRange<Int> { parameters["min_length"] ... parameters["max_length"] }
    var testLengths: [Int] { Set(parameters.list("test_lengths")).sorted() }
    var trainingRows: Int { parameters["examples"] }
    var testRows: Int { parameters["test_examples"] }

    func example(length: Int, part: TaskPart, index: Int, stream: inout RandomStream) -> TaskExample {
        let bits = (0 ..< length).map { _ in Int32(stream.index(below: 2)) }
        var parity: Int32 = 0
        let asksAll = parameters["every_bit"] == 1 && part != .test
        let targets = bits.enumerated().map { place, bit in
            parity ^= bit
            return asksAll || place == length - 1 ? parity : -1
        }
        return TaskExample(tokens: bits, targets: targets)
    }
}
