public import PluginHost
import SequenceModel

/// Parameters of a model as a safetensors file: names and shapes as declared, tied ones left out.
public enum ParameterFile {
    /// What is written for `memory`; borrows its memory.
    static func entries(_ memory: ParameterMemory) -> [SafetensorsEntry] {
        memory.ownIndices.map { index in
            let view = memory.views[index]
            return SafetensorsEntry(
                name: memory.declarations[index].name, scalar: view.scalar == .float32 ? .float32 : .float64,
                shape: view.shape, bytes: UnsafeRawBufferPointer(start: view.data, count: view.byteCount))
        }
    }

    /// Writes beside `path`, then renames.
    public static func write(_ memory: ParameterMemory, to path: String, files: any FileOperations = SystemFiles()) throws {
        try SafetensorsWriter.write(entries(memory), metadata: ["format": "pt"], to: path, files: files)
    }

    /// Fills `memory` from a file with exactly the tensors that are declared, in F32, F64, F16 or BF16. A tied parameter may be there
    /// if it equals the one it shares memory with. `parametersChanged` is the caller's business.
    ///
    /// - Throws: `ZooError(.data)` that lists everything missing, unexpected or of another shape at once.
    public static func read(_ path: String, into memory: ParameterMemory) throws {
        let file = try SafetensorsFile(path: path)
        var faults: [String] = []
        var expected: Set<String> = []
        for declaration in memory.declarations {
            expected.insert(declaration.name)
            guard let tensor = file[declaration.name] else {
                if declaration.tiedTo == nil { faults.append("missing: \(declaration.name) \(declaration.shape)") }
                continue
            }
            if tensor.shape != declaration.shape {
                faults.append("wrong shape: \(declaration.name) is \(tensor.shape), expected \(declaration.shape)")
            }
        }
        faults += file.tensors.filter { !expected.contains($0.name) }.map { "unexpected: \($0.name) \($0.shape)" }
        guard faults.isEmpty else {
            let shown = faults.prefix(40).map { "\n  " + $0 }.joined()
            let rest = faults.count > 40 ? "\n  and \(faults.count - 40) more" : ""
            throw ZooError(.data, "\(path) does not fit the configuration:\(shown)\(rest)")
        }
        for index in memory.ownIndices {
            guard let tensor = file[memory.declarations[index].name] else { continue }
            if let floats = memory.views[index].floats {
                try file.read(tensor, into: floats)
            } else {
                memory.views[index].write(try file.floats(tensor.name).map { Double($0) })
            }
        }
        for (index, declaration) in memory.declarations.enumerated() where declaration.tiedTo != nil {
            guard let tensor = file[declaration.name], let floats = memory.views[index].floats else { continue }
            let values = try file.floats(tensor.name)
            guard zip(values, floats).allSatisfy({ $0 == $1 || ($0.isNaN && $1.isNaN) }) else {
                throw ZooError(
                    .data,
                    "\(path): \(declaration.name) is tied to \(memory.declarations[declaration.tiedTo ?? index].name) by the "
                        + "configuration, but has other values")
            }
        }
    }
}
