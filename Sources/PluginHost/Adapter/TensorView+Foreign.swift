import CSequenceModel
import SequenceModel

extension TensorView {
    /// Largest alignment that the ABI promises a plugin, bytes.
    static let alignment = 64

    /// Runs `body` with `views` as an array of C tensors; the shapes are valid during the call.
    static func withForeign<Result>(
        _ views: [TensorView], _ body: (UnsafePointer<sm_tensor>?) throws -> Result
    ) rethrows -> Result {
        let shapes = views.flatMap { $0.shape.map(Int64.init) }
        return try shapes.withUnsafeBufferPointer { shapes in
            var position = 0
            var tensors: [sm_tensor] = []
            tensors.reserveCapacity(views.count)
            for view in views {
                var tensor = sm_tensor()
                tensor.data = view.data
                tensor.device_type = 1
                tensor.rank = Int32(view.shape.count)
                tensor.scalar_type = view.scalar == .float32 ? SM_FLOAT32 : SM_FLOAT64
                tensor.shape = shapes.baseAddress.map { $0 + position }
                position += view.shape.count
                tensors.append(tensor)
            }
            return try tensors.withUnsafeBufferPointer { try body($0.baseAddress) }
        }
    }

    /// Throws `.invalidArgument` unless the view has the declared shape and an address a plugin may rely on.
    func check(against declaration: ParameterDeclaration, _ what: String) throws {
        guard shape == declaration.shape else {
            throw SequenceModelError(
                .invalidArgument, "\(what) \(declaration.name) has shape \(shape); \(declaration.shape) is needed")
        }
        guard UInt(bitPattern: data) % UInt(TensorView.alignment) == 0 else {
            throw SequenceModelError(
                .invalidArgument, "\(what) \(declaration.name) is not aligned to \(TensorView.alignment) bytes")
        }
    }
}
