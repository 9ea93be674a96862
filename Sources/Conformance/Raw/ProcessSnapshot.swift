import Glibc

/// What a plugin has to leave alone in the process.
struct ProcessSnapshot {
    private var facts: [(name: String, value: String)] = []

    /// Takes about a tenth of a millisecond.
    init() {
        for signal in 1 ... Int32(64) {
            var action = sigaction()
            guard sigaction(signal, nil, &action) == 0 else { continue }
            let handler = unsafeBitCast(action.__sigaction_handler, to: UInt.self)
            facts.append(("the handler of \(SignalName.of(signal))", "\(handler) \(action.sa_flags)"))
        }
        var blocked = sigset_t()
        pthread_sigmask(SIG_BLOCK, nil, &blocked)
        facts.append(("the blocked signals", (1 ... Int32(64)).filter { sigismember(&blocked, $0) == 1 }.map(String.init).joined(separator: " ")))
        facts.append(("the locale", setlocale(LC_ALL, nil).map { String(cString: $0) } ?? ""))
        if let folder = getcwd(nil, 0) {
            facts.append(("the working directory", String(cString: folder)))
            free(folder)
        }
        let mask = umask(0o77)
        umask(mask)
        facts.append(("the file creation mask", String(mask, radix: 8)))
        var variables: [String] = []
        var next = environ
        while let entry = next.pointee {
            variables.append(String(cString: entry))
            next += 1
        }
        facts.append(("the environment", variables.sorted().joined(separator: "\n")))
        facts.append(("the open files", ProcessSnapshot.openFiles().joined(separator: " ")))
        for (name, resource) in [("files", RLIMIT_NOFILE), ("stack", RLIMIT_STACK), ("memory", RLIMIT_AS)] {
            var limit = rlimit()
            getrlimit(__rlimit_resource_t(resource.rawValue), &limit)
            facts.append(("the limit on \(name)", "\(limit.rlim_cur)"))
        }
    }

    /// What changed from `before` to this; nil when nothing did.
    func change(since before: ProcessSnapshot) -> String? {
        for (new, old) in zip(facts, before.facts) where new.value != old.value {
            func short(_ text: String) -> String { text.count > 60 ? "\(text.prefix(60))…" : text }
            return new.name == "the environment" ? "the environment changed" : "\(new.name) changed from \(short(old.value)) to \(short(new.value))"
        }
        return nil
    }

    /// "3=/path" for each descriptor.
    private static func openFiles() -> [String] {
        ProcessSnapshot.names(in: "/proc/self/fd").compactMap { name in
            var target = [CChar](repeating: 0, count: 512)
            let count = readlink("/proc/self/fd/\(name)", &target, 511)
            // The folder that was read to find this out.
            guard count > 0 else { return nil }
            return "\(name)=" + String(decoding: target.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }.filter { !$0.contains("/fd") }.sorted()
    }

    /// Threads of this process.
    static func threadCount() -> Int { names(in: "/proc/self/task").count }

    private static func names(in folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }
}
