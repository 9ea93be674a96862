import Glibc
import PluginHost
import SequenceModel

/// A directory `step-N` from which a run goes on: parameters, moments, state, and a manifest with the size and SHA-256 of each file.
///
/// Written under another name, every file flushed, the manifest last, then renamed: a directory called `step-N` is whole unless the disk or
/// somebody damaged it, and reading verifies that too. Nothing trusts a name or a pointer to "the latest".
public enum Checkpoint {
    static let manifestName = "manifest.json"
    static let formatVersion = 1
    private static let fileNames = ["model.safetensors", "optimizer.safetensors", "config.json", "state.json"]

    /// Writes `step-N` under `folder`, replacing one of the same name.
    ///
    /// - Throws: `ZooError`; whatever was there before is untouched, except by a crash between the two renames of a replacement.
    static func write(
        _ state: TrainingState, memory: ParameterMemory, optimizer: AdamW, configuration: JSONValue, folder: String,
        files: any FileOperations = SystemFiles()
    ) throws {
        let target = "\(folder)/step-\(state.step)"
        let temporary = "\(target).tmp-\(getpid())"
        discard(temporary, files: files)
        do {
            try files.createDirectory(temporary)
            var entries: [JSONValue] = []
            func add(_ name: String, _ body: (inout FileWriter) throws -> Void) throws {
                try AtomicFile.writeInPlace("\(temporary)/\(name)", files: files) { writer in
                    try body(&writer)
                    entries.append(
                        .object([
                            "name": .string(name), "bytes": .integer(Int64(writer.byteCount)),
                            "sha256": .string(writer.sha256),
                        ]))
                }
            }
            try add("model.safetensors") {
                try SafetensorsWriter.write(ParameterFile.entries(memory), metadata: ["format": "pt"], to: &$0)
            }
            try add("optimizer.safetensors") {
                try SafetensorsWriter.write(momentEntries(memory, optimizer), metadata: [:], to: &$0)
            }
            try add("config.json") { try $0.write(Array(configuration.prettyPrinted.utf8)) }
            try add("state.json") { try $0.write(Array(state.json.prettyPrinted.utf8)) }
            let manifest: JSONValue = .object([
                "format": .integer(Int64(formatVersion)), "complete": .boolean(true), "step": .integer(Int64(state.step)),
                "files": .array(entries),
            ])
            try AtomicFile.writeInPlace("\(temporary)/\(manifestName)", files: files) {
                try $0.write(Array(manifest.prettyPrinted.utf8))
            }
            try files.synchroniseDirectory(temporary)
            // A step is written again only when its first checkpoint was found damaged.
            let old = "\(target).tmp-\(getpid())-old"
            let isReplaced = Folder.exists(target)
            discard(old, files: files)
            if isReplaced { try files.rename(target, to: old) }
            try files.rename(temporary, to: target)
            try files.synchroniseDirectory(folder)
            if isReplaced { discard(old, files: files) }
        } catch let fault as FileFault {
            discard(temporary, files: files)
            throw fault.zooError()
        } catch {
            discard(temporary, files: files)
            throw error
        }
    }

    /// Numbers N of the directories `step-N`, highest first.
    public static func steps(in folder: String) -> [Int] {
        Folder.names(folder).compactMap { name in
            guard name.hasPrefix("step-"), let step = Int(name.dropFirst(5)), step >= 0, name == "step-\(step)" else { return nil }
            return step
        }.sorted(by: >)
    }

