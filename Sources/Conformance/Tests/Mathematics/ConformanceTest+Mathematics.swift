extension ConformanceTest {
    static let mathematics: [ConformanceTest] = [causality, gradientDifferences]
}
