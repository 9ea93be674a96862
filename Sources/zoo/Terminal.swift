import Glibc

/// What the standard streams are connected to, and how to write to them.
enum Terminal {
    static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// Whether stderr takes colour: a terminal that is not dumb, and `NO_COLOR` unset or empty (no-color.org).
    static let usesColour: Bool =
        isTerminal(STDERR_FILENO) && variable("NO_COLOR").isEmpty && variable("TERM") != "dumb"

    /// Whether a line on stderr can be rewritten in place.
    static let rewritesLines: Bool = isTerminal(STDERR_FILENO) && variable("TERM") != "dumb"

    static var errorLabel: String { usesColour ? "\u{1B}[1;31merror:\u{1B}[0m" : "error:" }

    /// Columns of the terminal behind stderr; 80 when there is none.
    static var width: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// Writes all of `text` to stderr, unbuffered.
    static func writeError(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while let base = rest.baseAddress, !rest.isEmpty {
                let written = write(STDERR_FILENO, base, rest.count)
                if written < 0, errno == EINTR { continue }
                guard written > 0 else { return }
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
            }
        }
    }

    /// The value of an environment variable; empty when unset.
    static func variable(_ name: String) -> String { getenv(name).map { String(cString: $0) } ?? "" }
}
