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
    static var width: Int { size(STDERR_FILENO)?.columns ?? 80 }

    /// Lines of the terminal behind stderr; 24 when there is none.
    static var height: Int { size(STDERR_FILENO)?.lines ?? 24 }

    /// Columns of the terminal behind stdout; nil when results go elsewhere, where nothing is fitted to a width.
    static var outputWidth: Int? { isTerminal(STDOUT_FILENO) ? size(STDOUT_FILENO)?.columns ?? 80 : nil }

    private static func size(_ descriptor: Int32) -> (columns: Int, lines: Int)? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return nil }
        return (Int(size.ws_col), Int(size.ws_row))
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
