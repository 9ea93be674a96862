import SequenceModel

/// A session whose saved state has a known size: `fixedBytes` + `bytesPerToken` × position.
final class FakeSession: SequenceSession {
    struct Options {
        var fixedBytes = 24
        var bytesPerToken = 8
        var rewinds = true
        var secondsPerToken = 0.0
        var limit = Int.max
        /// What the model claims, which nobody should believe.
        var declaredBytes = 1
    }

    let rows = 1
    unowned let model: AnalyticModel
    let options: Options
    private(set) var position = 0
    private var last: Int32 = 0

    init(_ model: AnalyticModel, options: Options) {
        self.model = model
        self.options = options
    }

    var stateBytes: Int { options.declaredBytes }

    func append(_ tokens: [Int32], logits which: LogitsChoice, into logits: UnsafeMutableBufferPointer<Float>) throws {
        guard position + tokens.count <= options.limit else {
            throw SequenceModelError(.resourceExhausted, "at most \(options.limit) tokens")
        }
        if options.secondsPerToken > 0 { spin(options.secondsPerToken * Double(tokens.count)) }
        position += tokens.count
        last = tokens.last ?? last
        if which == .last { model.write(after: last, into: logits) }
        if which == .all {
            let width = model.shape.vocabulary
            for (index, token) in tokens.enumerated() {
                model.write(after: token, into: UnsafeMutableBufferPointer(rebasing: logits[index * width ..< (index + 1) * width]))
            }
        }
    }

    func fork() throws -> any SequenceSession {
        let copy = FakeSession(model, options: options)
        copy.position = position
        copy.last = last
        return copy
    }

    func rewind(to position: Int) throws {
        guard options.rewinds else { throw SequenceModelError(.unimplemented, "cannot go back") }
        self.position = position
    }

    func save() throws -> [UInt8] {
        [UInt8](repeating: 7, count: options.fixedBytes + options.bytesPerToken * position)
    }
}
