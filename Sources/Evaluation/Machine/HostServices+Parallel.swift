import SequenceModel

extension HostServices {
    /// Runs `body` once for every index in 0 ..< count, in any order, and returns when all have run.
    func inParallel(_ count: Int, _ body: (Int) -> Void) {
        withoutActuallyEscaping(body) { escaping in
            var boxed = escaping
            withUnsafeMutablePointer(to: &boxed) { pointer in
                parallelFor(
                    count,
                    { argument, index in
                        argument?.assumingMemoryBound(to: ((Int) -> Void).self).pointee(Int(index))
                    }, UnsafeMutableRawPointer(pointer))
            }
        }
    }
}
