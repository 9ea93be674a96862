import Foundation

/// The largest resident memory that this process has had, as the kernel counted it.
public enum PeakMemory {
    /// Bytes (`VmHWM` of /proc/self/status); nil where the kernel does not say.
    public static func current() -> Int? {
        (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)).flatMap { parse(status: $0) }
    }

    /// Starts counting anew from what is resident now (proc(5): writing 5 to clear_refs). False where that is not allowed.
    @discardableResult
    public static func reset() -> Bool {
        guard let file = FileHandle(forWritingAtPath: "/proc/self/clear_refs") else { return false }
        defer { try? file.close() }
        return (try? file.write(contentsOf: Data("5".utf8))) != nil
    }

    /// Bytes in the line `VmHWM:    1234 kB`.
    static func parse(status: String) -> Int? {
        for line in status.split(separator: "\n") where line.hasPrefix("VmHWM:") {
            let fields = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard fields.count == 3, fields[2] == "kB", let kibibytes = Int(fields[1]) else { return nil }
            return kibibytes * 1024
        }
        return nil
    }
}
