extension ConformanceTest {
    static let state: [ConformanceTest] = [stateRoundTrip]
}
