/// One tensor of a model as the model declares it: name, shape, first values and how it wants to be trained.
public struct ParameterDeclaration: Sendable, Equatable {
    /// The published checkpoint name; unique in the model.
    public var name: String
    /// Sizes of at least 1, row-major; [] for a scalar.
    public var shape: [Int]
    /// How it gets its first values.
    public var initialiser: Initialiser
    /// False for norms, biases and what else the source leaves undecayed.
    public var weightDecay: Bool
    /// Factor on the optimizer's learning rate.
    public var learningRateMultiplier: Double
    /// Saved with the others, never trained.
    public var isBuffer: Bool
    /// Index of the parameter whose memory this one shares; a tied parameter is not saved.
    public var tiedTo: Int?

    /// See the properties.
    public init(
        name: String, shape: [Int], initialiser: Initialiser, weightDecay: Bool = true,
        learningRateMultiplier: Double = 1, isBuffer: Bool = false, tiedTo: Int? = nil
    ) {
        self.name = name
        self.shape = shape
        self.initialiser = initialiser
        self.weightDecay = weightDecay
        self.learningRateMultiplier = learningRateMultiplier
        self.isBuffer = isBuffer
        self.tiedTo = tiedTo
    }

    /// Number of values.
    public var count: Int { shape.reduce(1, *) }
}
