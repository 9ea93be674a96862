/// Makes a row of a run that left no result: how it ended, the last thing it said, and what its log still tells.
struct FailureReport {
    let job: JobSpecification
    let folder: ComparisonFolder.RunFolder
    let ending: JobEnding

    /// False where the machine was at fault, not the model: another call runs it again.
    var isFinal: Bool {
        // 75: no space, no memory. 64, 70: our own faults. 130: somebody stopped it.
        if case .exited(let status) = ending { return ![64, 70, 75, 130].contains(status) }
        return true
    }

    /// - Throws: when `partial.json` cannot be read.
    func row() throws -> ResultRow {
        let history = RunHistory.read(folder.log)
        var row = try folder.partialRow(hash: job.hash()) ?? job.row()
        history.fill(&row)
        let phase = RunPhases.last(folder.phases)
        let place =
            phase != nil && phase != RunPhases.training
            ? " while \(phase ?? "")" : history.lastStep.map { " after step \($0)" } ?? " before the first step"
        switch ending {
        case .timedOut(let minutes):
            row.status = .timeout
            row.detail = "stopped after \(SizeText.duration(minutes * 60)), the time a run may take,\(place)"
        case .signalled(let number):
            row.status = .crashed
            row.detail = "\(JobEnding.name(ofSignal: number))\(place)"
        case .exited(let status):
            row.status = .crashed
            row.detail = status == 0 ? "ended without a result\(place)" : "exit status \(status)\(place)"
        case .interrupted:
            row.status = .crashed
            row.detail = "interrupted\(place)"
        }
        // What a run says when it is stopped explains nothing.
        if case .timedOut = ending { return row }
        if let line = LastWords.line(in: folder) { row.detail += "; last line: \(line)" }
        return row
    }
}
