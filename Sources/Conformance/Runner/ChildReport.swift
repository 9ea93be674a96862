import Glibc
public import SequenceModel

/// The child's side of `TestChild`: where it writes the call in progress and what it found out.
public final class ChildReport {
    private let descriptor: Int32
    let page: UnsafeMutableRawBufferPointer?

    /// Takes the report file over; throws nothing: a report that cannot be written is a child that did not finish.
    public init() {
        // A number that a plugin which closes or replaces small descriptors does not meet.
        descriptor = fcntl(TestChild.reportDescriptor, F_DUPFD_CLOEXEC, 200)
        close(TestChild.reportDescriptor)
        let mapped = mmap(nil, TestChild.pageBytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
        page =
            mapped == MAP_FAILED ? nil : mapped.map { UnsafeMutableRawBufferPointer(start: $0, count: TestChild.pageBytes) }
    }

    /// Writes `value` and ends the process, without running what the plugin may have left to run at its end.
    public func finish(_ value: JSONValue) -> Never {
        var text = value.description
        text.withUTF8 { bytes in
            var written = 0
            while written < bytes.count, let base = bytes.baseAddress {
                let got = pwrite(descriptor, base + written, bytes.count - written, off_t(TestChild.pageBytes + written))
                if got < 0, errno == EINTR { continue }
                guard got > 0 else { Glibc._exit(1) }
                written += got
            }
        }
        Glibc._exit(TestChild.finished)
    }
}
