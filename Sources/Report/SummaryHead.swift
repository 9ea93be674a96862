import Experiments

/// The two-line heading of the table of results.
struct SummaryHead {
    private struct Column {
        /// Empty for the plot.
        let title: String
        let sort: String
    }

    private struct Group {
        /// Empty where the columns need no common heading.
        let title: String
        var note = ""
        let columns: [Column]
    }

    private let groups: [Group]

    init(isRanked: Bool, hasBest: Bool, hasTime: Bool, hasOperations: Bool, contexts: [Int]) {
        var groups: [Group] = isRanked ? [Group(title: "", columns: [Column(title: "Rank", sort: "ascending")])] : []
        groups.append(Group(title: "", columns: [Column(title: "Model", sort: "ascending")]))
        var bits = [Column(title: "test text", sort: "ascending"), Column(title: "", sort: "")]
        if hasBest { bits.append(Column(title: "above best", sort: "ascending")) }
        groups.append(Group(title: "Bits per byte", columns: bits))
        groups.append(Group(title: "", columns: [Column(title: "Parameters", sort: "descending")]))
        var training = hasOperations ? [Column(title: "operations", sort: "ascending")] : []
        training.append(Column(title: "tokens/s", sort: "descending"))
        if hasTime { training.append(Column(title: "time", sort: "ascending")) }
        training.append(Column(title: "memory", sort: "ascending"))
        groups.append(Group(title: "Training", columns: training))
        if !contexts.isEmpty {
            let names = contexts.map { "at \(SizeText.context($0))" }
            groups.append(
                Group(
                    title: "Decoding", note: "tokens/s", columns: names.map { Column(title: $0, sort: "descending") }))
            groups.append(Group(title: "State", columns: names.map { Column(title: $0, sort: "ascending") }))
        }
        groups.append(Group(title: "", columns: [Column(title: "Status", sort: "ascending")]))
        self.groups = groups
    }

    /// Columns of the table.
    var count: Int { groups.reduce(0) { $0 + $1.columns.count } }

    var html: String {
        var first = ""
        var second = ""
        var index = 0
        for group in groups {
            if !group.title.isEmpty {
                let note = group.note.isEmpty ? "" : " <span class=\"unit\">\(group.note)</span>"
                first +=
                    "<th scope=\"colgroup\" class=\"group\" colspan=\"\(group.columns.count)\">\(group.title)\(note)</th>"
            }
            for column in group.columns {
                let left = column.title == "Model" || column.title == "Status" ? " class=\"left\"" : ""
                let cell =
                    column.title.isEmpty
                    ? "<td></td>"
                    : "<th scope=\"col\"\(left) data-column=\"\(index)\" data-sort=\"\(column.sort)\"\(group.title.isEmpty ? " rowspan=\"2\"" : "")>\(column.title)</th>"
                if group.title.isEmpty { first += cell } else { second += cell }
                index += 1
            }
        }
        return "<thead><tr>\(first)</tr><tr>\(second)</tr></thead>"
    }
}
