import SequenceModel

/// JSON that can be written down as a Swift literal: a Vega-Lite specification.
struct VegaValue: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral
{
    let json: JSONValue

    static let null = VegaValue(.null)
    static func string(_ value: String) -> VegaValue { VegaValue(.string(value)) }
    static func number(_ value: Double) -> VegaValue { VegaValue(.number(value)) }
    static func integer(_ value: Int) -> VegaValue { VegaValue(.integer(Int64(value))) }
    static func boolean(_ value: Bool) -> VegaValue { VegaValue(.boolean(value)) }
    static func array(_ values: [VegaValue]) -> VegaValue { VegaValue(.array(values.map(\.json))) }

    /// Members in the order given; those without a value are left out.
    static func object(_ members: [(String, VegaValue?)]) -> VegaValue {
        var object = JSONObject()
        for (key, value) in members { object[key] = value?.json }
        return VegaValue(.object(object))
    }

    init(_ json: JSONValue) { self.json = json }
    init(dictionaryLiteral elements: (String, VegaValue)...) { self = .object(elements) }
    init(arrayLiteral elements: VegaValue...) { self = .array(elements) }
    init(stringLiteral value: String) { json = .string(value) }
    init(integerLiteral value: Int) { json = .integer(Int64(value)) }
    init(booleanLiteral value: Bool) { json = .boolean(value) }
}
