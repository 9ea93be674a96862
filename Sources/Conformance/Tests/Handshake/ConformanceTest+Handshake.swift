extension ConformanceTest {
    static let handshake: [ConformanceTest] = [
        exportedSymbols, runPath, loadTime, handshakeRepeats, description, unknownModel, unknownExtension, foreignHost, hostStructSizes,
        noServices, callOrder, nullArguments,
    ]
}
