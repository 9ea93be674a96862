public import SequenceModel

/// What the host sees in a model's declared tensors.
public enum ParameterSummary {
    /// Values in all of them; tied ones count once.
    public static func count(_ declarations: [ParameterDeclaration]) -> Int {
        declarations.reduce(0) { $0 + ($1.tiedTo == nil ? $1.count : 0) }
    }

    /// How they get their first values, most values first: `normal(0, 0.02) for 12 tensors (92 % of the values), ones for 9 (1 %)`.
    public static func initialisation(_ declarations: [ParameterDeclaration]) -> String {
        let own = declarations.filter { $0.tiedTo == nil }
        let total = max(count(own), 1)
        var groups: [(name: String, tensors: Int, values: Int)] = []
        for declaration in own {
            let name = describe(declaration.initialiser)
            if let index = groups.firstIndex(where: { $0.name == name }) {
                groups[index].tensors += 1
                groups[index].values += declaration.count
            } else {
                groups.append((name, 1, declaration.count))
            }
        }
        return groups.sorted { ($1.values, $0.name) < ($0.values, $1.name) }.map { group in
            let share = 100 * Double(group.values) / Double(total)
            let percent = share < 1 ? "< 1 %" : "\(Int(share.rounded())) %"
            return
                "\(group.name) for \(group.tensors) \(group.tensors == 1 ? "tensor" : "tensors") (\(percent) of the values)"
        }.joined(separator: ", ")
    }

    /// What the model asks of the optimizer: `weight decay on 9 of 12 tensors (98 % of the values); learning rate × 2 for
    /// blocks.0.att.w0 and 3 more; 1 tensor not trained`. Tied tensors count once.
    public static func optimizer(_ declarations: [ParameterDeclaration]) -> String {
        let own = declarations.filter { $0.tiedTo == nil }
        let trained = own.filter { !$0.isBuffer }
        let decayed = trained.filter(\.weightDecay)
        let share = Int((100 * Double(count(decayed)) / Double(max(count(trained), 1))).rounded())
        var parts = ["weight decay on \(decayed.count) of \(trained.count) tensors (\(share) % of the values)"]
        for multiplier in Set(trained.map(\.learningRateMultiplier)).sorted() where multiplier != 1 {
            let names = trained.filter { $0.learningRateMultiplier == multiplier }.map(\.name)
            parts.append("learning rate × \(short(multiplier)) for \(names[0])" + (names.count > 1 ? " and \(names.count - 1) more" : ""))
        }
        let fixed = own.count - trained.count
        if fixed > 0 { parts.append("\(fixed) \(fixed == 1 ? "tensor" : "tensors") not trained") }
        return parts.joined(separator: "; ")
    }

    private static func describe(_ initialiser: Initialiser) -> String {
        switch initialiser {
        case .constant(0): "zeros"
        case .constant(1): "ones"
        case .constant(let value): "the constant \(short(value))"
        case .normal(let mean, let deviation): "normal(\(short(mean)), \(short(deviation)))"
        case .uniform(let low, let high): "uniform(\(short(low)), \(short(high)))"
        case .custom: "the model's own values"
        }
    }

    /// Three significant digits.
    private static func short(_ value: Double) -> String {
        guard value != 0, value.isFinite else { return value == 0 ? "0" : "\(value)" }
        var scale = 1.0
        while abs(value) * scale < 100, scale < 1e12 { scale *= 10 }
        let rounded = (value * scale).rounded() / scale
        return rounded == rounded.rounded() && abs(rounded) < 1e9 ? "\(Int(rounded))" : "\(rounded)"
    }
}
