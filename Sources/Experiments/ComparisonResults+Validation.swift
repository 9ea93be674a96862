import Evaluation
import PluginHost

extension ComparisonResults {
    /// Reads `results.json`. Throws `ZooError` (`.data`) with the file and the key of what is wrong: not JSON, a newer
    /// schema, a missing or mistyped key, or a value that cannot be.
    public static func read(_ path: String) throws -> ComparisonResults {
        let bytes = [UInt8](try RunFiles.read(path))
        let header = try JSONFile.decode(Header.self, bytes, from: path)
        guard header.schema == currentSchema else {
            throw ZooError(
                .data, "\(path): schema \(header.schema); this version of zoo reads schema \(currentSchema)",
                hint: "use the version of zoo that wrote the file")
        }
        let results = try JSONFile.decode(ComparisonResults.self, bytes, from: path)
        if let problem = results.problem { throw ZooError(.data, "\(path): \(problem)") }
        return results
    }

    /// Writes `results.json`: sorted keys, the same bytes for the same results.
    public func write(to path: String) throws {
        if let problem { throw ZooError(.internalBug, "\(path) was not written: \(problem)") }
        try JSONFile.write(self, to: path)
    }

    private struct Header: Decodable { var schema: Int }

    /// The first value that cannot be, with its key; nil when all can.
    public var problem: String? {
        if data.bytes < 0 || data.splits.train + data.splits.validation + data.splits.test > data.bytes {
            return "data.splits: together longer than data.bytes"
        }
        for (index, row) in tuning.enumerated() {
            if let bits = row.validationBitsPerByte, !(bits.isFinite && bits >= 0) {
                return "tuning[\(index)].validation_bits_per_byte: \(bits); allowed: finite, 0 or more"
            }
        }
        for (index, row) in rows.enumerated() {
            if let problem = row.problem { return "rows[\(index)].\(problem)" }
        }
        return nil
    }
}

extension ResultRow {
    /// The first value that cannot be, with its key; nil when all can.
    var problem: String? {
        if model.isEmpty { return "model: empty" }
        if let parameters, parameters < 0 { return "parameters: \(parameters); allowed: 0 or more" }
        if trainTokens < 0 { return "train_tokens: \(trainTokens); allowed: 0 or more" }
        if !learningRate.isFinite { return "learning_rate: not a finite number" }
        let figures: [(String, Double?)] = [
            ("bits_per_byte", bitsPerByte), ("bits_per_byte_stderr", bitsPerByteStandardError),
            ("train_tokens_per_second", trainTokensPerSecond), ("seconds", seconds),
            ("peak_memory_bytes", peakMemoryBytes.map(Double.init)),
        ]
        for (key, value) in figures {
            if let value, !(value.isFinite && value >= 0) { return "\(key): \(value); allowed: finite, 0 or more" }
        }
        if status == .ok, bitsPerByte == nil, likelihood != .none, task == nil {
            return "bits_per_byte: null in a run that is ok and has a likelihood"
        }
        if status == .ok, parameters == nil { return "parameters: null in a run that is ok" }
        if status != .ok, detail.isEmpty { return "detail: empty in a run that is \(status.rawValue)" }
        if let problem = task?.problem { return "task.\(problem)" }
        for (name, figure) in probes {
            if let problem = figure.problem { return "probes.\(name).\(problem)" }
        }
        for (index, figure) in variants.enumerated() {
            let values = [
                figure.bitsPerByte, figure.bitsPerByteStandardError, figure.scoreTokensPerSecond, figure.generateTokensPerSecond,
                figure.sampleBitsPerByte, figure.sampleStandardError, figure.sampleDistinct, figure.textBitsPerByte,
            ]
            if let value = values.compactMap(\.self).first(where: { !($0.isFinite && $0 >= 0) }) {
                return "variants[\(index)]: \(value); allowed: finite, 0 or more"
            }
        }
        if !curveSeconds.isEmpty, curveSeconds.count != curve.count {
            return "curve_seconds: \(curveSeconds.count) values for \(curve.count) points"
        }
        if !curve.allSatisfy({ $0.tokens >= 0 && $0.bitsPerByte.isFinite }) || !curveSeconds.allSatisfy(\.isFinite) {
            return "curve: negative tokens or a number that is not finite"
        }
        let decoding = decode.allSatisfy {
            let rate = $0.tokensPerSecond ?? 0
            return $0.context >= 0 && rate.isFinite && rate >= 0 && ($0.stateBytes ?? 0) >= 0
                && ($0.peakMemoryBytes ?? 0) >= 0
        }
        return decoding ? nil : "decode: a figure that is negative or not finite"
    }
}

extension TaskResult {
    /// The first value that cannot be, with its key; nil when all can.
    var problem: String? {
        if !(chance.isFinite && (0 ..< 1).contains(chance)) { return "chance: \(chance); allowed: 0 to below 1" }
        for (index, figure) in lengths.enumerated() {
            let place = "lengths[\(index)]"
            if !(0 ... 1).contains(figure.accuracy) { return "\(place).accuracy: \(figure.accuracy); allowed: 0 to 1" }
            if let bits = figure.bitsPerAnswer, !bits.isFinite { return "\(place).bits_per_answer: \(bits); allowed: finite" }
        }
        if !curve.allSatisfy({ (0 ... 1).contains($0.accuracy) }) { return "curve: an accuracy that is not 0 to 1" }
        return nil
    }
}
