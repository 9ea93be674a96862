/// All tests of `zoo check`, in the order in which they are told.
public enum ConformanceSuite {
    /// By group, in the order of `TestGroup`; names are unique.
    public static let tests: [ConformanceTest] =
        ConformanceTest.handshake + ConformanceTest.configuration + ConformanceTest.mathematics + ConformanceTest.state
        + ConformanceTest.manners

    /// The test of that name.
    public static func test(named name: String) -> ConformanceTest? { tests.first { $0.name == name } }

    /// Tests that are tried at `strictness`, 1 to 10.
    public static func tests(strictness: Int) -> [ConformanceTest] { tests.filter { $0.strictness <= strictness } }
}
