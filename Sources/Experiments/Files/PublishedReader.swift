import Evaluation
import SequenceModel

/// Reads `[[comparison.published]]`: figures of papers that the comparison is to give again.
enum PublishedReader {
    static let keys = ["model", "task", "length", "measure", "value", "band", "source"]

    /// The figures of one comparison; what is wrong goes to the list of problems.
    ///
    /// - Parameters:
    ///   - models: that are compared.
    ///   - tasks: that they are compared on; empty: on text.
    static func read(_ table: TableReader, models: [String], tasks: [TaskSpecification]) -> [PublishedFigure] {
        let items = table.value("published", "tables that begin with [[comparison.published]]") { value -> [JSONObject]? in
            guard let items = value.arrayValue else { return nil }
            let tables = items.compactMap(\.objectValue)
            return tables.count == items.count ? tables : nil
        }
        return (items ?? []).enumerated().compactMap { index, object in
            let own = TableReader(object: object, path: "\(table.name("published"))[\(index)]", problems: table.problems)
            own.check(known: keys)
            return figure(own, models: models, tasks: tasks)
        }
    }

    private static func figure(_ table: TableReader, models: [String], tasks: [TaskSpecification]) -> PublishedFigure? {
        for key in ["model", "value", "band", "source"] where table.object[key] == nil {
            table.problems.add("\(table.name(key)) is missing")
        }
        let model = table.value("model", "one of \(models.joined(separator: ", "))") { value in
            value.stringValue.flatMap { models.contains($0) ? $0 : nil }
        }
        let texts = tasks.map(\.text)
        let named = table.value("task", texts.isEmpty ? "none, since this comparison is on text" : "one of \(texts.joined(separator: "; "))") { value in
            value.stringValue.flatMap { text in (try? TaskSpecification(text)).flatMap { tasks.contains($0) ? $0 : nil } }
        }
        if tasks.count > 1, table.object["task"] == nil {
            table.problems.add("\(table.name("task")) is missing: one of \(texts.joined(separator: "; "))")
        }
        let allowed = PublishedFigure.Measure.allCases.filter { ($0 == .bitsPerByte) == tasks.isEmpty }
        let measure = table.value("measure", allowed.map(\.rawValue).joined(separator: " or ")) { value in
            value.stringValue.flatMap(PublishedFigure.Measure.init(rawValue:)).flatMap { allowed.contains($0) ? $0 : nil }
        }
        let value = table.number("value", "a number") { _ in true }
        let band = table.value("band", "the lowest and the highest mean that count as the same result, such as [0.95, 1]") { value -> ClosedRange<Double>? in
            let ends = (value.arrayValue ?? []).compactMap(\.doubleValue)
            guard ends.count == 2, value.arrayValue?.count == 2, ends.allSatisfy(\.isFinite), ends[0] <= ends[1] else { return nil }
            return ends[0] ... ends[1]
        }
        let length = table.length("length")
        guard let model, let value, let band, let source = table.text("source"), tasks.count < 2 || named != nil else { return nil }
        return PublishedFigure(
            model: model, task: named ?? tasks.first, length: length, measure: measure ?? allowed[0], value: value, band: band, source: source)
    }
}
