import Glibc
import Kernels
import PluginHost
import Report
import SequenceModel

/// What `zoo doctor` looks at; each check is a function of what it is given, so that it can be tested.
enum DoctorChecks {
    static func processor(_ machine: MachineFacts) -> [DoctorFinding] {
        let level = VectorLevel(machine)
        let name = "\(machine.processor), \(level.label)"
        guard String(cString: zk_vector_level()) != "baseline" else {
            return [
                DoctorFinding(
                    "processor", .warning, "\(name); the kernels use their baseline version",
                    hint: "a processor with AVX2 or AVX-512 computes several times as fast")
            ]
        }
        return [DoctorFinding("processor", "\(name); the kernels use \(String(cString: zk_vector_level()))")]
    }

    /// - Parameters:
    ///   - core: what OpenBLAS takes the processor for.
    ///   - wanted: `OPENBLAS_CORETYPE`, "" when unset.
    ///   - cache: `OPENBLAS_L2_SIZE`, "" when unset.
    static func blas(_ machine: MachineFacts, core: String, wanted: String, cache: String) -> [DoctorFinding] {
        var findings: [DoctorFinding] = []
        let source = wanted.isEmpty ? "" : " (OPENBLAS_CORETYPE is \(wanted))"
        if let used = VectorLevel(blasCore: core), used < VectorLevel(machine) {
            let got = "tuned for \(core)\(source), \(used.label), on a processor with \(VectorLevel(machine).label)"
            findings.append(
                DoctorFinding(
                    "OpenBLAS", .warning, "\(got): matrix products run at half speed or less",
                    hint: wanted.isEmpty ? "a newer OpenBLAS knows this processor" : "unset OPENBLAS_CORETYPE"))
        } else {
            findings.append(DoctorFinding("OpenBLAS", "tuned for \(core)\(source)"))
        }
        if !cache.isEmpty {
            findings.append(
                DoctorFinding(
                    "OpenBLAS", .warning, "OPENBLAS_L2_SIZE is \(cache): blocks may not fit the processor's cache",
                    hint: "unset OPENBLAS_L2_SIZE"))
        }
        return findings
    }

    static func threads(_ machine: MachineFacts, wanted: Int?) -> [DoctorFinding] {
        let count = wanted ?? machine.processorCount
        let text = "\(count) of \(machine.processorCount) processors"
        if let quota = machine.processorQuota, quota < Double(count) - 0.01 {
            let hundredths = (quota * 100).rounded() / 100
            return [
                DoctorFinding(
                    "threads", .warning, "\(text), but the control group grants the time of \(hundredths)",
                    hint: "--threads \(max(Int(quota), 1))")
            ]
        }
        if count > machine.processorCount {
            return [
                DoctorFinding(
                    "threads", .warning,
                    "\(count) on \(machine.processorCount) processors: they get in each other's way",
                    hint: "--threads \(machine.processorCount)")
            ]
        }
        return [DoctorFinding("threads", text)]
    }

    static func memory(_ machine: MachineFacts) -> [DoctorFinding] {
        guard let total = machine.memoryBytes, let available = machine.availableMemoryBytes else {
            return [DoctorFinding("memory", .warning, "the system does not say how much there is")]
        }
        var text = "\(gibibytes(available)) of \(gibibytes(total)) GiB available"
        var usable = available
        if let limit = machine.memoryLimitBytes, limit < total {
            text += ", limited to \(gibibytes(limit)) GiB"
            usable = min(usable, limit)
        }
        guard usable >= 1 << 30 else {
            return [
                DoctorFinding("memory", .warning, text, hint: "models of a few million parameters need about 1 GiB")
            ]
        }
        return [DoctorFinding("memory", text)]
    }

    /// Each place on the search path with what is in it, then what is in the way.
    static func plugins(_ searchPath: [String]) -> [DoctorFinding] {
        let catalogue = PluginCatalogue(searchPath: searchPath, probe: ProbePlugins.probe)
        var findings = searchPath.map { place(at: $0, in: catalogue) }
        for failure in catalogue.failures {
            findings.append(DoctorFinding("plugin", .problem, failure.error.message, hint: failure.error.hint))
        }
        if catalogue.entries.isEmpty {
            findings.append(
                DoctorFinding(
                    "plugins", .problem, "none was found", hint: "--plugins DIR, or put them in one of these folders"))
        }
        return findings
    }

    static func reports() -> [DoctorFinding] {
        do {
            _ = try ChartLibrary.load()
            return [DoctorFinding("Chart.js", "found: reports have charts")]
        } catch {
            return [DoctorFinding("Chart.js", .warning, error.message, hint: error.hint)]
        }
    }

    private static func place(at path: String, in catalogue: PluginCatalogue) -> DoctorFinding {
        let name = "plugins"
        guard let resolved = realpath(path, nil) else { return DoctorFinding(name, "\(path): not there") }
        defer { free(resolved) }
        let folder = String(cString: resolved)
        let here = catalogue.entries.filter { entry in
            entry.plugin.path == folder
                || entry.plugin.path.split(separator: "/").dropLast() == folder.split(separator: "/")
        }
        let models = here.isEmpty ? "no models" : here.map(\.description.id).joined(separator: ", ")
        var status = stat()
        if stat(folder, &status) == 0, status.st_mode & S_IWOTH != 0 {
            return DoctorFinding(
                name, .warning, "\(path): every user may write there, so nothing is loaded from it",
                hint: "chmod o-w \(path)")
        }
        return DoctorFinding(name, "\(path): \(models)")
    }

    private static func gibibytes(_ bytes: Int) -> Double { (Double(bytes) / Double(1 << 30) * 10).rounded() / 10 }
}
