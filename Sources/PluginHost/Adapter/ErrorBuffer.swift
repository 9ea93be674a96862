import CSequenceModel
import Glibc
import SequenceModel

/// The memory that a plugin's functions write their errors to, made once and used for call after call on one thread
/// at a time.
final class ErrorBuffer {
    static let capacity = 4096
    private let text: UnsafeMutablePointer<CChar>
    private let error: UnsafeMutablePointer<sm_error>
    /// The message of the failure after which the instance can only be destroyed.
    private var poison: String?

    init() {
        text = .allocate(capacity: ErrorBuffer.capacity)
        text.initialize(repeating: 0, count: ErrorBuffer.capacity)
        error = .allocate(capacity: 1)
        error.initialize(to: sm_error())
    }

    deinit {
        text.deallocate()
        error.deallocate()
    }

    /// Runs one call of a plugin; throws what it reports, or `.failedPrecondition` when an earlier failure left
    /// nothing to call.
    @inline(__always)
    func check(_ function: StaticString, _ call: (UnsafeMutablePointer<sm_error>) -> Int32) throws {
        if let poison {
            throw SequenceModelError(
                .failedPrecondition, "\(function): the model is unusable since an earlier failure: \(poison)")
        }
        reset()
        let status = CallJournal.during(function) { call(error) }
        if status != SM_OK { throw failure(status, function) }
    }

    /// What the plugin wrote, for a call that reports failure without a status. `function` names the call when it
    /// wrote nothing.
    func failure(_ status: Int32, _ function: StaticString) -> SequenceModelError {
        let code = SequenceModelError.Code(rawValue: status)
        var message = writtenMessage()
        if message.isEmpty { message = "\(function) failed with status \(status) and no message" }
        if error.pointee.flags & SM_ERROR_HOST_BUG != 0 {
            message += " (the plugin says that the host broke the contract)"
        }
        if error.pointee.flags & SM_ERROR_POISONED != 0 { poison = message }
        return SequenceModelError(code, message)
    }

    /// For calls that take an error but return a pointer.
    func prepare() -> UnsafeMutablePointer<sm_error> {
        reset()
        return error
    }

    private func reset() {
        text[0] = 0
        error.pointee.struct_size = UInt32(MemoryLayout<sm_error>.size)
        error.pointee.code = 0
        error.pointee.flags = 0
        error.pointee.message_capacity = UInt32(ErrorBuffer.capacity)
        error.pointee.message_length = 0
        error.pointee.message = text
    }

    private func writtenMessage() -> String {
        // Neither the length nor the final zero is trusted alone.
        let length = strnlen(text, ErrorBuffer.capacity)
        return text.withMemoryRebound(to: UInt8.self, capacity: length) {
            ForeignString.readable(UnsafeBufferPointer(start: $0, count: length))
        }
    }
}
