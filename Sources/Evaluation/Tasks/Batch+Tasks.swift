public import SequenceModel

extension Batch {
    /// Rows of a task in the form that a model reads.
    ///
    /// A model of the next symbol reads the tokens and is asked at each place for what is wanted after it: [B, T]. A model whose targets are in
    /// place reads the answers too, each in the place after the one that it belongs to, where nothing but the answer is asked for.
    /// Rows that come out shorter than the longest are filled up with symbol 0, of which nothing is wanted.
    ///
    /// - Parameter everywhere: every symbol after the first is a target.
    public init(
        examples: [TaskExample], of task: any SequenceTask, everywhere: Bool = false, targetsInPlace: Bool,
        key: RandomKey = RandomKey(seed: 0)
    ) {
        let rows = examples.map { example in
            targetsInPlace
                ? Batch.inPlace(example, answersFollow: task.answersFollow, everywhere: everywhere)
                : Batch.following(example, everywhere: everywhere)
        }
        let length = rows.map(\.tokens.count).max() ?? 0
        var tokens: [Int32] = []
        var targets: [Int32] = []
        for row in rows {
            let rest = length - row.tokens.count
            tokens += row.tokens + [Int32](repeating: 0, count: rest)
            targets += row.targets + [Int32](repeating: -1, count: rest)
        }
        self.init(rows: rows.count, length: length, tokens: tokens, targets: targets, key: key)
    }

    private static func following(_ example: TaskExample, everywhere: Bool) -> TaskExample {
        guard everywhere else { return example }
        var targets = example.targets
        for place in targets.indices.dropLast() where targets[place] < 0 { targets[place] = example.tokens[place + 1] }
        return TaskExample(tokens: example.tokens, targets: targets)
    }

    private static func inPlace(_ example: TaskExample, answersFollow: Bool, everywhere: Bool) -> TaskExample {
        var row = TaskExample(tokens: [], targets: [])
        var answer: Int32 = -1
        func add(_ token: Int32, _ target: Int32) {
            row.tokens.append(token)
            row.targets.append(target >= 0 || !everywhere || row.targets.isEmpty ? target : token)
        }
        for (token, target) in zip(example.tokens, example.targets) {
            // The place after a question is the answer's.
            add(answer >= 0 ? answer : token, answer)
            answer = -1
            if target >= 0, !answersFollow { add(target, target) } else { answer = target }
        }
        if answer >= 0 { add(answer, answer) }
        return row
    }
}
