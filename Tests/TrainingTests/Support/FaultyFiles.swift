import Foundation
import Synchronization
import Training

/// The operating system, until a chosen operation: that one fails (a full disk), or it and all after it (the process was killed there).
final class FaultyFiles: FileOperations {
    private let system = SystemFiles()
    private let count = Atomic<Int>(0)
    private let failing: Int
    private let isKill: Bool
    private let number: Int32

    init(failing: Int, isKill: Bool = false, number: Int32 = ENOSPC) {
        self.failing = failing
        self.isKill = isKill
        self.number = number
    }

    /// Operations so far.
    var operations: Int { count.load(ordering: .relaxed) }

    private func pass(_ operation: String, _ path: String) throws {
        let index = count.wrappingAdd(1, ordering: .relaxed).oldValue
        if index == failing || (isKill && index > failing) {
            throw FileFault(operation: operation, path: path, number: number)
        }
    }

    func create(_ path: String) throws -> Int32 {
        try pass("create", path)
        return try system.create(path)
    }
    func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, path: String) throws -> Int {
        try pass("write", path)
        // Short writes all the time: they must not matter.
        return try system.write(descriptor, UnsafeRawBufferPointer(rebasing: bytes.prefix(max(bytes.count / 2, 1))), path: path)
    }
    func synchronise(_ descriptor: Int32, path: String) throws { try pass("flush", path) }
    func close(_ descriptor: Int32, path: String) throws {
        // A killed process closes its files too.
        try system.close(descriptor, path: path)
        try pass("close", path)
    }
    func synchroniseDirectory(_ path: String) throws { try pass("flush", path) }
    func createDirectory(_ path: String) throws {
        try pass("create", path)
        try system.createDirectory(path)
    }
    func rename(_ path: String, to target: String) throws {
        try pass("rename", path)
        try system.rename(path, to: target)
    }
    func remove(_ path: String) throws {
        try pass("remove", path)
        try system.remove(path)
    }
    func removeDirectory(_ path: String) throws {
        try pass("remove", path)
        try system.removeDirectory(path)
    }
}
