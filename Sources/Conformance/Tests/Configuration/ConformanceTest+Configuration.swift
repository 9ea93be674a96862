extension ConformanceTest {
    static let configuration: [ConformanceTest] = [
        configurationDefaults, configurationUnknownKeys, configurationWrongTypes, configurationAbsurdSizes, configurationMalformed,
        proposeBudgets, parametersDeclared, parametersInitialised,
    ]
}
