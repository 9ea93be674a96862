internal import CSequenceModel
internal import SequenceModel

/// What an `sm_instance` points to.
final class ExportedInstance {
    let model: any SequenceModel
    /// Kept alive: models hold their services weakly or not at all.
    let host: ExportedHost
    private var names: [UnsafeMutablePointer<CChar>] = []
    private var shapes: [UnsafeMutablePointer<Int64>] = []
    private let declarations: [ParameterDeclaration]

    init(model: any SequenceModel, host: ExportedHost) {
        self.model = model
        self.host = host
        declarations = model.parameters
        for declaration in declarations {
            names.append(permanentText(declaration.name))
            let shape = UnsafeMutablePointer<Int64>.allocate(capacity: max(declaration.shape.count, 1))
            for (axis, size) in declaration.shape.enumerated() { shape[axis] = Int64(size) }
            shapes.append(shape)
        }
    }

    deinit {
        for name in names { name.deallocate() }
        for shape in shapes { shape.deallocate() }
    }

    var parameterCount: Int { declarations.count }

    func parameter(_ index: UInt64) throws -> sm_parameter {
        guard let index = Int(exactly: index), declarations.indices.contains(index) else {
            throw SequenceModelError(.notFound, "parameter \(index); there are \(declarations.count)")
        }
        let declaration = declarations[index]
        var parameter = sm_parameter()
        parameter.flags =
            (declaration.isBuffer ? SM_PARAMETER_BUFFER : 0) | (declaration.weightDecay ? 0 : SM_PARAMETER_NO_WEIGHT_DECAY)
        parameter.name = UnsafePointer(names[index])
        parameter.shape = UnsafePointer(shapes[index])
        parameter.rank = UInt32(declaration.shape.count)
        switch declaration.initialiser {
        case .constant(let value): (parameter.initialiser, parameter.a) = (SM_INITIALISE_CONSTANT, value)
        case .normal(let mean, let deviation):
            (parameter.initialiser, parameter.a, parameter.b) = (SM_INITIALISE_NORMAL, mean, deviation)
        case .uniform(let from, let to): (parameter.initialiser, parameter.a, parameter.b) = (SM_INITIALISE_UNIFORM, from, to)
        case .custom: parameter.initialiser = SM_INITIALISE_CUSTOM
        }
        parameter.learning_rate_multiplier_minus_one = declaration.learningRateMultiplier - 1
        parameter.tied_to_plus_one = declaration.tiedTo.map { Int64($0) + 1 } ?? 0
        return parameter
    }

    /// A caller's tensor as parameter `index` has to be: on the CPU, compact, aligned. Index −1: of any shape, for no parameter.
    func view(_ tensor: sm_tensor, of index: Int, _ role: String) throws -> TensorView {
        let name = declarations.indices.contains(index) ? declarations[index].name : "\(index)"
        func refuse(_ text: String) -> SequenceModelError {
            SequenceModelError(.invalidArgument, index < 0 ? "\(role): \(text)" : "\(role) \"\(name)\": \(text)")
        }
        guard let data = tensor.data else { throw refuse("data is null") }
        guard tensor.device_type == 1 else { throw refuse("device type \(tensor.device_type); allowed: 1 (CPU)") }
        guard tensor.byte_offset == 0 else { throw refuse("byte_offset \(tensor.byte_offset); allowed: 0") }
        guard UInt(bitPattern: data) % 64 == 0 else { throw refuse("data is not aligned to 64 bytes") }
        guard tensor.rank >= 0, tensor.rank <= 32 else { throw refuse("rank \(tensor.rank); allowed: 0 to 32") }
        let scalar: TensorView.Scalar
        switch tensor.scalar_type {
        case SM_FLOAT32: scalar = .float32
        case SM_FLOAT64: scalar = .float64
        default: throw refuse("scalar type \(tensor.scalar_type); allowed: SM_FLOAT32, SM_FLOAT64")
        }
        var shape: [Int] = []
        var compact: Int64 = 1
        if tensor.rank > 0 {
            guard let sizes = tensor.shape else { throw refuse("shape is null") }
            shape = (0 ..< Int(tensor.rank)).map { Int(sizes[$0]) }
            if let strides = tensor.strides {
                for axis in (0 ..< Int(tensor.rank)).reversed() {
                    guard strides[axis] == compact || sizes[axis] == 1 else { throw refuse("not compact row-major") }
                    compact = compact.multipliedReportingOverflow(by: sizes[axis]).partialValue
                }
            }
        }
        let declared = declarations.indices.contains(index) ? declarations[index].shape : shape
        guard shape == declared else { throw refuse("shape \(shape); declared: \(declared)") }
        return TensorView(data: data, shape: shape, scalar: scalar)
    }
}

/// A zero-terminated copy, the caller's to free.
func permanentText(_ text: String) -> UnsafeMutablePointer<CChar> {
    let bytes = Array(text.utf8)
    let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count + 1)
    for (index, byte) in bytes.enumerated() { copy[index] = CChar(bitPattern: byte) }
    copy[bytes.count] = 0
    return copy
}
