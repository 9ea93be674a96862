internal import SequenceModel
internal import Tensor

/// The host's services where a C context pointer is needed.
final class ServicesBox {
    let services: any HostServices
    /// While set, the host is not asked whether to stop.
    var isDeaf = false

    init(_ services: any HostServices) { self.services = services }

    /// An execution on the host's threads. The box must outlive it.
    func makeExecution() -> Execution {
        let execution = Execution(
            parallelFor: services.maximumConcurrency > 1
                ? { context, count, task, argument in
                    guard let context else { return }
                    Unmanaged<ServicesBox>.fromOpaque(context).takeUnretainedValue().services.parallelFor(
                        Int(count), task, argument)
                } : nil,
            context: Unmanaged.passUnretained(self).toOpaque(), shouldCancel: { [unowned self] in !isDeaf && services.shouldCancel })
        execution.memoryLimit = SystemMemory.bytes
        return execution
    }
}
