extension ConformanceTest {
    static let configuration: [ConformanceTest] = []
}
