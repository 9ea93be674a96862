import Foundation
import Glibc
import PluginHost
import SequenceModel
import Training

/// Writes the logs of runs as event files, a folder for each run, so that TensorBoard shows them as runs.
public enum EventExport {
    /// Finds the runs: `folder` itself when it is one, else those in its folder `runs`; by name, in order.
    public static func runs(in folder: String) -> [(name: String, log: String)] {
        let own = folder + "/log.jsonl"
        if FileManager.default.fileExists(atPath: own) { return [("run", own)] }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder + "/runs")) ?? []
        return names.sorted().compactMap { name in
            let log = "\(folder)/runs/\(name)/log.jsonl"
            return FileManager.default.fileExists(atPath: log) ? (name, log) : nil
        }
    }

    /// Writes `out/NAME/events.out.tfevents.…` for each run; files of an earlier export of the same runs are replaced.
    ///
    /// - Returns: how many runs were written.
    /// - Throws: `ZooError`: `.data` when there are no runs, and what reading and writing throw.
    public static func write(runsOf folder: String, to out: String) throws -> Int {
        let runs = runs(in: folder)
        guard !runs.isEmpty else {
            throw ZooError(
                .data, "\(folder) holds no logs of runs: neither log.jsonl nor runs/NAME/log.jsonl",
                hint: "name the --out folder of zoo train, zoo compare or zoo run")
        }
        for run in runs {
            let lines = try RunLog.read(run.log)
            // The log has the time spent in training; the file was last written when that came to its end.
            let last = lines.last { $0["seconds"] != nil }?["seconds"]?.doubleValue ?? 0
            var status = stat()
            let end = stat(run.log, &status) == 0 ? Double(status.st_mtim.tv_sec) : 0
            let begin = max(end - last, 0)
            let place = "\(out)/\(run.name)"
            try RunFiles.makeFolder(place)
            // TensorBoard reads all event files of a folder as one run: there must be one.
            for name in (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []
            where name.hasPrefix("events.out.tfevents.") { try RunFiles.remove("\(place)/\(name)") }
            try RunFiles.write(
                EventFile.bytes(EventFile.scalars(ofLog: lines, begin: begin), begin: begin),
                to: "\(place)/events.out.tfevents.\(Int(begin)).zoo")
        }
        return runs.count
    }
}
