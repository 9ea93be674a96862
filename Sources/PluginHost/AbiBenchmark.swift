import CSequenceModel
import Glibc
import SequenceModel

/// Measures what the plugin boundary itself costs.
public enum AbiBenchmark {
    private static let runs = 15
    private static let callsPerRun = 20_000

    /// Loads a fresh copy of the plugin at `path` and calls it. The model's default configuration is used; the call
    /// is `shape`, which fills four numbers, with the host's error buffer prepared as for every call.
    ///
    /// Throws what loading and `create` throw.
    public static func measure(pluginAt path: String) throws -> AbiFigures {
        let load = try loadMilliseconds(path)
        guard let factory = try Plugin.load(path).models.first as? PluginModelFactory,
            let model = try factory.create(.object([:]), services: NoHostServices()) as? PluginModel,
            let shape = model.instance.functions.shape
        else { throw ZooError(.internalBug, "\(path): the plugin has no model to call") }
        var foreign = sm_shape()
        foreign.struct_size = UInt32(MemoryLayout<sm_shape>.size)
        let clock = ContinuousClock()
        var figures: [Double] = []
        for _ in 0 ..< runs {
            let time = try clock.measure {
                for _ in 0 ..< callsPerRun {
                    try model.instance.errors.check("shape") { shape(model.instance.pointer, &foreign, $0) }
                }
            }
            figures.append(time / .nanoseconds(1) / Double(callsPerRun))
        }
        return AbiFigures(nanosecondsPerCall: figures.sorted()[runs / 2], loadMilliseconds: load)
    }

    /// A copy under a name of its own is a plugin that this process has not seen.
    private static func loadMilliseconds(_ path: String) throws -> Double {
        var template = Array("/tmp/zoo-benchmark-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw ZooError(.temporary, "cannot make a folder in /tmp: \(String(cString: strerror(errno)))")
        }
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let copy = "\(folder)/plugin.so"
        defer {
            unlink(copy)
            rmdir(folder)
        }
        try duplicate(path, to: copy)
        let clock = ContinuousClock()
        let begin = clock.now
        _ = try Plugin.load(copy)
        return (clock.now - begin) / .milliseconds(1)
    }

    private static func duplicate(_ path: String, to copy: String) throws {
        let source = try FileReader(plugin: path)
        guard let bytes = source.bytes(at: 0, count: Int(source.size)) else {
            throw ZooError(.plugin, "\(path): cannot be read to its end")
        }
        guard let file = fopen(copy, "wb") else {
            throw ZooError(.temporary, "\(copy): \(String(cString: strerror(errno)))")
        }
        let written = fwrite(bytes.bytes, 1, bytes.count, file)
        guard fclose(file) == 0, written == bytes.count else {
            throw ZooError(.temporary, "\(copy): \(String(cString: strerror(errno)))")
        }
    }
}
