extension ConformanceTest {
    static let mathematics: [ConformanceTest] = [
        causality, probabilitiesSum, scoreIsLogits, sessionSteps, sessionChunks, batchMates, gradientDifferences, gradientAccumulates,
        weightsLinear, ignoredTargets, lossAgrees, initialLoss, oneBatchOverfits, entropyFloor, boundAboveExact, copyCapacity, predictAgrees,
        generation,
    ]
}
