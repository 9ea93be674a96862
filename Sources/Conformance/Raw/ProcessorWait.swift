import Glibc

/// How long the calling thread was ready to work while others had the processor: a busy machine must not make a plugin look slow.
enum ProcessorWait {
    /// Seconds since the thread began, by the kernel's account; 0 where it keeps none.
    static var seconds: Double {
        guard let file = fopen("/proc/thread-self/schedstat", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
        // Nanoseconds at work, nanoseconds of waiting, turns.
        let parts = line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }.split(separator: UInt8(ascii: " "))
        guard parts.count == 3, let wait = Double(String(decoding: parts[1], as: UTF8.self)) else { return 0 }
        return wait * 1e-9
    }
}
