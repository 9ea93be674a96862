import Foundation
import TestSupport

/// The real command on a terminal of its own: what a person sees, control sequences included.
enum ZooTerminal {
    struct Result {
        var status: Int32
        /// All that was written to the terminal, line ends as "\n".
        var text: String

        /// What stays on the screen, for text that moves the cursor up, returns it, and clears lines and below: enough for `zoo`.
        var screen: [String] {
            var lines: [[Character]] = [[]]
            var (row, column) = (0, 0)
            var rest = Substring(text)
            while let character = rest.first {
                if let match = rest.prefixMatch(of: /\u{1B}\[([0-9;]*)([A-Za-z])/) {
                    rest = rest[match.range.upperBound...]
                    switch match.2 {
                    case "A": row = max(0, row - (Int(match.1) ?? 1))
                    case "J":
                        lines.removeSubrange((row + 1)...)
                        lines[row] = Array(lines[row].prefix(column))
                    case "K": lines[row] = []
                    default: break  // colours
                    }
                    continue
                }
                rest = rest.dropFirst()
                switch character {
                case "\n":
                    (row, column) = (row + 1, 0)
                    if row == lines.count { lines.append([]) }
                case "\r": column = 0
                default:
                    while lines[row].count <= column { lines[row].append(" ") }
                    lines[row][column] = character
                    column += 1
                }
            }
            return lines.map { String($0) }
        }
    }

    private struct Failure: Error, CustomStringConvertible { let description: String }

    /// - Parameter output: whether stdout goes to the terminal too, not only stderr.
    static func run(_ arguments: [String], columns: Int, lines: Int = 40, output: Bool = true, colour: Bool = false) throws -> Result {
        // What posix_openpt, unlockpt and ptsname do, which Swift does not see.
        let main = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard main >= 0 else { throw Failure(description: "no terminal: \(String(cString: strerror(errno)))") }
        defer { close(main) }
        var lock: CInt = 0
        var number: CUnsignedInt = 0
        guard ioctl(main, 0x4004_5431, &lock) == 0, ioctl(main, 0x8004_5430, &number) == 0 else {
            throw Failure(description: "no terminal: \(String(cString: strerror(errno)))")
        }
        let side = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard side >= 0 else { throw Failure(description: "no terminal: \(String(cString: strerror(errno)))") }
        var size = winsize(ws_row: UInt16(lines), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        guard ioctl(main, UInt(TIOCSWINSZ), &size) == 0 else { throw Failure(description: "the terminal has no size") }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: ZooProcess.executable)
        process.arguments = arguments
        var variables = ProcessInfo.processInfo.environment
        variables["SWIFT_BACKTRACE"] = "enable=no"
        variables["TERM"] = "xterm"
        variables["NO_COLOR"] = colour ? nil : "1"
        for name in ["ZOO_PLUGIN_PATH", "XDG_DATA_HOME", "COLUMNS"] { variables[name] = nil }
        process.environment = variables
        let handle = FileHandle(fileDescriptor: side, closeOnDealloc: false)
        process.standardOutput = output ? handle : FileHandle.nullDevice
        process.standardError = handle
        process.standardInput = FileHandle.nullDevice
        try process.run()
        close(side)
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        // Reading fails when nobody holds the other side any more.
        while true {
            let count = read(main, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        process.waitUntilExit()
        let text = String(decoding: bytes, as: UTF8.self).replacing("\r\n", with: "\n")
        return Result(status: process.terminationStatus, text: text)
    }
}
