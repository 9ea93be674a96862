import CSequenceModel
import Glibc
import SequenceModel

/// Guarded memory of all parameters of an instance and of their gradients.
final class ParameterBlock {
    let declarations: [RawParameter]
    let scalar: UInt32
    let values: GuardedMemory
    let gradients: GuardedMemory
    /// Declarations with memory of their own, in order; a block each.
    let own: [Int]
    /// The block of each declaration.
    private let blockOf: [Int]
    private let shapes: UnsafeMutablePointer<Int64>

    /// Zeroed memory. Throws `CheckEnd.failed` for declarations that cannot be laid out.
    init(_ declarations: [RawParameter], scalar: UInt32) throws {
        self.declarations = declarations
        self.scalar = scalar
        var own: [Int] = []
        var blockOf: [Int] = []
        var sizes: [Int] = []
        for (index, declaration) in declarations.enumerated() {
            guard let count = declaration.count else {
                throw CheckEnd.failed("parameter \(declaration.name) has the impossible shape \(declaration.shape)")
            }
            if let tied = declaration.tiedTo {
                guard tied >= 0, tied < index, declarations[tied].count == count else {
                    throw CheckEnd.failed("parameter \(declaration.name) is tied to parameter \(tied), which does not fit")
                }
                blockOf.append(blockOf[tied])
                continue
            }
            blockOf.append(own.count)
            own.append(index)
            sizes.append(count * (scalar == SM_FLOAT64 ? 8 : 4))
        }
        self.own = own
        self.blockOf = blockOf
        values = try GuardedMemory(byteCounts: sizes)
        gradients = try GuardedMemory(byteCounts: sizes)
        let flat = declarations.flatMap(\.shape)
        shapes = .allocate(capacity: max(flat.count, 1))
        for (index, size) in flat.enumerated() { shapes[index] = size }
    }

    deinit { shapes.deallocate() }

    /// Own declarations that are trained.
    var trained: [Int] { own.filter { !declarations[$0].isBuffer } }

    func count(_ declaration: Int) -> Int { declarations[declaration].count ?? 0 }

    /// One value of a parameter.
    subscript(value declaration: Int, index: Int) -> Double {
        get { read(values.blocks[blockOf[declaration]], index) }
        set { write(values.blocks[blockOf[declaration]], index, newValue) }
    }

    /// One value of a gradient.
    subscript(gradient declaration: Int, index: Int) -> Double {
        get { read(gradients.blocks[blockOf[declaration]], index) }
        set { write(gradients.blocks[blockOf[declaration]], index, newValue) }
    }

    func all(values declaration: Int) -> [Double] { (0 ..< count(declaration)).map { self[value: declaration, $0] } }
    func all(gradient declaration: Int) -> [Double] { (0 ..< count(declaration)).map { self[gradient: declaration, $0] } }

    func write(_ numbers: [Double], to declaration: Int) {
        for (index, number) in numbers.enumerated() { self[value: declaration, index] = number }
    }

    func fillGradients(_ number: Double) {
        for declaration in own { for index in 0 ..< count(declaration) { self[gradient: declaration, index] = number } }
    }

    /// First values as declared. `custom` writes those that only the plugin can.
    func initialise(seed: UInt64, custom: (_ declaration: Int, _ key: (UInt64, UInt64), _ values: sm_tensor) throws -> Void) throws {
        let root = RandomKey(seed: seed)
        for declaration in own {
            let parameter = declarations[declaration]
            let key = root.split(parameter.name)
            var stream = key.stream
            let count = count(declaration)
            switch parameter.initialiser {
            case SM_INITIALISE_CONSTANT: for index in 0 ..< count { self[value: declaration, index] = parameter.a }
            case SM_INITIALISE_NORMAL:
                for index in 0 ..< count { self[value: declaration, index] = parameter.a + parameter.b * stream.normal() }
            case SM_INITIALISE_UNIFORM:
                for index in 0 ..< count {
                    self[value: declaration, index] = parameter.a + (parameter.b - parameter.a) * stream.uniform()
                }
            default: try custom(declaration, key.words, tensors(values)[declaration])
            }
        }
    }

    /// Moves every trained value a little, so that what begins at zero has a gradient too.
    func perturb(seed: UInt64, by deviation: Double) {
        for declaration in trained {
            var stream = RandomKey(seed: seed).split("perturb").split(declarations[declaration].name).stream
            for index in 0 ..< count(declaration) { self[value: declaration, index] += deviation * stream.normal() }
        }
    }

    /// Tensors over `memory` (`values` or `gradients`), one for each declaration. Shapes live as long as this object.
    func tensors(_ memory: GuardedMemory) -> [sm_tensor] {
        var position = 0
        return declarations.indices.map { index in
            var tensor = sm_tensor()
            tensor.data = memory.blocks[blockOf[index]]
            tensor.device_type = 1
            tensor.rank = Int32(declarations[index].shape.count)
            tensor.scalar_type = scalar
            tensor.shape = UnsafePointer(shapes + position)
            position += declarations[index].shape.count
            return tensor
        }
    }

    private func read(_ block: UnsafeMutableRawPointer, _ index: Int) -> Double {
        scalar == SM_FLOAT64
            ? block.load(fromByteOffset: index * 8, as: Double.self) : Double(block.load(fromByteOffset: index * 4, as: Float.self))
    }

    private func write(_ block: UnsafeMutableRawPointer, _ index: Int, _ value: Double) {
        if scalar == SM_FLOAT64 {
            block.storeBytes(of: value, toByteOffset: index * 8, as: Double.self)
        } else {
            block.storeBytes(of: Float(value), toByteOffset: index * 4, as: Float.self)
        }
    }
}
