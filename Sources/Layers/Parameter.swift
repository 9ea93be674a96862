public import SequenceModel
public import Tensor

/// One tensor of a model: what the model declared of it and, once the host has bound memory, its values.
public final class Parameter {
    /// Name, shape, first values and training contract.
    public let declaration: ParameterDeclaration
    /// Draws the first values for the initialiser `.custom`: row-major, as many as `shape` has.
    public let custom: ((inout RandomStream) -> [Double])?
    /// The parameter whose memory this one shares.
    public let tiedTo: Parameter?
    private var leaf: Tensor?

    init(
        _ declaration: ParameterDeclaration, custom: ((inout RandomStream) -> [Double])? = nil, tiedTo: Parameter? = nil
    ) {
        self.declaration = declaration
        self.custom = custom
        self.tiedTo = tiedTo
    }

    /// As declared.
    public var shape: [Int] { declaration.shape }
    /// Whether the host has given it values.
    public var isBound: Bool { leaf != nil }

    /// The values: a leaf of the graph. Only after `bind`, which the kit sees to before it calls a model.
    public var tensor: Tensor {
        guard let leaf else { preconditionFailure("parameter \(declaration.name) was read before it was bound") }
        return leaf
    }

    /// Gives the parameter its values (and place for its gradient). A tied parameter gets the leaf of the one it is tied to.
    public func bind(_ tensor: Tensor?) { leaf = tensor }
}
