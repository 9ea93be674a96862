import Glibc
import Kernels
import Testing

@Suite struct HalfTests {
    /// Every one of the 65,536 patterns.
    @Test func decodesEveryPattern() {
        let patterns = (0 ... UInt32(UInt16.max)).map { UInt16($0) }
        var half = poison(patterns.count, Float.self)
        var brain = half
        zk_decode_f16(Int64(patterns.count), patterns, &half)
        zk_decode_bf16(Int64(patterns.count), patterns, &brain)
        for pattern in patterns {
            let i = Int(pattern)
            let sign: Float = pattern & 0x8000 == 0 ? 1 : -1
            let exponent = Int(pattern >> 10) & 31
            let fraction = Float(pattern & 0x3ff) / 1024
            switch exponent {
            case 0: #expect(half[i] == sign * fraction / 16384)
            case 31: #expect(fraction == 0 ? half[i] == sign * .infinity : half[i].isNaN)
            default: #expect(half[i] == sign * Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction))
            }
            #expect(brain[i].bitPattern == UInt32(pattern) << 16)
        }
    }

    @Test func namesTheMachine() {
        #expect(!String(cString: zk_blas_core()).isEmpty)
        #expect(["avx512", "avx2", "baseline"].contains(String(cString: zk_vector_level())))
    }

    @Test func executionIsOnePointerPerThread() {
        // Other tests may have left one on this thread.
        let inherited = zk_current_execution()
        defer { zk_set_current_execution(inherited) }
        var value = 0
        withUnsafeMutablePointer(to: &value) { pointer in
            zk_set_current_execution(pointer)
            #expect(zk_current_execution() == UnsafeMutableRawPointer(pointer))
            var thread = pthread_t()
            var isEmptyElsewhere = false
            withUnsafeMutablePointer(to: &isEmptyElsewhere) { answer in
                pthread_create(
                    &thread, nil,
                    { argument in
                        argument?.assumingMemoryBound(to: Bool.self).pointee = zk_current_execution() == nil
                        return nil
                    }, answer)
                pthread_join(thread, nil)
            }
            #expect(isEmptyElsewhere)
        }
    }
}
