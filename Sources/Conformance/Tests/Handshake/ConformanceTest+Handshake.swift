extension ConformanceTest {
    static let handshake: [ConformanceTest] = [exportedSymbols, unknownExtension]
}
