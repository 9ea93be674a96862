import Evaluation
import Foundation
import PluginHost
import Report
import SequenceModel
import Training

extension Score {
    /// What makes a score one that a session gives, reading the text in one piece.
    var carriedOption: String? {
        readFirst != nil ? "--read-first" : loadState != nil ? "--load-state" : saveState != nil ? "--save-state" : nil
    }

    /// Options that say how windows are scored, and make no sense without windows.
    var windowOption: String? {
        context != nil ? "--context" : samples != nil ? "--samples" : !probe.isEmpty ? "--probe" : nil
    }

    /// Scores the text through a session that has read something else before, and through one that has not.
    func scoreCarried(_ loaded: LoadedModel, data: String, _ catalogue: PluginCatalogue, option: String) throws {
        let model = loaded.model
        try CarriedState.requireSessions(of: model, catalogue, for: option)
        let bytes = part.bytes(of: try TextData.load([data]), rule: try SplitRule(split))
        let before = try readFirst.map { try TextData.load([$0]).bytes } ?? []
        let session = try loadState.map { try CarriedState.load($0, of: loaded, catalogue: catalogue) }
        let loadedSymbols = session?.position ?? 0
        let carries = session != nil || !before.isEmpty

        // Without: from nothing, or what would be compared is two pasts.
        var fresh: SessionScore?
        if carries { fresh = try measure(try model.openSession(rows: 1), model, bytes, "scoring without") }
        let reader = try session ?? model.openSession(rows: 1)
        if !before.isEmpty {
            let progress = Progress("reading first", total: before.count, unit: "bytes", isQuiet: global.quiet)
            try SessionScore.read(before[...], into: reader, of: model) {
                progress.update($0)
                try Interruption.check()
            }
            progress.finish()
        }
        let score = try measure(reader, model, bytes, "scoring")
        var stateBytes: Int?
        if let saveState {
            try SessionScore.read(bytes.suffix(1), into: reader, of: model)
            stateBytes = try CarriedState.save(reader, of: loaded, to: saveState)
        }
        report(
            model, data, score, without: fresh, readBefore: before.count, loadedSymbols: loadedSymbols, stateBytes: stateBytes)
    }

    private func measure(
        _ session: any SequenceSession, _ model: any SequenceModel, _ bytes: ArraySlice<UInt8>, _ title: String
    ) throws -> SessionScore {
        let progress = Progress(title, total: max(bytes.count - 1, 1), unit: "bytes", isQuiet: global.quiet)
        let score = try SessionScore.measure(session, of: model, bytes: bytes) {
            progress.update($0)
            try Interruption.check()
        }
        progress.finish()
        return score
    }

    private func report(
        _ model: any SequenceModel, _ data: String, _ score: SessionScore, without fresh: SessionScore?, readBefore: Int,
        loadedSymbols: Int, stateBytes: Int?
    ) {
        guard !global.json else {
            let beginnings = score.beginnings.map { count -> JSONValue in
                .object([
                    "bytes": .integer(Int64(count)), "bits_per_byte": .number(score.bitsPerByte(first: count)),
                    "bits_per_byte_without": (fresh?.bitsPerByte(first: count)).json,
                ])
            }
            print(json: [
                "model": .string(model.description.id), "checkpoint": .string(checkpoint), "data": .string(data),
                "part": .string(part.rawValue), "likelihood": .string(model.description.likelihood.label),
                "bits_per_byte": .number(score.bitsPerByte), "bits_per_byte_without": (fresh?.bitsPerByte).json,
                "bytes": .integer(Int64(score.nats.count)), "read_first": readFirst.map(JSONValue.string) ?? .null,
                "read_first_bytes": .integer(Int64(readBefore)), "loaded_state": loadState.map(JSONValue.string) ?? .null,
                "loaded_symbols": .integer(Int64(loadedSymbols)), "beginnings": .array(beginnings),
                "saved_state": saveState.map(JSONValue.string) ?? .null, "state_bytes": stateBytes.json,
            ])
            return
        }
        func rounded(_ value: Double) -> String { String(format: "%.4f", value) }
        if let fresh {
            var past: [String] = []
            if let loadState { past.append("the \(loadedSymbols) symbols behind \(loadState)") }
            if let readFirst { past.append("\(readFirst) (\(readBefore) bytes)") }
            let gain = fresh.bitsPerByte - score.bitsPerByte
            let change = gain >= 0 ? "\(rounded(gain)) less" : "\(rounded(-gain)) more"
            print("\(rounded(score.bitsPerByte)) bits per byte after reading \(past.joined(separator: " and "))")
            print("\(rounded(fresh.bitsPerByte)) bits per byte without: reading first makes it \(change)")
        } else {
            print("\(rounded(score.bitsPerByte)) bits per byte")
        }
        print("exact likelihood of \(score.nats.count) bytes read in one piece (part: \(part.rawValue)); no weight was changed")
        if let fresh {
            var table = TextTable(columns: [("of the first", .right), ("after reading", .right), ("without", .right), ("change", .right)])
            for count in score.beginnings {
                let (after, before) = (score.bitsPerByte(first: count), fresh.bitsPerByte(first: count))
                table.add(["\(count) bytes", rounded(after), rounded(before), String(format: "%+.4f", after - before)])
            }
            print("\n" + table.text, terminator: "")
        }
        if let saveState, let stateBytes { print("state of \(stateBytes) bytes in \(saveState)") }
    }
}
