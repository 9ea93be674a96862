import Foundation
import PluginHost
import SequenceModel

/// A line of `results.jsonl`: one run that ended, as one comparison sees it.
public struct ExperimentRecord: Codable, Sendable, Equatable {
    /// Name of the experiment.
    public var experiment: String
    /// Name of the comparison.
    public var comparison: String
    /// Place in the plan of the comparison, from 1, runs of a tuning grid first.
    public var number: Int
    /// `JobSpecification.hash()`: plugin, text, configuration, training options and seed.
    public var hash: String
    /// Folder of the run under that of the experiment; nil for a run that never began, because its model could not be sized.
    public var folder: String?
    /// The point of the tuning grid that it tried; nil for a run that gives a result.
    public var tuning: ConfigurationJSON?
    /// What came of it.
    public var row: ResultRow

    /// Takes the values as they are.
    public init(
        experiment: String, comparison: String, number: Int, hash: String, folder: String?, tuning: ConfigurationJSON?,
        row: ResultRow
    ) {
        self.experiment = experiment
        self.comparison = comparison
        self.number = number
        self.hash = hash
        self.folder = folder
        self.tuning = tuning
        self.row = row
    }

    /// One line without a line break; the same record gives the same bytes.
    public func line() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        } catch {
            throw ZooError(.internalBug, "a record of \(comparison) cannot be written as JSON: \(error)")
        }
    }

    /// The records of a file in its order; of two for the same place in the same comparison the later one counts. A last line that was not finished
    /// is passed over.
    ///
    /// - Throws: `ZooError` (`.data`) with the file and line of what is no record.
    public static func read(_ path: String) throws -> [ExperimentRecord] {
        let bytes = [UInt8](try RunFiles.read(path))
        var records: [ExperimentRecord] = []
        var places: [String: Int] = [:]
        var start = 0
        var line = 0
        let decoder = JSONDecoder()
        while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            line += 1
            let piece = bytes[start ..< end]
            start = end + 1
            guard !piece.isEmpty else { continue }
            let record: ExperimentRecord
            do {
                record = try decoder.decode(ExperimentRecord.self, from: Data(piece))
            } catch {
                throw ZooError(
                    .data, "\(path): line \(line) is no record of a run",
                    hint: "remove the line; zoo run writes the file anew from the runs", cause: error)
            }
            let key = "\(record.comparison)/\(record.number)"
            if let index = places[key] {
                records[index] = record
            } else {
                places[key] = records.count
                records.append(record)
            }
        }
        return records
    }
}
