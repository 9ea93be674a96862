import ArgumentParser
import Kernels
import PluginHost
import SequenceModel

/// `zoo doctor`: what this machine offers and what is in the way.
struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say what this machine offers and what is in the way.",
        discussion: """
            Looks at the processor, OpenBLAS, memory, threads, the plugin search path and what reports need. Nothing is measured: zoo \
            bench does that. The exit status is 0 when everything works, 1 when something will not.

            With --json: an object with ok (boolean), system, and checks, an array of objects with name, status ("ok", "warning", \
            "problem"), detail and, where there is something to do, hint.
            """)

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let machine = MachineFacts.read()
        let findings =
            DoctorChecks.processor(machine)
            + DoctorChecks.blas(
                machine, core: String(cString: zk_blas_core()), wanted: Terminal.variable("OPENBLAS_CORETYPE"),
                cache: Terminal.variable("OPENBLAS_L2_SIZE"))
            + DoctorChecks.threads(machine, wanted: global.threads)
            + DoctorChecks.memory(machine)
            + DoctorChecks.plugins(try global.searchPath())
            + DoctorChecks.reports()
        let isFine = !findings.contains { $0.status == .problem }
        if global.json {
            let result: JSONObject = [
                "ok": .boolean(isFine), "system": .string(machine.system), "checks": .array(findings.map(\.json)),
            ]
            print(JSONValue.object(result).prettyPrinted, terminator: "")
        } else {
            print(Doctor.text(findings), terminator: "")
        }
        if !isFine { throw ExitCode(ZooError.Code.negative.exitStatus) }
    }

    private static func text(_ findings: [DoctorFinding]) -> String {
        let rows = findings.flatMap { finding in
            [[finding.status.rawValue, finding.name, finding.detail]]
                + (finding.hint.map { [["", "", "→ \($0)"]] } ?? [])
        }
        return TextColumns.format(rows, width: Terminal.outputWidth)
    }
}
