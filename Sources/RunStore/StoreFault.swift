import GRDB
import PluginHost

/// What the database says went wrong, in the words and with the exit statuses of the program.
enum StoreFault {
    static func named<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as DatabaseError {
            throw explain(error, path)
        }
    }

    private static func explain(_ error: DatabaseError, _ path: String) -> ZooError {
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let words = error.message ?? "\(error.resultCode)"
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            return ZooError(.temporary, "\(path) is in use by another process", hint: "try again when that is done", cause: error)
        case .SQLITE_FULL, .SQLITE_NOMEM, .SQLITE_IOERR:
            return ZooError(.temporary, "\(path): \(words)", hint: "make room and try again", cause: error)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            return damaged(path, words, folder)
        case .SQLITE_INTERRUPT:
            return ZooError(.data, "the query was stopped because its time was over", hint: "--time-limit allows more", cause: error)
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
            return ZooError(.data, "\(path): \(words)", hint: "look at its permissions and those of its folder", cause: error)
        default:
            return ZooError(.data, "\(path): \(words)", cause: error)
        }
    }

    static func damaged(_ path: String, _ words: String, _ folder: String) -> ZooError {
        ZooError(
            .data, "\(path) is damaged: \(words)",
            hint: "zoo query \(folder.isEmpty ? "." : folder) --rebuild makes it anew from results.jsonl and the logs")
    }
}
