extension ConformanceTest {
    static let manners: [ConformanceTest] = []
}
