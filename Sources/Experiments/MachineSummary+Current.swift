import Foundation
import Glibc

extension MachineSummary {
    /// This machine, as the kernel describes it.
    ///
    /// - Parameter threads: threads that runs will use.
    public static func current(threads: Int) -> MachineSummary {
        let names = ["model name", "Hardware", "CPU part"]
        let information = text("/proc/cpuinfo")
        let processor =
            names.lazy.compactMap { field($0, of: information, separator: ":") }.first ?? "unknown processor"
        let memory = field("MemTotal", of: text("/proc/meminfo"), separator: ":").flatMap {
            Int($0.prefix { $0.isNumber })
        }
        let system = field("PRETTY_NAME", of: text("/etc/os-release"), separator: "=")?
            .trimmingCharacters(in: CharacterSet(charactersIn: "\""))
        let variables = ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "OPENBLAS_NUM_THREADS", "ZOO_THREADS"]
        let environment = ProcessInfo.processInfo.environment.filter { variables.contains($0.key) && !$0.value.isEmpty }
        return MachineSummary(
            processor: processor, processors: ProcessInfo.processInfo.activeProcessorCount, threads: threads,
            memoryBytes: (memory ?? 0) * 1024, system: system ?? "unknown system", environment: environment)
    }

    private static func text(_ path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }

    /// The value in the first line `name : value`.
    private static func field(_ name: String, of text: String, separator: Character) -> String? {
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: separator, maxSplits: 1)
            if parts.count == 2, parts[0].trimmingCharacters(in: .whitespaces) == name {
                return parts[1].trimmingCharacters(in: .whitespaces)
            }
        }
        return nil
    }
}
