/// Where patches end, from what came before alone.
///
/// The first byte of a text is a patch of its own. After that a byte ends its patch when the rule says so: when the patcher's entropy of
/// what follows is above the threshold, when the patch has its fixed length, or when the byte is like a space and something else was in the
/// patch; and always at the greatest length.
struct PatchRule {
    let mode: BltConfiguration.PatchingMode
    let threshold: Double
    let size: Int
    let maximumLength: Int
    let byteOffset: Int

    init(_ c: BltConfiguration) {
        mode = c.patchingMode
        threshold = c.patchingThreshold
        size = c.patchSize
        maximumLength = c.maximumPatchLength ?? .max
        byteOffset = c.byteOffset
    }

    /// What it must know of the open patch.
    struct Open {
        /// Bytes read into it.
        var length = 0
        /// Whether one of them is no space-like byte.
        var hasWord = false
    }

    /// Whether the patch ends with the byte of `id` at `position` of the text. `entropy`: nats of the patcher's prediction after it.
    func ends(_ open: inout Open, position: Int, id: Int32, entropy: Double) -> Bool {
        open.length += 1
        let isSpace = isSpaceLike(Int(id) - byteOffset)
        open.hasWord = open.hasWord || !isSpace
        let ends =
            switch mode {
            case .entropy: entropy > threshold
            case .fixed: open.length >= size
            case .space: isSpace && open.hasWord
            }
        guard position == 0 || ends || open.length >= maximumLength else { return false }
        open = Open()
        return true
    }

    /// Neither a Latin letter, nor a digit, nor a byte inside of a longer character.
    private func isSpaceLike(_ byte: Int) -> Bool {
        switch byte {
        case 0x30 ... 0x39, 0x41 ... 0x5A, 0x61 ... 0x7A, 0x80 ... 0xBF: false
        default: true
        }
    }
}
