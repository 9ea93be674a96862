public import SequenceModel

/// Where a training run gets its batches from: windows of a text (`TextSource`), or examples of a task.
///
/// What comes at a step follows from the source and the step alone, so that a resumed run sees what it would have seen.
public protocol BatchSource: AnyObject {
    /// What to call it in messages and reports.
    var name: String { get }
    /// Of all that decides what comes, in hexadecimal: a resumed run is refused another one.
    var sha256: String { get }
    /// Symbols that occur are 0 ..< alphabet.
    var alphabet: Int { get }
    /// Targets of one pass; `checkUnchanged` is asked that often. 0: there is no end.
    var targetsInPass: Int { get }
    /// What `run.json` says of it.
    var summary: JSONObject { get }

    /// Symbols of the longest row that training or validation asks for.
    func longestRow(targetsInPlace: Bool) -> Int
    /// Micro-batch `part` of step `step` (from 0). Weights make the losses of all parts of a step sum to a mean over its targets.
    func batch(step: Int, part: Int, targetsInPlace: Bool) -> Batch
    /// What the model makes of what it does not learn from: the same batches and random choices each time. nil: there is nothing.
    ///
    /// - Throws: what the model throws.
    func validation(of model: any SequenceModel) throws -> ValidationRecord?
    /// Throws `ZooError(.data)` when files behind it are not what they were.
    func checkUnchanged() throws
}
