@preconcurrency import CFFI
import Synchronization

/// How a C function of given types is called: libffi's description of it, made once for each list of types and kept for good.
///
/// The function returns a status (int32_t); every argument fits in eight bytes.
final class CallInterface: @unchecked Sendable {
    /// What an argument is to the calling convention.
    enum Kind: Sendable, Hashable {
        case pointer
        case integer
        case number
    }

    private let interface: UnsafeMutablePointer<ffi_cif>
    private let count: Int
    private static let known = Mutex<[[Kind]: CallInterface]>([:])

    /// The interface of a function with these arguments. Throws `ForeignFault` when libffi refuses.
    static func of(_ kinds: [Kind]) throws -> CallInterface {
        try known.withLock { known in
            if let made = known[kinds] { return made }
            let made = try CallInterface(kinds)
            known[kinds] = made
            return made
        }
    }

    private init(_ kinds: [Kind]) throws {
        count = kinds.count
        // Both live as long as the process.
        interface = .allocate(capacity: 1)
        interface.initialize(to: ffi_cif())
        let types = UnsafeMutablePointer<UnsafeMutablePointer<ffi_type>?>.allocate(capacity: max(count, 1))
        for (index, kind) in kinds.enumerated() {
            let type: UnsafeMutablePointer<ffi_type> =
                switch kind {
                case .pointer: withUnsafeMutablePointer(to: &ffi_type_pointer) { $0 }
                case .integer: withUnsafeMutablePointer(to: &ffi_type_sint64) { $0 }
                case .number: withUnsafeMutablePointer(to: &ffi_type_double) { $0 }
                }
            (types + index).initialize(to: type)
        }
        let status = ffi_prep_cif(
            interface, FFI_DEFAULT_ABI, UInt32(count), withUnsafeMutablePointer(to: &ffi_type_sint32) { $0 }, types)
        guard status == FFI_OK else { throw ForeignFault("libffi cannot describe a function of \(count) arguments") }
    }

    /// Calls `function` with one eight-byte value for each argument and returns its status.
    func call(_ function: @convention(c) () -> Void, _ values: [UInt64]) -> Int32 {
        precondition(values.count == count, "\(values.count) values for \(count) arguments")
        var values = values
        // libffi widens a short result to a whole register.
        var status: Int = 0
        values.withUnsafeMutableBufferPointer { values in
            var addresses = values.indices.map { index in values.baseAddress.map { UnsafeMutableRawPointer($0 + index) } }
            ffi_call(interface, function, &status, &addresses)
        }
        return Int32(truncatingIfNeeded: status)
    }
}
