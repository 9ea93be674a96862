extension ConformanceTest {
    static let manners: [ConformanceTest] = [
        outOfBounds, parametersReadOnly, outputsWritten, inputsUntouched, floatingPointMode, processManners, threads, cancellation,
        hostAfterReturn, sameBitsRepeated, sameBitsThreads, foreignSymbols,
    ]
}
