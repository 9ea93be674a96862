extension ConformanceTest {
    static let state: [ConformanceTest] = [
        stateRoundTrip, stateFork, stateRewind, stateDamaged, stateForeign, stateBytes, instancesInterleaved, createDestroy,
    ]
}
