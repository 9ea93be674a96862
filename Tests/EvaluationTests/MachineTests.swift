import PluginHost
import SequenceModel
import Testing

@testable import Evaluation

@Suite("Machine")
struct MachineTests {
    @Test("peak memory is read from the kernel's text")
    func parse() {
        #expect(PeakMemory.parse(status: "Name:\tzoo\nVmHWM:\t    1234 kB\nVmRSS:\t 1 kB\n") == 1234 * 1024)
        #expect(PeakMemory.parse(status: "VmRSS:\t 1 kB\n") == nil)
        #expect(PeakMemory.parse(status: "VmHWM:\t many kB\n") == nil)
        #expect(PeakMemory.parse(status: "") == nil)
    }

    @Test("the peak grows with what is touched")
    func grows() throws {
        let before = try #require(PeakMemory.current())
        let bytes = 64 << 20
        let block = AlignedBuffer(bytes / 4, filledWith: 1)
        let after = try #require(PeakMemory.current())
        withExtendedLifetime(block) {}
        // Other tests may have raised the peak before without using it now; what was touched here is resident all the same.
        #expect(after >= before)
        #expect(after >= bytes)
    }

    @Test("every piece runs once")
    func parallel() {
        let counts = AlignedBuffer(100, filledWith: 0)
        NoHostServices().inParallel(100) { counts.base[$0] += Float($0) }
        #expect((0 ..< 100).allSatisfy { counts.base[$0] == Float($0) })
    }

    @Test("the roof has three positive rates")
    func roof() {
        let roof = MachineRoof.measure(NoHostServices(), seconds: 0.01)
        #expect(roof.threads == 1)
        for rate in [roof.matrixRate, roof.bandwidth, roof.exponentialRate] { #expect(rate.isFinite && rate > 1e6) }
    }
}
