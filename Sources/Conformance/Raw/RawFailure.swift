/// A failure that a plugin reported, as it reported it.
struct RawFailure: Error, CustomStringConvertible {
    /// The function of the contract that was called.
    let function: String
    let status: Int32
    /// `code` of the error struct, which the contract wants to be the status.
    let code: Int32
    let flags: UInt32
    let message: String

    var description: String {
        message.isEmpty
            ? "\(function) failed with status \(status) and no message" : "\(function) failed with status \(status): \(message)"
    }
}
