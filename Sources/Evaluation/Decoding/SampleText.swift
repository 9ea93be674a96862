import SequenceModel

/// Symbols to read while a model is timed: always the same, without structure.
func sampleText(_ count: Int, alphabet: Int) -> [Int32] {
    var stream = RandomKey(seed: 0).split("sample text").stream
    return (0 ..< count).map { _ in Int32(stream.index(below: max(alphabet, 1))) }
}
