import CSequenceModel
import SequenceModel

extension ModelDescription {
    private static let longestIdentifier = 64

    /// What a plugin wrote about its model `index`, every string checked.
    init(foreign: sm_description, index: UInt32) throws {
        func line(_ pointer: UnsafePointer<CChar>?, _ field: String, _ maximum: Int) throws -> String {
            try ForeignString.readLine(pointer, "\(field) of model \(index)", maximumBytes: maximum)
        }
        let id = try line(foreign.id, "id", ModelDescription.longestIdentifier)
        let isAllowed = id.utf8.allSatisfy { byte in
            (0x61 ... 0x7A).contains(byte) || (0x30 ... 0x39).contains(byte) || byte == 0x5F || byte == 0x2D
        }
        guard !id.isEmpty else { throw ForeignFault("id of model \(index) is empty") }
        guard isAllowed else {
            throw ForeignFault("id of model \(index) is \"\(id)\"; allowed: a to z, 0 to 9, _ and -")
        }
        guard let likelihood = Likelihood(rawValue: foreign.likelihood) else {
            throw ForeignFault("likelihood of model \(id) is \(foreign.likelihood); allowed: 0, 1, 2")
        }
        let schema = try ForeignString.read(
            foreign.configuration_schema, "configuration schema of model \(id)", maximumBytes: 1 << 20)
        if !schema.isEmpty {
            guard let value = try? JSONParser.parse(schema), value.objectValue != nil else {
                throw ForeignFault("configuration schema of model \(id) is not a JSON object")
            }
        }
        let name = try line(foreign.name, "name", 128)
        self.init(
            id: id, name: name.isEmpty ? id : name, family: try line(foreign.family, "family", 128),
            summary: try line(foreign.summary, "summary", 4096), paper: try line(foreign.paper, "paper", 4096),
            licence: try line(foreign.licence, "licence", 256), likelihood: likelihood,
            capabilities: Capabilities(rawValue: foreign.capabilities),
            configurationSchema: schema.isEmpty ? "{}" : schema)
    }
}
