import Foundation

/// Folders that go away with the process.
public enum TemporaryFolder {
    /// Path of a new, empty folder.
    public static func make() throws -> String {
        let url = root.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        return url.path
    }

    private static let root: URL = {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("zoo-tests-\(getpid())")
        atexit { try? FileManager.default.removeItem(at: TemporaryFolder.root) }
        return url
    }()
}
