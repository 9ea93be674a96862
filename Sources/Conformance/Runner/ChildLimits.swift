import Glibc

/// What a child that tries a plugin may use.
public enum ChildLimits {
    /// Sets limits for this process: `memory` bytes of address space beyond what it has, `seconds` of processor time, files of 64 MiB,
    /// no core dump; and an alarm, should its parent die first.
    public static func apply(memory: UInt64 = 4 << 30, seconds: Int) {
        set(RLIMIT_AS, addressSpace() + memory)
        set(RLIMIT_CPU, UInt64(2 * seconds + 10))
        set(RLIMIT_FSIZE, 64 << 20)
        set(RLIMIT_CORE, 0)
        alarm(UInt32(seconds + 10))
    }

    private static func set(_ resource: __rlimit_resource, _ limit: UInt64) {
        var value = rlimit()
        guard getrlimit(__rlimit_resource_t(resource.rawValue), &value) == 0 else { return }
        value.rlim_cur = min(rlim_t(limit), value.rlim_max)
        setrlimit(__rlimit_resource_t(resource.rawValue), &value)
    }

    /// Bytes of address space in use.
    static func addressSpace() -> UInt64 { field(0) * UInt64(sysconf(Int32(_SC_PAGESIZE))) }

    /// Bytes of memory in use.
    static func residentBytes() -> Int { Int(field(1)) * sysconf(Int32(_SC_PAGESIZE)) }

    private static func field(_ index: Int) -> UInt64 {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var text = [CChar](repeating: 0, count: 256)
        guard fgets(&text, 256, file) != nil else { return 0 }
        let fields = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(separator: " ")
        return fields.indices.contains(index) ? UInt64(fields[index]) ?? 0 : 0
    }
}
