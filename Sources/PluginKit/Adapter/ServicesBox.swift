internal import SequenceModel
internal import Tensor

/// The host's services where a C context pointer is needed.
final class ServicesBox {
    let services: any HostServices

    init(_ services: any HostServices) { self.services = services }

    /// An execution on the host's threads. The box must outlive it.
    func makeExecution() -> Execution {
        let services = services
        let execution = Execution(
            parallelFor: services.maximumConcurrency > 1
                ? { context, count, task, argument in
                    guard let context else { return }
                    Unmanaged<ServicesBox>.fromOpaque(context).takeUnretainedValue().services.parallelFor(
                        Int(count), task, argument)
                } : nil,
            context: Unmanaged.passUnretained(self).toOpaque(), shouldCancel: { services.shouldCancel })
        execution.memoryLimit = SystemMemory.bytes
        return execution
    }
}
