import PluginHost
import SequenceModel

/// Reads `[vary]` of an experiment file: values of keys under which the trained models are evaluated again, of every model that has the key or
/// of one.
enum VariantReader {
    /// In the order of the file. Whether a model has a key is seen when it is sized.
    static func read(_ table: TableReader, known: [String]) -> [VariantAxis] {
        var axes: [VariantAxis] = []
        for key in table.object.keys {
            guard let object = table.object[key]?.objectValue else {
                if let axis = axis(table, key, model: nil) { axes.append(axis) }
                continue
            }
            guard known.contains(key) else {
                let near = nearestName(to: key, among: known).map { "; did you mean \($0)?" } ?? ""
                table.problems.add("\(table.name(key)): no plugin brings a model \(key)\(near)")
                continue
            }
            let own = TableReader(object: object, path: table.name(key), problems: table.problems)
            axes += object.keys.compactMap { axis(own, $0, model: key) }
        }
        return axes
    }

    private static func axis(_ table: TableReader, _ key: String, model: String?) -> VariantAxis? {
        let most = VariantAxis.maximumValues
        return table.value(key, "a list of 1 to \(most) different values, such as [0, 1, 2]") { value in
            guard let values = value.arrayValue, (1 ... most).contains(values.count) else { return nil }
            let isTwice = values.enumerated().contains { values[..<$0].contains($1) }
            return isTwice ? nil : VariantAxis(model: model, key: key, values: values)
        }
    }
}
