import Testing

@testable import Tensor

@Suite struct ExecutionTests {
    /// Fresh memory is NaN when asked for, also when it is reused.
    @Test func poison() throws {
        try Execution(poisonsFreshMemory: true).run {
            for type in [ScalarType.float32, .float64] {
                for _ in 0..<3 { #expect(Tensor(uninitialized: [3, 5], type).toArray().allSatisfy { $0.isNaN }) }
                #expect(Tensor.zeros([4], type).toArray() == [0, 0, 0, 0])
            }
        }
    }

    @Test func memoryIsReusedAndGivenBack() throws {
        let execution = Execution()
        try execution.run {
            for _ in 0..<50 {
                let x = Tensor.ones([100, 100])
                x.requiresGradient = true
                let y = (x * 2).exp().sum()
                _ = gradients(of: y, withRespectTo: [x])
            }
        }
        #expect(execution.bytesInUse == 0)
        #expect(execution.peakBytesInUse < 10 * 40_000)
        execution.releaseKeptMemory()
        #expect(execution.bytesKept == 0)
    }

    /// Blocks kept do not pile up when sizes change: what is kept and used stays near the peak.
    @Test func keptMemoryIsBounded() throws {
        let execution = Execution()
        try execution.run {
            for size in stride(from: 1 << 20, to: 12 << 20, by: 1 << 18) { _ = Tensor.zeros([size / 4]) }
        }
        #expect(execution.bytesKept <= execution.peakBytesInUse + execution.peakBytesInUse / 8 + (17 << 20))
    }

    @Test func sizeClasses() {
        for bytes in [0, 1, 64, 65, 512, 513, 1000, 4096, 4097, 1 << 20, (1 << 20) + 1, 123_456_789] {
            let size = MemoryPool.sizeClass(bytes) ?? 0
            #expect(size >= bytes && size % 64 == 0 && size <= max(bytes + 64, bytes + bytes / 8), "\(bytes): \(size)")
            #expect(MemoryPool.sizeClass(size) == size)
        }
        #expect(MemoryPool.sizeClass(.max) == nil)
    }

    /// An activation that no derivative needs is freed while the forward pass runs; others as backward passes them.
    @Test func activationsAreFreedWhenUsed() throws {
        let execution = Execution()
        try execution.run {
            let memory = Tensor.zeros([1000], .float64)
            let x = Tensor.ones([1000], .float64)
            x.node = Node(gradientMemory: memory)
            let base = execution.bytesInUse
            let block = MemoryPool.sizeClass(8000) ?? 0
            let sum = x + 1 + 2 + 3
            #expect(execution.bytesInUse == base + block)
            var y = sum
            for _ in 0..<10 { y = y.tanh() }
            #expect(execution.bytesInUse == base + 11 * block)
            let loss = y.sum()
            y = x
            backward(loss)
            #expect(execution.bytesInUse <= base + block + 1024)
            #expect(memory.toArray().allSatisfy { $0 > 0 })
        }
    }

    /// Backward needs no more than a few blocks over what the forward pass keeps.
    @Test func backwardPeak() throws {
        let execution = Execution()
        try execution.run {
            let (count, layers) = (1 << 16, 20)
            let memory = Tensor.zeros([count])
            let x = Tensor.ones([count])
            x.node = Node(gradientMemory: memory)
            var y: Tensor? = x
            for _ in 0..<layers { y = y.map { $0 + $0.tanh() } }
            let loss = y!.sum()
            y = nil
            let before = execution.bytesInUse
            backward(loss)
            #expect(execution.peakBytesInUse <= before + 3 * (4 * count) + 1024)
        }
    }

    /// The gradient of a weight is summed in the leaf's memory, without a copy of its size on the way.
    @Test func weightGradientsGoStraightToTheLeaf() throws {
        let execution = Execution()
        try execution.run {
            let (weight, memory) = (Tensor.ones([1000, 1000]), Tensor.ones([1000, 1000]))
            weight.node = Node(gradientMemory: memory)
            let before = execution.bytesInUse
            backward(linear(Tensor.ones([3, 1000]), weight: weight).sum())
            #expect(execution.peakBytesInUse < before + 100_000)
            #expect(memory.toArray().allSatisfy { $0 == 4 })
        }
    }

    /// Attention over T tokens makes nothing of size T².
    @Test func attentionNeedsNoSquareBuffer() throws {
        let execution = Execution()
        try execution.run {
            let x = Tensor.ones([1, 2048, 1, 8])
            x.requiresGradient = true
            let y = attention(x, x, x, visibility: .full(2048, 2048), scale: 1)
            _ = gradients(of: y.sum(), withRespectTo: [x])
        }
        #expect(execution.peakBytesInUse < 2048 * 2048)
    }

    @Test func memoryThatRunsOutIsAnError() throws {
        let execution = Execution(poisonsFreshMemory: true)
        execution.memoryLimit = 1 << 20
        var reached = false
        var error: ExecutionError?
        do {
            try execution.run {
                let x = Tensor.ones([300, 300])
                x.requiresGradient = true
                let y = linear(x, weight: x).softmax()  // the third block of 360 kB does not fit
                let loss = attention(
                    y.reshaped([1, 300, 4, 75]), y.reshaped([1, 300, 4, 75]), y.reshaped([1, 300, 4, 75]),
                    visibility: .causal(300), scale: 1
                ).square().sum()
                #expect(loss.item.isNaN)
                #expect(gradients(of: loss, withRespectTo: [x])[0].toArray().allSatisfy { $0.isNaN })
                #expect(y.withFloats { $0.count } == 90_000)
                reached = true
            }
        } catch let caught as ExecutionError {
            error = caught
        }
        #expect(reached)
        guard case .outOfMemory(let requested, let inUse) = error else {
            Issue.record("no error")
            return
        }
        #expect(requested >= 360_000 && inUse >= 720_000 && inUse <= 1 << 20)
        // Afterwards the execution works again.
        let sum = try execution.run { Tensor.ones([300, 300]).sum().item }
        #expect(sum == 90_000)
        #expect(execution.bytesInUse == 0)
    }

    @Test func sizesBeyondAnyMachine() throws {
        for shape in [[1 << 40, 1 << 40], [1 << 50], [1 << 61, 4]] {
            #expect(throws: ExecutionError.self) { try Execution().run { _ = Tensor.zeros(shape) + 1 } }
        }
    }

    @Test func errorsOfTheBodyPass() {
        struct Mine: Error {}
        func failing() throws { throw Mine() }
        #expect(throws: Mine.self) { try Execution().run(failing) }
    }

    @Test func nestedRunsRestoreTheCurrentExecution() throws {
        let (outer, inner) = (Execution(), Execution())
        try outer.run {
            #expect(Execution.current === outer)
            try inner.run { #expect(Execution.current === inner) }
            #expect(Execution.current === outer)
        }
    }

    @Test func cancellationIsAskedFor() {
        var stop = false
        let execution = Execution(shouldCancel: { stop })
        #expect(!execution.isCancelled)
        stop = true
        #expect(execution.isCancelled)
    }
}