    /// Throws `.data`, naming file and fault, unless every file is as the manifest says.
    public static func verify(_ path: String) throws {
        let manifestPath = "\(path)/\(manifestName)"
        guard Folder.exists(manifestPath) else { throw ZooError(.data, "\(path) is incomplete: it has no \(manifestName)") }
        let manifest = try readJSON(manifestPath)
        guard manifest["format"]?.integerValue == formatVersion, manifest["complete"]?.booleanValue == true,
            let entries = manifest["files"]?.arrayValue
        else { throw ZooError(.data, "\(manifestPath) is not the manifest of a complete checkpoint of format \(formatVersion)") }
        var present: Set<String> = []
        for entry in entries {
            guard let name = entry["name"]?.stringValue, fileNames.contains(name), present.insert(name).inserted,
                let bytes = entry["bytes"]?.integerValue, let sha256 = entry["sha256"]?.stringValue
            else { throw ZooError(.data, "\(manifestPath) has an entry that is malformed") }
            let reader = try FileReader("\(path)/\(name)", kind: "checkpoint file")
            guard reader.size == bytes else {
                throw ZooError(.data, "\(reader.path) has \(reader.size) bytes; the manifest says \(bytes)")
            }
            guard try reader.sha256() == sha256 else {
                throw ZooError(.data, "\(reader.path) is damaged: its SHA-256 is not what the manifest says")
            }
        }
        for name in fileNames where !present.contains(name) { throw ZooError(.data, "\(manifestPath) does not list \(name)") }
    }

    /// The highest step under `folder` that verifies. `warn` hears of each that does not.
    static func latest(in folder: String, warn: (String) -> Void) -> String? {
        for step in steps(in: folder) {
            let path = "\(folder)/step-\(step)"
            do {
                try verify(path)
                return path
            } catch {
                warn("checkpoint passed over: \(error)")
            }
        }
        return nil
    }

    static func state(_ path: String) throws -> TrainingState {
        do {
            return try TrainingState(json: try readJSON("\(path)/state.json"))
        } catch let error as ZooError {
            throw ZooError(error.code, "\(path)/state.json: \(error.message)", cause: error)
        }
    }

    /// Reads parameters and moments of a checkpoint that was verified.
    static func read(_ path: String, memory: ParameterMemory, optimizer: AdamW) throws {
        try ParameterFile.read("\(path)/model.safetensors", into: memory)
        let file = try SafetensorsFile(path: "\(path)/optimizer.safetensors")
        for (index, views) in zip(optimizer.trainedIndices, optimizer.momentViews) {
            let name = memory.declarations[index].name
            for (prefix, view) in [("first_moment.", views.first), ("second_moment.", views.second)] {
                guard let tensor = file[prefix + name], tensor.shape == view.shape, let floats = view.floats else {
                    throw ZooError(.data, "\(file.path) has no \(prefix + name) of shape \(view.shape)")
                }
                try file.read(tensor, into: floats)
            }
        }
    }

    /// Removes all but the `count` highest steps up to `step`, and what crashed processes left. The caller holds the lock of the
    /// run. What cannot be removed is told to `warn` and stays.
    static func purge(
        _ folder: String, keeping count: Int, upTo step: Int, files: any FileOperations = SystemFiles(), warn: (String) -> Void
    ) {
        let old = steps(in: folder).filter { $0 <= step }.dropFirst(count).map { "step-\($0)" }
        let left = Folder.names(folder).filter { $0.hasPrefix("step-") && $0.contains(".tmp-") }
        for name in old + left {
            let path = "\(folder)/\(name)"
            discard(path, files: files)
            if Folder.exists(path) { warn("old checkpoint \(path) could not be removed") }
        }
    }

    /// Removes a checkpoint directory, its manifest first, as far as possible.
    private static func discard(_ path: String, files: any FileOperations) {
        guard Folder.exists(path) else { return }
        for name in [manifestName] + Folder.names(path).filter({ $0 != manifestName }) { try? files.remove("\(path)/\(name)") }
        try? files.removeDirectory(path)
    }

    private static func momentEntries(_ memory: ParameterMemory, _ optimizer: AdamW) -> [SafetensorsEntry] {
        zip(optimizer.trainedIndices, optimizer.momentViews).flatMap { index, views in
            [("first_moment.", views.first), ("second_moment.", views.second)].map { prefix, view in
                SafetensorsEntry(
                    name: prefix + memory.declarations[index].name, scalar: .float32, shape: view.shape,
                    bytes: UnsafeRawBufferPointer(start: view.data, count: view.byteCount))
            }
        }
    }

    static func readJSON(_ path: String) throws -> JSONValue {
        do {
            return try JSONParser.parse(try FileReader.text(path, kind: "file", limit: 1 << 24), maximumBytes: 1 << 24)
        } catch let error as SequenceModelError {
            throw ZooError(.data, "\(path): \(error.message)", cause: error)
        }
    }
}
