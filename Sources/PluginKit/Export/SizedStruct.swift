internal import SequenceModel

/// True for a null that came in where the header says there is none: a caller's mistake must not become a trap.
@inline(never)
func isNull<T>(_ pointer: UnsafePointer<T>) -> Bool { UInt(bitPattern: pointer) == 0 }

@inline(never)
func isNull<T>(_ pointer: UnsafeMutablePointer<T>) -> Bool { UInt(bitPattern: pointer) == 0 }

@inline(never)
func isNull(_ pointer: OpaquePointer) -> Bool { UInt(bitPattern: pointer) == 0 }

/// Throws `.invalidArgument` for a null pointer, naming the argument.
func requireArgument(_ isNull: Bool, _ name: String) throws {
    if isNull { throw SequenceModelError(.invalidArgument, "\(name) is null") }
}

/// A caller's struct that begins with `struct_size`: shorter ones are filled up with zeros, longer ones must end in zeros.
func readSized<T>(_ pointer: UnsafePointer<T>, _ name: String, zero: T) throws -> T {
    let known = MemoryLayout<T>.size
    let bytes = UnsafeRawPointer(pointer)
    let size = try sizeField(bytes, name)
    if size > known {
        for offset in known ..< size where bytes.load(fromByteOffset: offset, as: UInt8.self) != 0 {
            throw SequenceModelError(
                .invalidArgument, "\(name) has \(size) bytes with a value at offset \(offset); this plugin knows \(known)")
        }
    }
    var value = zero
    withUnsafeMutableBytes(of: &value) { $0.copyMemory(from: UnsafeRawBufferPointer(start: bytes, count: min(size, known))) }
    return value
}

/// Fills a caller's struct as far as the caller knows it; its `struct_size` stays.
func writeSized<T>(_ value: T, to pointer: UnsafeMutablePointer<T>, _ name: String) throws {
    let size = try sizeField(UnsafeRawPointer(pointer), name)
    let count = min(size, MemoryLayout<T>.size)
    withUnsafeBytes(of: value) { source in
        for offset in 4 ..< count {
            UnsafeMutableRawPointer(pointer).storeBytes(of: source[offset], toByteOffset: offset, as: UInt8.self)
        }
    }
}

/// A size beyond this is not a struct but garbage, whose tail must not be looked at.
private let largestStruct = 4096

private func sizeField(_ bytes: UnsafeRawPointer, _ name: String) throws -> Int {
    let size = Int(bytes.loadUnaligned(as: UInt32.self))
    guard size >= 4, size <= largestStruct else {
        throw SequenceModelError(.invalidArgument, "struct_size of \(name) is \(size); allowed: 4 to \(largestStruct)")
    }
    return size
}
