import CSequenceModel
import SequenceModel

extension PluginModel {
    func openSession(rows: Int) throws -> any SequenceSession {
        guard let table = extensions.session, let open = table.open else { throw absent("open of \(SM_SESSION_1)") }
        guard let rows = UInt32(exactly: rows), rows > 0 else {
            throw SequenceModelError(.invalidArgument, "open: \(rows) rows; at least 1 is needed")
        }
        var pointer: OpaquePointer?
        try instance.errors.check("open") { open(instance.pointer, rows, &pointer, $0) }
        return try PluginSession(pointer, rows: Int(rows), table: table, model: self, madeBy: "open")
    }

    func loadSession(_ state: [UInt8]) throws -> any SequenceSession {
        guard let table = extensions.session, let load = table.load else { throw absent("load of \(SM_SESSION_1)") }
        var pointer: OpaquePointer?
        try ByteReader.serve(state) { reader in
            try instance.errors.check("load") { load(instance.pointer, reader, &pointer, $0) }
        }
        return try PluginSession(pointer, rows: nil, table: table, model: self, madeBy: "load")
    }
}
