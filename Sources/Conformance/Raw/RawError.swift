import CSequenceModel
import Glibc

/// Memory for one `sm_error`, larger than the plugin is told, so that writing past the end is seen.
final class RawError {
    static let capacity = 1024
    private static let tail = 64
    private static let canary: UInt8 = 0xA5
    private let text: UnsafeMutablePointer<CChar>
    let pointer: UnsafeMutablePointer<sm_error>
    private let capacity: Int

    init(capacity: Int = RawError.capacity) {
        self.capacity = capacity
        text = .allocate(capacity: capacity + RawError.tail)
        memset(text, Int32(RawError.canary), capacity + RawError.tail)
        if capacity > 0 { text[0] = 0 }
        pointer = .allocate(capacity: 1)
        pointer.initialize(to: sm_error())
        pointer.pointee.struct_size = UInt32(MemoryLayout<sm_error>.size)
        pointer.pointee.message_capacity = UInt32(capacity)
        pointer.pointee.message = text
    }

    deinit {
        text.deallocate()
        pointer.deallocate()
    }

    /// What the plugin wrote, read with care.
    var message: String {
        let count = strnlen(text, capacity)
        return text.withMemoryRebound(to: UInt8.self, capacity: max(count, 1)) {
            String(decoding: UnsafeBufferPointer(start: $0, count: count), as: UTF8.self)
        }
    }

    /// Whether a byte past the capacity was written.
    var isOverrun: Bool {
        (capacity ..< capacity + RawError.tail).contains { UInt8(bitPattern: text[$0]) != RawError.canary }
    }

    /// What is wrong with the error as it was filled for `status`; nil when it keeps the contract.
    func fault(for status: Int32) -> String? {
        if isOverrun { return "the message was written past its capacity of \(capacity) bytes" }
        if pointer.pointee.code != status { return "the error says code \(pointer.pointee.code), the call returned \(status)" }
        let count = strnlen(text, capacity)
        if count == 0 { return "no message" }
        if count == capacity { return "the message has no zero at its end" }
        if Int(pointer.pointee.message_length) != count {
            return "message_length is \(pointer.pointee.message_length), the message has \(count) bytes"
        }
        if String(validatingCString: text) == nil { return "the message is not UTF-8" }
        return nil
    }

    func failure(_ function: String, _ status: Int32) -> RawFailure {
        RawFailure(
            function: function, status: status, code: pointer.pointee.code, flags: pointer.pointee.flags, message: message)
    }
}
