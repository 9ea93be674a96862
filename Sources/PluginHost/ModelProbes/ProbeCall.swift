import CSequenceModel
import SequenceModel

/// One call of a declared function: its arguments as C values, side by side.
struct ProbeCall {
    let function: @convention(c) () -> Void
    let types: ProbeSignature
    let instance: PluginInstance

    /// Calls the function with arguments that fit its signature. Throws what it reports, and `.invalidArgument` for a
    /// batch or tensor that it could read past the end of.
    func run(_ arguments: [ProbeArgument], into results: inout [UInt64]) throws {
        let kinds: [CallInterface.Kind] =
            [.pointer]
            + types.arguments.map { $0 == .integer ? .integer : $0 == .number ? .number : .pointer }
            + types.results.map { _ in .pointer } + [.pointer]
        let interface: CallInterface
        do {
            interface = try CallInterface.of(kinds)
        } catch let fault as ForeignFault {
            throw SequenceModelError(.internal, fault.message)
        }
        let instance = self.instance
        let function = self.function
        try results.withUnsafeMutableBufferPointer { results in
            let places = results.indices.map { index in results.baseAddress.map { Self.word($0 + index) } ?? 0 }
            try ProbeCall.withWords(arguments[...], [Self.word(UnsafeRawPointer(instance.pointer))]) { words in
                try instance.errors.check("probe") { error in
                    interface.call(function, words + places + [Self.word(UnsafeRawPointer(error))])
                }
            }
        }
    }

    private static func word(_ pointer: UnsafeRawPointer) -> UInt64 { UInt64(UInt(bitPattern: pointer)) }

    /// Runs `body` with a word for each argument; what pointers lead to is valid during the call.
    private static func withWords(
        _ arguments: ArraySlice<ProbeArgument>, _ words: [UInt64], _ body: ([UInt64]) throws -> Void
    ) throws {
        guard let first = arguments.first else { return try body(words) }
        let rest = arguments.dropFirst()
        switch first {
        case .integer(let value): try withWords(rest, words + [UInt64(bitPattern: value)], body)
        case .number(let value): try withWords(rest, words + [value.bitPattern], body)
        case .batch(let batch):
            try batch.withForeign { try withWords(rest, words + [word(UnsafeRawPointer($0))], body) }
        case .tensor(let view):
            guard UInt(bitPattern: view.data) % UInt(TensorView.alignment) == 0 else {
                throw SequenceModelError(.invalidArgument, "a tensor is not aligned to \(TensorView.alignment) bytes")
            }
            try TensorView.withForeign([view]) { tensors in
                guard let tensors else { return }
                try withWords(rest, words + [word(UnsafeRawPointer(tensors))], body)
            }
        }
    }
}
