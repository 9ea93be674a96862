import Foundation
import TestSupport

enum Folders {
    /// Copies a folder of the working copy to a temporary place: building in it leaves nothing behind.
    static func copy(_ name: String) throws -> String {
        let target = try TemporaryFolder.make() + "/copy"
        try FileManager.default.copyItem(atPath: Repository.path(name), toPath: target)
        return target
    }
}
