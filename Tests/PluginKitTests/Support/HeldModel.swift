import Glibc
import PluginKit
import SequenceModel

/// A model with parameter and gradient memory, in the same process. The memory is never freed: sessions may outlive this object.
final class HeldModel {
    let model: any SequenceModel
    private(set) var values: [TensorView] = []
    private(set) var gradients: [TensorView] = []

    init(
        _ type: any TensorModel.Type, _ configuration: String = "{}", scalar: TensorView.Scalar = .float32,
        services: any HostServices = NoHostServices(), bound: Bool = true, trained: Bool = true
    ) throws {
        model = try makeFactory(type).create(JSONParser.parse(configuration), services: services)
        for (index, declaration) in model.parameters.enumerated() {
            if let tied = declaration.tiedTo {
                values.append(values[tied])
                gradients.append(gradients[tied])
                continue
            }
            values.append(allocate(declaration.shape, scalar))
            gradients.append(allocate(declaration.shape, scalar))
            var stream = RandomKey(seed: 3).split(UInt64(index)).stream
            values[index].write((0 ..< declaration.count).map { _ in 0.3 * stream.normal() })
        }
        if bound { try model.bind(parameters: values, gradients: trained ? gradients : nil) }
    }

    private func allocate(_ shape: [Int], _ scalar: TensorView.Scalar) -> TensorView {
        let count = shape.reduce(1, *)
        var block: UnsafeMutableRawPointer?
        guard posix_memalign(&block, 64, count * scalar.byteCount) == 0, let block else {
            preconditionFailure("no memory for a test")
        }
        memset(block, 0, count * scalar.byteCount)
        return TensorView(data: block, shape: shape, scalar: scalar)
    }

    func logits(_ tokens: [Int32], rows: Int = 1) throws -> [Float] {
        var logits = [Float](repeating: .nan, count: tokens.count * model.shape.vocabulary)
        let batch = Batch(rows: rows, length: tokens.count / rows, tokens: tokens)
        try logits.withUnsafeMutableBufferPointer { try model.logits(batch, into: $0) }
        return logits
    }
}

extension SequenceSession {
    func logits(_ tokens: [Int32], _ which: LogitsChoice, vocabulary: Int) throws -> [Float] {
        let places = which == .all ? tokens.count * vocabulary : which == .last ? rows * vocabulary : 0
        var logits = [Float](repeating: .nan, count: places)
        try logits.withUnsafeMutableBufferPointer { try append(tokens, logits: which, into: $0) }
        return logits
    }
}

/// The error that `body` throws, as "code: message"; "nothing" when it does not.
func failure(_ body: () throws -> Void) -> String {
    do {
        try body()
        return "nothing"
    } catch let error as SequenceModelError {
        return "\(error.code.rawValue): \(error.message)"
    } catch { return "\(error)" }
}

func largestDifference(_ a: [Float], _ b: [Float]) -> Float {
    guard a.count == b.count else { return .infinity }
    return zip(a, b).reduce(0) { worst, pair in
        let difference = abs(pair.0 - pair.1)
        return difference.isNaN ? .infinity : max(worst, difference)
    }
}
