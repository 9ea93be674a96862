import Glibc
public import SequenceModel

/// Memory of a model's parameters and gradients: one block for each, every tensor at a multiple of 64 bytes, tied
/// parameters sharing.
public final class ParameterMemory {
    /// What the model declared when this was made; indices everywhere here are theirs.
    public let declarations: [ParameterDeclaration]
    /// Type of all values and all gradients.
    public let scalar: TensorView.Scalar
    /// One for each declaration, in order.
    public let views: [TensorView]
    /// The same for gradients; nil when there are none.
    public let gradientViews: [TensorView]?
    /// Values in all parameters, buffers included, tied ones counted once.
    public let parameterCount: Int
    /// The same without buffers.
    public let trainableCount: Int
    private let values: Arena
    private let gradients: Arena?

    /// Zeroed memory for everything that `model` declares. Throws `.temporary` when there is not enough.
    public init(for model: any SequenceModel, gradients wantsGradients: Bool, scalar: TensorView.Scalar = .float32)
        throws
    {
        let declarations = model.parameters
        self.declarations = declarations
        self.scalar = scalar
        let (offsets, byteCount) = try ParameterMemory.layOut(declarations, scalar)
        let values = try Arena(byteCount: byteCount, for: "the parameters of \(model.description.id)")
        let gradients =
            wantsGradients ? try Arena(byteCount: byteCount, for: "the gradients of \(model.description.id)") : nil
        self.values = values
        self.gradients = gradients
        views = ParameterMemory.views(declarations, offsets, in: values, scalar)
        gradientViews = gradients.map { ParameterMemory.views(declarations, offsets, in: $0, scalar) }
        let own = declarations.filter { $0.tiedTo == nil }
        parameterCount = own.reduce(0) { $0 + $1.count }
        trainableCount = own.reduce(0) { $0 + ($1.isBuffer ? 0 : $1.count) }
    }

    /// Bytes of both blocks.
    public var byteCount: Int { values.bytes.count + (gradients?.bytes.count ?? 0) }

    /// Indices of the declarations with memory of their own: what is saved, and what an optimizer goes through.
    public var ownIndices: [Int] { declarations.indices.filter { declarations[$0].tiedTo == nil } }

    /// Writes first values. Each parameter draws from a stream of its own, which follows from the seed and its name,
    /// so that neither the order of declaration nor the presence of others matters. Throws what the model's own
    /// initialisers throw.
    ///
    /// - Complexity: O(parameters)
    public func initialise(_ model: any SequenceModel, seed: UInt64) throws {
        let root = RandomKey(seed: seed)
        for index in ownIndices {
            let declaration = declarations[index]
            let key = root.split(declaration.name)
            if declaration.initialiser == .custom {
                try model.initialise(parameter: index, key: key, into: views[index])
            } else {
                ParameterMemory.fill(views[index], declaration.initialiser, key)
            }
        }
        model.parametersChanged()
    }

    /// Hands the memory to the model. A plugin's model keeps it alive; for other models the caller does.
    public func bind(to model: any SequenceModel) throws {
        try model.bind(parameters: views, gradients: gradientViews)
        (model as? PluginModel)?.memoryOwner = self
    }

    /// Sets all gradients to zero.
    public func zeroGradients() {
        guard let gradients, let base = gradients.bytes.baseAddress else { return }
        memset(base, 0, gradients.bytes.count)
    }

    private static func layOut(
        _ declarations: [ParameterDeclaration], _ scalar: TensorView.Scalar
    ) throws -> (offsets: [Int], byteCount: Int) {
        var offsets: [Int] = []
        var end = 0
        for declaration in declarations {
            if let tied = declaration.tiedTo {
                // Declarations of a plugin were checked; those of another model may hold anything.
                guard offsets.indices.contains(tied), declarations[tied].shape == declaration.shape else {
                    throw ZooError(
                        .plugin, "parameter \(declaration.name) is tied to parameter \(tied), which does not fit")
                }
                offsets.append(offsets[tied])
                continue
            }
            offsets.append(end)
            var bytes = scalar.byteCount
            for size in declaration.shape {
                let (product, overflow) = bytes.multipliedReportingOverflow(by: size)
                guard size >= 0, !overflow, product <= 1 << 44 else {
                    throw ZooError(
                        .plugin, "parameter \(declaration.name) has the impossible shape \(declaration.shape)")
                }
                bytes = product
            }
            end += (bytes + TensorView.alignment - 1) & ~(TensorView.alignment - 1)
            guard end <= 1 << 46 else {
                throw ZooError(.temporary, "not enough memory: the parameters take over 2⁴⁶ bytes")
            }
        }
        return (offsets, end)
    }

    private static func views(
        _ declarations: [ParameterDeclaration], _ offsets: [Int], in arena: Arena, _ scalar: TensorView.Scalar
    ) -> [TensorView] {
        guard let base = arena.bytes.baseAddress else { return [] }
        return zip(declarations, offsets).map { TensorView(data: base + $1, shape: $0.shape, scalar: scalar) }
    }

    private static func fill(_ view: TensorView, _ initialiser: Initialiser, _ key: RandomKey) {
        var stream = key.stream
        switch initialiser {
        case .constant(let value): write(to: view) { value }
        case .normal(let mean, let deviation): write(to: view) { mean + deviation * stream.normal() }
        case .uniform(let low, let high): write(to: view) { low + (high - low) * stream.uniform() }
        case .custom: break
        }
    }

    private static func write(to view: TensorView, _ next: () -> Double) {
        if let floats = view.floats {
            for index in floats.indices { floats[index] = Float(next()) }
        } else if let doubles = view.doubles {
            for index in doubles.indices { doubles[index] = next() }
        }
    }
}
