import Foundation
import PluginHost
public import SequenceModel

/// Event files as TensorBoard reads them: TFRecords, each a length, its checksum, a message, its checksum; the messages are those of
/// `event.proto`, as far as numbers need them.
public enum EventFile {
    /// One number of a curve.
    public struct Scalar: Sendable, Equatable {
        /// What it is called: `loss`.
        public var tag: String
        /// Where it stands on the axis.
        public var step: Int
        /// What it is; TensorBoard keeps single precision.
        public var value: Double
        /// Seconds since 1970.
        public var time: Double

        /// Takes the values as they are.
        public init(tag: String, step: Int, value: Double, time: Double) {
            self.tag = tag
            self.step = step
            self.value = value
            self.time = time
        }
    }

    /// The bytes of a file: the version, then the numbers in order.
    ///
    /// - Parameter begin: seconds since 1970, of the first event.
    public static func bytes(_ scalars: [Scalar], begin: Double) -> [UInt8] {
        // Event: 1 wall_time (double), 2 step (int64), 3 file_version (string), 5 summary.
        var file = record(fixed64(1, begin) + field(3, Array("brain.Event:2".utf8)))
        for scalar in scalars {
            // Summary: 1 value, repeated. Value: 1 tag, 2 simple_value (float).
            let value = field(1, Array(scalar.tag.utf8)) + fixed32(2, Float(scalar.value))
            file += record(
                fixed64(1, scalar.time) + varint(2 << 3) + varint(UInt64(bitPattern: Int64(scalar.step))) + field(5, field(1, value)))
        }
        return file
    }

    /// Curves of a run from its `log.jsonl`: every number of every line that has a step.
    ///
    /// - Parameter begin: seconds since 1970 when training began; the time of a line is that plus its `seconds`.
    public static func scalars(ofLog lines: [JSONValue], begin: Double) -> [Scalar] {
        lines.flatMap { line -> [Scalar] in
            guard let step = line["step"]?.integerValue, let object = line.objectValue else { return [] }
            let time = begin + (line["seconds"]?.doubleValue ?? 0)
            return object.keys.compactMap { key in
                guard key != "step", let value = object[key]?.doubleValue else { return nil }
                return Scalar(tag: key, step: step, value: value, time: time)
            }
        }
    }

    private static func record(_ message: [UInt8]) -> [UInt8] {
        let length = little(UInt64(message.count))
        return length + little(CRC32C.masked(length)) + message + little(CRC32C.masked(message))
    }

    /// A field of a length and so many bytes: wire type 2.
    private static func field(_ number: UInt64, _ bytes: [UInt8]) -> [UInt8] {
        varint(number << 3 | 2) + varint(UInt64(bytes.count)) + bytes
    }

    private static func fixed64(_ number: UInt64, _ value: Double) -> [UInt8] {
        varint(number << 3 | 1) + little(value.bitPattern)
    }

    private static func fixed32(_ number: UInt64, _ value: Float) -> [UInt8] {
        varint(number << 3 | 5) + little(value.bitPattern)
    }

    private static func varint(_ value: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    private static func little(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
}
