import PluginHost
import Testing

@testable import zoo

/// What the doctor concludes from what it is given.
@Suite struct DoctorChecksTests {
    private let server = MachineFacts(
        processor: "A server", processorCount: 8, processorQuota: nil, hasAVX2: true, hasAVX512: true,
        memoryBytes: 16 << 30, availableMemoryBytes: 12 << 30, memoryLimitBytes: nil, system: "Linux")

    private func blas(_ core: String, _ wanted: String = "", cache: String = "") -> [String] {
        DoctorChecks.blas(server, core: core, wanted: wanted, cache: cache).map { "\($0.status): \($0.detail)" }
    }

    @Test func blasHeldBack() {
        #expect(blas("SkylakeX") == ["fine: tuned for SkylakeX"])
        #expect(
            blas("Haswell", "Haswell") == [
                "warning: tuned for Haswell (OPENBLAS_CORETYPE is Haswell), AVX2, on a processor with AVX-512: "
                    + "matrix products run at half speed or less"
            ])
        #expect(
            DoctorChecks.blas(server, core: "Haswell", wanted: "Haswell", cache: "")[0].hint == "unset OPENBLAS_CORETYPE")
        #expect(
            DoctorChecks.blas(server, core: "Prescott", wanted: "", cache: "")[0].hint
                == "a newer OpenBLAS knows this processor")
        #expect(blas("neoversen1") == ["fine: tuned for neoversen1"])
        var desktop = server
        desktop.hasAVX512 = false
        #expect(DoctorChecks.blas(desktop, core: "Zen", wanted: "", cache: "").map(\.status) == [.fine])
        #expect(blas("SkylakeX", cache: "1048576").count == 2)
    }

    @Test func threads() {
        func verdict(_ machine: MachineFacts, _ wanted: Int?) -> [String] {
            DoctorChecks.threads(machine, wanted: wanted).map { "\($0.status): \($0.detail) \($0.hint ?? "")" }
        }
        #expect(verdict(server, nil) == ["fine: 8 of 8 processors "])
        #expect(verdict(server, 4) == ["fine: 4 of 8 processors "])
        #expect(verdict(server, 9) == ["warning: 9 on 8 processors: they get in each other's way --threads 8"])
        var limited = server
        limited.processorQuota = 1.5
        #expect(
            verdict(limited, nil)
                == ["warning: 8 of 8 processors, but the control group grants the time of 1.5 --threads 1"])
    }

    @Test func memory() {
        #expect(DoctorChecks.memory(server).map(\.detail) == ["12.0 of 16.0 GiB available"])
        var limited = server
        limited.memoryLimitBytes = 1 << 29
        let finding = DoctorChecks.memory(limited)[0]
        #expect(finding.status == .warning && finding.detail == "12.0 of 16.0 GiB available, limited to 0.5 GiB")
        limited.memoryBytes = nil
        #expect(DoctorChecks.memory(limited)[0].status == .warning)
    }

    @Test func ownMachine() {
        let machine = MachineFacts.read()
        #expect(machine.processorCount >= 1)
        #expect(machine.memoryBytes ?? 0 > machine.availableMemoryBytes ?? 0)
        #expect(machine.system.hasPrefix("Linux "))
    }

    @Test func figuresForPeople() {
        #expect([0.5, 12.34, 123.4, 4560, 7_890_000, 999.6].map(Progress.short) == ["0.5", "12.3", "123", "4.56k", "7.89M", "1000"])
        #expect([0, 42, 185, 7620].map(Progress.clock) == ["0s", "42s", "3m05s", "2h07m"])
    }
}
