import SequenceModel

/// What one tensor or number that a probe gives back is: its axes, its size under a configuration, its unit.
public struct ProbeOutput: Sendable, Equatable {
    /// What the dimensions are called; empty for a single number.
    public var axes: [String]
    /// Their sizes.
    public var extents: [Int]
    /// For each axis the names of its places, or nil where numbers do.
    public var labels: [[String]?]
    /// Of the values; may be empty.
    public var unit: String
    /// How batches are taken together; `mean` where the plugin does not say.
    public var combination: Combination

    /// How the values of several batches become one.
    public enum Combination: String, Sendable, CaseIterable {
        /// Weighted by their tokens.
        case mean
        case minimum
        case maximum
        case sum
    }

    /// Number of values.
    public var count: Int { extents.reduce(1, *) }

    private static let maximumAxes = 8
    private static let maximumValues = 1 << 22
    private static let maximumText = 64

    /// Reads what a plugin wrote. Throws `ForeignFault` that begins with `what`.
    init(_ json: JSONValue, _ what: String) throws {
        guard json.objectValue != nil else { throw ForeignFault("\(what) is \(json.kind); an object is needed") }
        let axes = try ProbeOutput.texts(json["axes"] ?? .array([]), "\(what): axes")
        guard axes.count <= ProbeOutput.maximumAxes, Set(axes).count == axes.count else {
            throw ForeignFault("\(what): \(axes.count) axes, or two of one name; at most \(ProbeOutput.maximumAxes) are allowed")
        }
        guard let sizes = (json["extents"] ?? .array([])).arrayValue?.map(\.integerValue), sizes.count == axes.count else {
            throw ForeignFault("\(what): extents is not a list of \(axes.count) numbers, one for each axis")
        }
        var count = 1
        let extents = try zip(axes, sizes).map { axis, size in
            guard let size, size > 0, size <= ProbeOutput.maximumValues / count else {
                throw ForeignFault(
                    "\(what): the extent of \(axis) is \(size.map { "\($0)" } ?? "not a whole number"); allowed: at least 1, and "
                        + "at most \(ProbeOutput.maximumValues) values in all")
            }
            count *= size
            return size
        }
        let given = (json["labels"] ?? .array([])).arrayValue ?? []
        guard given.isEmpty || given.count == axes.count else {
            throw ForeignFault("\(what): labels is not a list of \(axes.count), one for each axis")
        }
        var labels = [[String]?](repeating: nil, count: axes.count)
        for (axis, names) in given.enumerated() where names != .null {
            labels[axis] = try ProbeOutput.texts(names, "\(what): labels of \(axes[axis])")
            guard labels[axis]?.count == extents[axis] else {
                throw ForeignFault("\(what): \(labels[axis]?.count ?? 0) labels for the \(extents[axis]) places of \(axes[axis])")
            }
        }
        self.axes = axes
        self.extents = extents
        self.labels = labels
        unit = try ProbeOutput.texts(.array([json["unit"] ?? .string("")]), "\(what): unit")[0]
        let name = json["combine"] ?? .string(Combination.mean.rawValue)
        guard let combination = name.stringValue.flatMap(Combination.init) else {
            let known = Combination.allCases.map(\.rawValue).joined(separator: ", ")
            throw ForeignFault("\(what): combine is \(name); known: \(known)")
        }
        self.combination = combination
    }

    /// Short lines of text: they go to terminals and pages.
    private static func texts(_ json: JSONValue, _ what: String) throws -> [String] {
        guard let items = json.arrayValue else { throw ForeignFault("\(what) is \(json.kind); a list of texts is needed") }
        return try items.map { item in
            guard let text = item.stringValue, text.utf8.count <= maximumText,
                !text.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7F ... 0x9F).contains($0.value) })
            else { throw ForeignFault("\(what): each is a text of at most \(maximumText) bytes without control characters") }
            return text
        }
    }
}
