import CSequenceModel
import SequenceModel

/// Turns the events of `sm.generate/1` into Swift values and hands them on while its call runs.
final class EventRelay {
    private var sink: ((GenerationEvent) -> Bool)?
    /// The receiver asked to stop.
    private(set) var wasStopped = false
    /// What was wrong with an event.
    private(set) var fault: String?

    /// More symbols in one event than any text has.
    private static let maximumSymbols: UInt64 = 1 << 31

    init(_ sink: @escaping (GenerationEvent) -> Bool) { self.sink = sink }

    /// Events that come after the call are dropped.
    func revoke() { sink = nil }

    /// The C callback: 0 to go on.
    static let receive: @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<sm_event>) -> Int32 = {
        context, event in
        guard let context else { return 1 }
        return Unmanaged<EventRelay>.fromOpaque(context).takeUnretainedValue().handle(event) ? 0 : 1
    }

    private func handle(_ pointer: UnsafePointer<sm_event>) -> Bool {
        guard let sink, !wasStopped, fault == nil else { return false }
        let size = UnsafeRawPointer(pointer).load(as: UInt32.self)
        let event = ForeignTable.copy(UnsafeRawPointer(pointer), size: size, as: sm_event.self)
        let isTextual = event.kind == SM_EVENT_APPEND || event.kind == SM_EVENT_REPLACE
        if isTextual, event.count > 0, event.symbols == nil || event.count > EventRelay.maximumSymbols {
            fault =
                "event \(event.kind) of \(event.count) symbols \(event.symbols == nil ? "without symbols" : "is too long")"
            return false
        }
        let symbols = isTextual ? Array(UnsafeBufferPointer(start: event.symbols, count: Int(event.count))) : []
        let goesOn: Bool
        switch event.kind {
        case SM_EVENT_STEP: goesOn = sink(.step(index: Int(event.step), count: Int(event.steps)))
        case SM_EVENT_APPEND: goesOn = sink(.append(symbols))
        case SM_EVENT_REPLACE: goesOn = sink(.replace(begin: Int(clamping: event.begin), symbols: symbols))
        case SM_EVENT_DONE: goesOn = sink(.done)
        // A kind of a later revision.
        default: goesOn = true
        }
        if !goesOn { wasStopped = true }
        return goesOn
    }
}
