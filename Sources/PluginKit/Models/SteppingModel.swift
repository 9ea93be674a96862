public import Layers
public import SequenceModel
public import Tensor

/// A causal model that can go on from what it remembers: its sessions cost a step, not the whole text.
public protocol SteppingModel: CausalModel {
    /// What it remembers of a text.
    associatedtype State: ModelState

    /// What is remembered before the first symbol, for `rows` rows.
    func initialState(rows: Int, scalarType: ScalarType) throws -> State
    /// [B, T] → [B, T, D]: the same rows as `trunk(tokens)` gives after the symbols that `state` has read, `position` of
    /// them; `state` then has read these too. T is at most `longestStep`. When it throws, `state` may be half advanced: the
    /// kit goes on with the one before.
    func trunk(_ tokens: Tokens, position: Int, _ state: inout State) throws -> Tensor
}

/// Most tokens that a session hands to a model at a time; longer texts are cut. Bounds the memory of reading a long prompt.
public let longestStep = KeyValueCache.longestAppend

extension SteppingModel {
    /// Sessions cost a step; `.fixedState` is for the model to add.
    public static var capabilities: Capabilities { [.causal, .session, .predicts] }

    /// A session that keeps a `State`. Throws what `initialState` throws.
    public func openSession(rows: Int, scalarType: ScalarType) throws -> any SessionCore {
        SteppingSession(self, rows: rows, scalarType: scalarType, state: try initialState(rows: rows, scalarType: scalarType))
    }
}
