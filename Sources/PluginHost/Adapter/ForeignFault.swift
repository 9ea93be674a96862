/// Something that a plugin said of itself breaks the contract.
struct ForeignFault: Error {
    let message: String
    init(_ message: String) { self.message = message }
}
