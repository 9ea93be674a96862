import Experiments

/// What the models of a comparison have in common, in words.
enum MatchText {
    /// `1M parameters`, or what was matched in their place.
    static func size(_ budget: ComparisonBudget) -> String {
        budget.match?.text ?? "\(SizeText.short(budget.parameters)) parameters"
    }

    /// How sizes were found, and how near each model came; empty where parameters are equal.
    static func lines(_ results: ComparisonResults) -> [String] {
        guard let match = results.budget.match else { return [] }
        let models = results.rows.reduce(into: [ResultRow]()) { rows, row in
            if !rows.contains(where: { $0.model == row.model }) { rows.append(row) }
        }
        let parts = models.compactMap { row in
            row.matched.map { "\(row.model) \(match.text($0.value)) (\(MatchFigure.percent($0.deviation)))" }
        }
        return ["Sized to equal \(match.by.rawValue), \(match.text): \(parts.joined(separator: ", "))."] + [how(match.by)]
    }

    /// The same in one paragraph; where parameters are equal, that they are.
    static func method(_ results: ComparisonResults) -> String {
        let lines = lines(results)
        return lines.isEmpty ? "parameters, met within 5 %, counted by the host" : lines.joined(separator: " ")
    }

    /// What the quantity is.
    static func how(_ quantity: MatchTarget.Quantity) -> String {
        switch quantity {
        case .parameters: "parameters: counted by the host."
        case .operations:
            "operations: 6 for each parameter and training token, and 12 for each pair of positions that attention looks at, width and layer."
        case .state: "state: bytes of a saved session after a training context."
        case .time: "time: a training step on this machine, measured when the models were sized."
        }
    }
}
