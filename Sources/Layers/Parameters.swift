public import SequenceModel

/// Where a model declares its parameters while its layers are made: name, shape, first values and training contract stand
/// where the layer stands, so that loading, counting, naming and checking cannot drift apart.
///
///     let attention = p.scope("self_attn")
///     query = attention.linear("q_proj", width, heads * headWidth, initialiser: .normal(0.02))  // self_attn.q_proj.weight
///
/// Declaring takes no memory, so counting the parameters of a configuration is making the model. What cannot be (a size
/// below 1, a name used twice, too many values) is remembered and thrown by `check`.
public final class Parameters {
    /// No model of this kind has more tensors.
    public static let maximumTensors = 1 << 17
    /// Nor more values.
    public static let maximumValues = 1 << 44

    private final class Registry {
        var parameters: [Parameter] = []
        var indices: [String: Int] = [:]
        var valueCount = 0
        var failure: SequenceModelError?
    }

    private let registry: Registry
    private let prefix: String
    /// Whether what is declared here is saved and never trained.
    private let isFrozen: Bool

    /// Nothing declared yet.
    public init() {
        registry = Registry()
        prefix = ""
        isFrozen = false
    }

    private init(_ registry: Registry, prefix: String, isFrozen: Bool) {
        self.registry = registry
        self.prefix = prefix
        self.isFrozen = isFrozen
    }

    /// The same parameters with `name.` before every name.
    public func scope(_ name: String) -> Parameters { Parameters(registry, prefix: prefix + name + ".", isFrozen: isFrozen) }

    /// The same parameters, of which all that is declared is a buffer: saved, never trained. For parts that come trained.
    public var frozen: Parameters { Parameters(registry, prefix: prefix, isFrozen: true) }

    /// `count` layers under `name.0`, `name.1`, …; throws what `make` throws. A count that cannot be is left to `check`, and gives none.
    public func layers<Layer>(_ name: String, _ count: Int, _ make: (_ p: Parameters, _ index: Int) throws -> Layer) rethrows -> [Layer] {
        guard count >= 0, count <= Parameters.maximumTensors else {
            refuse("\(prefix)\(name): \(count) layers; allowed: 0 to \(Parameters.maximumTensors)")
            return []
        }
        var layers: [Layer] = []
        for index in 0 ..< count where registry.failure == nil { layers.append(try make(scope("\(name).\(index)"), index)) }
        return layers
    }

    /// Declares a tensor.
    ///
    /// - Parameters:
    ///   - name: the published checkpoint name, after the scopes.
    ///   - shape: sizes of at least 1.
    ///   - initialiser: how the host draws the first values.
    ///   - weightDecay: nil: for matrices and larger, as nanoGPT does; none for vectors and scalars.
    ///   - learningRateMultiplier: a factor on the optimizer's rate.
    ///   - isBuffer: saved, never trained.
    ///   - custom: draws the first values (the initialiser is then `.custom`), row-major, as many as `shape` has.
    public func parameter(
        _ name: String, shape: [Int], initialiser: Initialiser = .zeros, weightDecay: Bool? = nil,
        learningRateMultiplier: Double = 1, isBuffer: Bool = false, custom: ((inout RandomStream) -> [Double])? = nil
    ) -> Parameter {
        declare(
            Parameter(
                ParameterDeclaration(
                    name: prefix + name, shape: shape, initialiser: custom == nil ? initialiser : .custom,
                    weightDecay: weightDecay ?? (shape.count >= 2), learningRateMultiplier: learningRateMultiplier,
                    isBuffer: isBuffer || isFrozen), custom: custom))
    }

    /// Declares a name for the memory of `other`: not saved, not counted.
    public func tied(_ name: String, to other: Parameter) -> Parameter {
        var declaration = other.declaration
        declaration.tiedTo = registry.indices[declaration.name]
        declaration.name = prefix + name
        return declare(Parameter(declaration, tiedTo: other))
    }

    private func declare(_ parameter: Parameter) -> Parameter {
        let declaration = parameter.declaration
        if registry.parameters.count >= Parameters.maximumTensors {
            refuse("more than \(Parameters.maximumTensors) parameters")
        } else if registry.indices[declaration.name] != nil {
            refuse("the parameter \(declaration.name) is declared twice")
        } else if let count = Parameters.valueCount(declaration.shape), count <= Parameters.maximumValues - registry.valueCount {
            registry.valueCount += parameter.tiedTo == nil ? count : 0
            registry.indices[declaration.name] = registry.parameters.count
            registry.parameters.append(parameter)
        } else {
            let shape = declaration.shape.map(String.init).joined(separator: " × ")
            refuse("the parameter \(declaration.name) of \(shape) values; sizes are at least 1, a model has at most 2^44 values")
        }
        return parameter
    }

    /// Product of sizes, each at least 1; nil for anything else and beyond `maximumValues`.
    private static func valueCount(_ shape: [Int]) -> Int? {
        var count = 1
        for size in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: size)
            guard size >= 1, !overflow, product <= maximumValues else { return nil }
            count = product
        }
        return count
    }

    private func refuse(_ text: String) {
        registry.failure = registry.failure ?? SequenceModelError(.invalidArgument, text)
    }

    /// Throws `.invalidArgument` with the first thing that was wrong with the declarations, if anything was.
    public func check() throws {
        if let failure = registry.failure { throw failure }
    }

    /// All parameters in the order of declaration.
    public var all: [Parameter] { registry.parameters }
    /// Number of values, those of tied parameters once.
    public var valueCount: Int { registry.valueCount }
}
