/// One thing on the right side of a rule.
enum GrammarSymbol: Equatable {
    case text([UInt8])
    case rule(Int)
    /// Keeps what the symbols up to the matching `endSlot` become.
    case beginSlot(Int)
    case endSlot(Int)
    /// What the slot keeps, once more.
    case copy(Int)
}
