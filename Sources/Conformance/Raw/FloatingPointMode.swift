import Glibc

/// How this thread rounds, treats subnormal numbers and which exceptions end it; not which exceptions have occurred.
struct FloatingPointMode: Equatable, CustomStringConvertible {
    private let control: UInt64
    private let environment: fenv_t

    static func == (one: FloatingPointMode, other: FloatingPointMode) -> Bool { one.control == other.control }

    init() {
        var environment = fenv_t()
        fegetenv(&environment)
        self.environment = environment
        #if arch(x86_64)
            control = UInt64(environment.__mxcsr & ~0x3F) << 16 | UInt64(environment.__control_word)
        #else
            control = UInt64(environment.__fpcr)
        #endif
    }

    /// Makes this thread compute so again.
    func restore() {
        var environment = environment
        fesetenv(&environment)
    }

    var description: String { "0x" + String(control, radix: 16) }
}
