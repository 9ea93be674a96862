import SequenceModel

/// A sum of products of digits, modulo a small number; with or without brackets.
struct ModularArithmetic: SequenceTask {
    static let about: TaskDescription = TaskDescription(
        name: "modular-arithmetic",
        summary: "Digits with +, − and × between them and =; the value modulo 5 is asked for.",
        paper: "Neural Networks and the Chomsky Hierarchy (arXiv:2207.02098) and arXiv:2411.12537, table 2: learned at 3 to 40, tested at 40 to 256",
        parameters: [
            TaskParameter("min_length", 3, 2 ... TaskParameter.longest, "symbols in the shortest training row"),
            TaskParameter("max_length", 40, 2 ... TaskParameter.longest, "symbols in the longest training row"),
            TaskParameter.tests([40, 64, 128, 256], least: 2), TaskParameter.examples(0), TaskParameter.testExamples(),
            TaskParameter("modulus", 5, 2 ... 1000, "digits are 0 up to one less"),
            TaskParameter("brackets", 0, 0 ... 1, "1: every operation stands in brackets, 0: × comes before + and −"),
        ]
    ) { parameters in
        let (low, high) = (parameters["min_length"], parameters["max_length"])
        try requireParameter(low <= high, about.name, "min_length", low, allowed: "at most max_length, \(high)")
        return ModularArithmetic(parameters: parameters)
    }

    let parameters: TaskParameters

    private var modulus: Int { parameters["modulus"] }
    /// Digits, then + − × = ( ).
    var vocabulary: Int { modulus + (parameters["brackets"] == 1 ? 6 : 4) }
    var chance: Double { 1 / Double(modulus) }
    let answersFollow = false
    var trainLengths: ClosedRange<Int> { parameters["min_length"] ... parameters["max_length"] }
    var testLengths: [Int] { Set(parameters.list("test_lengths")).sorted() }
    var trainingRows: Int { parameters["examples"] }
    var testRows: Int { parameters["test_examples"] }

    func example(length: Int, part: TaskPart, index: Int, stream: inout RandomStream) -> TaskExample {
        var tokens: [Int32]
        let value: Int
        if parameters["brackets"] == 1 {
            // (a op b) takes three symbols beside its parts: whole expressions have 1, 5, 9, … symbols.
            (tokens, value) = bracketed(operations: (length - 2) / 4, &stream)
        } else {
            (tokens, value) = flat(digits: length / 2, &stream)
        }
        tokens.append(Int32(modulus + 3))
        var targets = [Int32](repeating: -1, count: tokens.count)
        targets[tokens.count - 1] = Int32(value)
        return TaskExample(tokens: tokens, targets: targets)
    }

    private func apply(_ operation: Int, _ a: Int, _ b: Int) -> Int {
        let value = operation == 0 ? a + b : operation == 1 ? a - b : a * b
        return ((value % modulus) + modulus) % modulus
    }

    private func flat(digits: Int, _ stream: inout RandomStream) -> ([Int32], Int) {
        var product = stream.index(below: modulus)
        var tokens = [Int32(product)]
        var (sum, sign) = (0, 0)
        for _ in 1 ..< max(digits, 1) {
            let operation = stream.index(below: 3)
            let digit = stream.index(below: modulus)
            tokens += [Int32(modulus + operation), Int32(digit)]
            if operation == 2 {
                product = apply(2, product, digit)
            } else {
                sum = apply(sign, sum, product)
                (product, sign) = (digit, operation)
            }
        }
        return (tokens, apply(sign, sum, product))
    }

    private func bracketed(operations: Int, _ stream: inout RandomStream) -> ([Int32], Int) {
        guard operations > 0 else {
            let digit = stream.index(below: modulus)
            return ([Int32(digit)], digit)
        }
        let left = stream.index(below: operations)
        let (first, a) = bracketed(operations: left, &stream)
        let operation = stream.index(below: 3)
        let (second, b) = bracketed(operations: operations - 1 - left, &stream)
        return ([Int32(modulus + 4)] + first + [Int32(modulus + operation)] + second + [Int32(modulus + 5)], apply(operation, a, b))
    }

    func text(_ symbol: Int32) -> String {
        let sign = Int(symbol) - modulus
        return sign < 0 ? "\(symbol)" : ["+", "−", "×", "=", "(", ")"][min(sign, 5)]
    }
}
