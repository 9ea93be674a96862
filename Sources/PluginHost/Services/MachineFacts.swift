import Glibc

/// What the system says of the machine. Nothing is measured.
public struct MachineFacts: Sendable, Equatable {
    /// As the processor names itself; "unknown processor" where it does not.
    public var processor: String
    /// Processors that this process may use.
    public var processorCount: Int
    /// Processors' worth of time that the control group grants; nil without limit.
    public var processorQuota: Double?
    /// Of the processor, whether or not anything was built for it.
    public var hasAVX2: Bool
    /// F, BW, DQ and VL, all four.
    public var hasAVX512: Bool
    /// All memory of the machine; nil where the system does not say.
    public var memoryBytes: Int?
    /// What could be had without swapping, as the kernel estimates it; nil where it does not say.
    public var availableMemoryBytes: Int?
    /// What the control group or `ulimit -v` allows; nil without limit.
    public var memoryLimitBytes: Int?
    /// "Linux 6.1.0 x86_64"
    public var system: String

    /// For facts that were read elsewhere, such as a test's; `read()` asks this machine.
    public init(
        processor: String, processorCount: Int, processorQuota: Double?, hasAVX2: Bool, hasAVX512: Bool,
        memoryBytes: Int?, availableMemoryBytes: Int?, memoryLimitBytes: Int?, system: String
    ) {
        self.processor = processor
        self.processorCount = processorCount
        self.processorQuota = processorQuota
        self.hasAVX2 = hasAVX2
        self.hasAVX512 = hasAVX512
        self.memoryBytes = memoryBytes
        self.availableMemoryBytes = availableMemoryBytes
        self.memoryLimitBytes = memoryLimitBytes
        self.system = system
    }

    /// Reads /proc, /sys/fs/cgroup and the limits of the process.
    public static func read() -> MachineFacts {
        let processor = lines(of: "/proc/cpuinfo")
        let flags = Set((field("flags", in: processor) ?? "").split(separator: " "))
        let memory = lines(of: "/proc/meminfo")
        var name = utsname()
        uname(&name)
        return MachineFacts(
            processor: field("model name", in: processor) ?? "unknown processor",
            processorCount: ThreadPool.processorCount, processorQuota: quota(), hasAVX2: flags.contains("avx2"),
            hasAVX512: flags.isSuperset(of: ["avx512f", "avx512bw", "avx512dq", "avx512vl"]),
            memoryBytes: kibibytes("MemTotal", in: memory), availableMemoryBytes: kibibytes("MemAvailable", in: memory),
            memoryLimitBytes: memoryLimit(),
            system: "\(text(&name.sysname)) \(text(&name.release)) \(text(&name.machine))")
    }

    private static func text<Field>(_ field: inout Field) -> String {
        withUnsafeBytes(of: &field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// Value of the first line "name : value".
    private static func field(_ name: String, in lines: [Substring]) -> String? {
        for line in lines where line.hasPrefix(name) {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, trimmed(parts[0]) == name else { continue }
            return trimmed(parts[1])
        }
        return nil
    }

    private static func trimmed(_ text: Substring) -> String {
        let start = text.drop { $0 == " " || $0 == "\t" }
        return String(start.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }

    private static func kibibytes(_ name: String, in lines: [Substring]) -> Int? {
        field(name, in: lines).flatMap { $0.split(separator: " ").first }.flatMap { Int($0) }.map { $0 << 10 }
    }

    /// "max 100000" or "150000 100000": microseconds in each period.
    private static func quota() -> Double? {
        guard let line = lines(of: "/sys/fs/cgroup/cpu.max").first else { return nil }
        let parts = line.split(separator: " ").compactMap { Double($0) }
        return parts.count == 2 && parts[1] > 0 ? parts[0] / parts[1] : nil
    }

    private static func memoryLimit() -> Int? {
        var limits = lines(of: "/sys/fs/cgroup/memory.max").prefix(1).compactMap { Int($0) }
        var address = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &address) == 0, address.rlim_cur < UInt(Int.max) {
            limits.append(Int(address.rlim_cur))
        }
        return limits.min()
    }

    /// Files in /proc have no size of their own: read until they end.
    private static func lines(of path: String) -> [Substring] {
        guard let file = fopen(path, "r") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 14)
        while bytes.count < 1 << 22 {
            let got = fread(&piece, 1, piece.count, file)
            if got == 0 { break }
            bytes += piece.prefix(got)
        }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    }
}
