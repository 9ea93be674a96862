/// A configured architecture that can be trained, scored and run: what a plugin brings and a host uses.
///
/// The C ABI (`sequence_model.h`) says the same things; `PluginKit` turns a conforming type into
/// its functions, `PluginHost` turns the functions into a conforming type again.
///
/// One legend for shapes in the whole repository: B batch, T tokens, D model width, H heads, K key width,
/// V value width or vocabulary (the text says which), N state size, L layers.
///
/// An instance is used by one thread at a time; different instances are independent.
/// Everything throws `SequenceModelError`: `.invalidArgument` for what cannot be, `.failedPrecondition` before `bind`,
/// `.resourceExhausted` when memory is refused, `.cancelled` when the host wants it, `.unimplemented` for what `description.capabilities`
/// lacks.
public protocol SequenceModel: AnyObject {
    /// What the architecture says of itself.
    var description: ModelDescription { get }
    /// The full configuration, defaults filled in: a JSON object.
    var configuration: JSONValue { get }
    /// What it works on.
    var shape: ModelShape { get }
    /// In the order in which `bind` takes them.
    var parameters: [ParameterDeclaration] { get }

    /// Writes the first values of a parameter whose initialiser is `.custom`.
    func initialise(parameter index: Int, key: RandomKey, into values: TensorView) throws
    /// Gives the model its memory: `parameters.count` tensors of one scalar type, and as many gradients to train. The
    /// caller keeps the memory alive until the next `bind` or the end of the model.
    func bind(parameters: [TensorView], gradients: [TensorView]?) throws
    /// Tells the model that bound values were written to.
    func parametersChanged()

    /// Sum over targets of weight × nats. For a bound: of its unbiased estimate under `batch.key`. Not a number where training diverged.
    func loss(_ batch: Batch) throws -> Double
    /// The same; adds its derivative into the bound gradients.
    func lossAndGradient(_ batch: Batch) throws -> Double
    /// Called after each optimizer step, counted from 1: the one call that may write parameters.
    func postUpdate(step: Int) throws

    /// Nats of each target. `samples`: evaluations for a bound, 0 for the model's own choice.
    func score(_ batch: Batch, samples: Int) throws -> Score
    /// Logits [B, T, V] of one evaluation on the batch as it is; `logits` has B·T·V places.
    func logits(_ batch: Batch, into logits: UnsafeMutableBufferPointer<Float>) throws
    /// The most likely symbol at each position with a target, given all that the model may see.
    func predict(_ batch: Batch) throws -> Prediction

    /// A session over `rows` rows that have read nothing.
    func openSession(rows: Int) throws -> any SequenceSession
    /// A session that continues bit for bit from what `SequenceSession.save` returned. Throws `.dataLoss` for bytes that are damaged, or of
    /// another model, configuration or parameter values.
    func loadSession(_ state: [UInt8]) throws -> any SequenceSession

    /// Generates by refinement, telling `sink` of each change; stops with `.cancelled` when it returns false.
    func generate(_ request: GenerationRequest, sink: (GenerationEvent) -> Bool) throws
}
