public import SequenceModel

/// Name and shape of a parameter, as far as two configurations must agree in it to share weights.
public struct DeclaredTensor: Codable, Sendable, Equatable {
    /// As declared.
    public var name: String
    /// Sizes, row-major.
    public var shape: [Int]

    /// Of a declaration.
    public init(_ declaration: ParameterDeclaration) {
        name = declaration.name
        shape = declaration.shape
    }
}

extension SizedModel {
    /// Names and shapes in declared order.
    static func tensors(_ declarations: [ParameterDeclaration]) -> [DeclaredTensor] { declarations.map(DeclaredTensor.init) }

    /// In what `other` declares differs from what was trained, in words; nil when the weights of one are those of the other.
    static func difference(_ trained: [DeclaredTensor], _ other: [DeclaredTensor]) -> String? {
        let shapes = Dictionary(trained.map { ($0.name, $0.shape) }) { first, _ in first }
        for tensor in other {
            guard let shape = shapes[tensor.name] else { return "\(tensor.name) would be there in addition" }
            if shape != tensor.shape { return "\(tensor.name) would be \(tensor.shape) instead of \(shape)" }
        }
        let names = Set(other.map(\.name))
        if let missing = trained.first(where: { !names.contains($0.name) }) { return "\(missing.name) would be missing" }
        return trained.map(\.name) == other.map(\.name) ? nil : "they would come in another order"
    }
}
