import CSequenceModel
import SequenceModel

extension ParameterDeclaration {
    private static let highestRank: UInt32 = 8
    /// No single tensor has more values: sizes in bytes stay far from overflow.
    private static let maximumCount = 1 << 40

    /// What an instance declared as parameter `index`, checked on its own.
    init(foreign: sm_parameter, index: Int) throws {
        let name = try ForeignString.readLine(foreign.name, "name of parameter \(index)", maximumBytes: 512)
        guard !name.isEmpty else { throw ForeignFault("parameter \(index) has no name") }
        func refuse(_ text: String) -> ForeignFault { ForeignFault("parameter \(name): \(text)") }
        guard foreign.rank <= ParameterDeclaration.highestRank else {
            throw refuse("rank \(foreign.rank); allowed: 0 to \(ParameterDeclaration.highestRank)")
        }
        var shape: [Int] = []
        if foreign.rank > 0 {
            guard let sizes = foreign.shape else { throw refuse("rank \(foreign.rank) without a shape") }
            shape = (0 ..< Int(foreign.rank)).map { Int(sizes[$0]) }
        }
        var count = 1
        for size in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: size)
            guard size > 0, !overflow, product <= ParameterDeclaration.maximumCount else {
                throw refuse("shape \(shape); allowed: sizes from 1 on, at most 2⁴⁰ values")
            }
            count = product
        }
        let multiplier = foreign.learning_rate_multiplier_minus_one + 1
        guard multiplier.isFinite, multiplier >= 0 else {
            throw refuse("learning-rate multiplier \(multiplier); allowed: 0 and above")
        }
        let tied = foreign.tied_to_plus_one
        guard tied >= 0, tied <= Int64(index) else {
            throw refuse("tied to parameter \(tied - 1); allowed: an earlier one")
        }
        self.init(
            name: name, shape: shape, initialiser: try Initialiser(foreign: foreign, refuse: refuse),
            weightDecay: foreign.flags & SM_PARAMETER_NO_WEIGHT_DECAY == 0, learningRateMultiplier: multiplier,
            isBuffer: foreign.flags & SM_PARAMETER_BUFFER != 0, tiedTo: tied == 0 ? nil : Int(tied - 1))
    }

    /// Refuses a list in which names repeat or a tie leads to a parameter of another shape or to a tied one.
    static func check(_ declarations: [ParameterDeclaration]) throws {
        var seen: Set<String> = []
        for declaration in declarations {
            guard seen.insert(declaration.name).inserted else {
                throw ForeignFault("two parameters have the name \(declaration.name)")
            }
            guard let tied = declaration.tiedTo else { continue }
            let target = declarations[tied]
            guard target.shape == declaration.shape, target.tiedTo == nil else {
                throw ForeignFault(
                    "parameter \(declaration.name) \(declaration.shape) is tied to \(target.name) \(target.shape); "
                        + "allowed: an untied one of the same shape")
            }
        }
    }
}

extension Initialiser {
    fileprivate init(foreign: sm_parameter, refuse: (String) -> ForeignFault) throws {
        guard foreign.a.isFinite, foreign.b.isFinite else {
            throw refuse("initialiser with the numbers \(foreign.a) and \(foreign.b)")
        }
        switch foreign.initialiser {
        case SM_INITIALISE_CONSTANT: self = .constant(foreign.a)
        case SM_INITIALISE_NORMAL: self = .normal(mean: foreign.a, standardDeviation: foreign.b)
        case SM_INITIALISE_UNIFORM: self = .uniform(from: foreign.a, to: foreign.b)
        case SM_INITIALISE_CUSTOM: self = .custom
        default: throw refuse("initialiser \(foreign.initialiser); allowed: 0 to 3")
        }
    }
}
