internal import Synchronization

/// A lock for a few instructions, without Dispatch or POSIX.
final class SpinLock: Sendable {
    private let taken = Atomic<Bool>(false)

    func locked<T>(_ body: () -> T) -> T {
        while taken.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged == false {}
        defer { taken.store(false, ordering: .releasing) }
        return body()
    }
}
