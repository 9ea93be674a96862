import Foundation
import PluginHost
import SequenceModel

/// What the process that `ProcessSizer` starts does: asks one model and writes what it answered.
public struct SizingExecution {
    /// The answer as it crosses from process to process; one of the two is there.
    struct Reply: Codable {
        var sized: SizedModel?
        var refused: SizingRefusal?
    }

    private let request: SizingRequest
    private let folder: ComparisonFolder.RunFolder

    /// - Throws: `ZooError` when the request cannot be read.
    public init(requestFile: String) throws {
        let path = RunFiles.absolute(requestFile)
        request = try JSONFile.read(SizingRequest.self, from: path)
        folder = ComparisonFolder.RunFolder(path: (path as NSString).deletingLastPathComponent)
    }

    /// Writes the reply beside the request; before it calls a function of the plugin, the function's name.
    ///
    /// - Throws: `ZooError` when the plugin cannot be loaded or a file cannot be written.
    public func run() throws {
        ParentWatch.start()
        let phases = try RunPhases(folder)
        try phases.begin("loading")
        guard let factory = try Plugin.load(request.plugin).models.first(where: { $0.description.id == request.model })
        else { throw ZooError(.plugin, "\(request.plugin) does not bring the model \(request.model)") }
        let reply: Reply
        do {
            reply = Reply(sized: try SizedModel(factory, request) { try phases.begin($0.rawValue) })
        } catch let refusal as SizingRefusal {
            reply = Reply(refused: refusal)
        }
        try JSONFile.write(reply, to: folder.result)
    }
}
