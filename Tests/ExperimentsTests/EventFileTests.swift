import Experiments
import Foundation
import SequenceModel
import Testing

struct EventFileTests {
    /// The examples of RFC 3720, appendix B.4, and the usual check value.
    @Test func checksumsAreThoseOfTheStandard() {
        #expect(CRC32C.checksum(Array("123456789".utf8)) == 0xE306_9283)
        #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(CRC32C.checksum([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
        #expect(CRC32C.checksum((0 ..< 32).map { UInt8($0) }) == 0x46DD_794E)
        #expect(CRC32C.checksum([]) == 0)
    }

    @Test func whatIsWrittenIsReadBack() throws {
        let scalars = [
            EventFile.Scalar(tag: "loss", step: 1, value: 5.5, time: 1000.25),
            EventFile.Scalar(tag: "validation_loss", step: 300, value: -0.125, time: 1002),
            EventFile.Scalar(tag: "é", step: 1 << 40, value: 1e-3, time: 1003),
        ]
        let events = try EventReader.read(EventFile.bytes(scalars, begin: 1000))
        #expect(events.count == 4)
        #expect(events[0].version == "brain.Event:2" && events[0].time == 1000)
        #expect(events.dropFirst().compactMap(\.tag) == scalars.map(\.tag))
        #expect(events.dropFirst().map(\.step) == scalars.map(\.step))
        #expect(events.dropFirst().map(\.time) == scalars.map(\.time))
        #expect(events.dropFirst().compactMap(\.value) == scalars.map { Float($0.value) })
        // The reader sees damage, so it would have seen mistakes.
        var damaged = EventFile.bytes(scalars, begin: 1000)
        damaged[damaged.count - 6] ^= 1
        #expect(throws: EventReader.Damage.self) { try EventReader.read(damaged) }
    }

    @Test func logsBecomeAFileForEachRun() throws {
        let folder = try TemporaryFolder()
        for name in ["a-seed-1", "b-seed-1"] {
            try FileManager.default.createDirectory(atPath: "\(folder.path)/runs/\(name)", withIntermediateDirectories: true)
            _ = try folder.write(
                """
                {"step":1,"tokens":64,"loss":5.5,"seconds":0.5}
                {"event":"resume","from_step":1}
                {"step":1,"tokens":64,"seconds":0.5,"validation_loss":5.25}
                {"step":2,"tokens":128,"loss":5,"seconds":1.5}

                """, "runs/\(name)/log.jsonl")
        }
        for _ in 0 ..< 2 { #expect(try EventExport.write(runsOf: folder.path, to: folder.path + "/tensorboard") == 2) }
        let place = folder.path + "/tensorboard/a-seed-1"
        let names = try FileManager.default.contentsOfDirectory(atPath: place)
        #expect(names.count == 1 && names[0].hasPrefix("events.out.tfevents."))
        let events = try EventReader.read([UInt8](Data(contentsOf: URL(fileURLWithPath: "\(place)/\(names[0])"))))
        let losses = events.filter { $0.tag == "loss" }
        #expect(losses.map(\.step) == [1, 2] && losses.map(\.value) == [5.5, 5])
        #expect(losses[1].time - losses[0].time == 1)
        #expect(events.filter { $0.tag == "validation_loss" }.map(\.value) == [5.25])

        let empty = try TemporaryFolder()
        let error = message { _ = try EventExport.write(runsOf: empty.path, to: empty.path) }
        #expect(error?.text == "\(empty.path) holds no logs of runs: neither log.jsonl nor runs/NAME/log.jsonl")
    }
}

/// Reads event files by the format's description, sharing nothing with the writer but the checksum, which has its own test.
enum EventReader {
    struct Damage: Error {}

    struct Event {
        var time = 0.0
        var step = 0
        var version: String?
        var tag: String?
        var value: Float?
    }

    static func read(_ file: [UInt8]) throws -> [Event] {
        var events: [Event] = []
        var rest = file[...]
        while !rest.isEmpty {
            let header = try take(8, &rest)
            guard try number(take(4, &rest)) == UInt64(CRC32C.masked(header)) else { throw Damage() }
            let message = try take(Int(number(header)), &rest)
            guard try number(take(4, &rest)) == UInt64(CRC32C.masked(message)) else { throw Damage() }
            var event = Event()
            try fields(message) { field, bytes in
                switch field {
                case 1: event.time = Double(bitPattern: number(bytes))
                case 2: event.step = Int(number(bytes))
                case 3: event.version = String(decoding: bytes, as: UTF8.self)
                case 5:
                    try fields(bytes) { _, value in
                        try fields(value) { field, bytes in
                            if field == 1 { event.tag = String(decoding: bytes, as: UTF8.self) }
                            if field == 2 { event.value = Float(bitPattern: UInt32(number(bytes))) }
                        }
                    }
                default: throw Damage()
                }
            }
            events.append(event)
        }
        return events
    }

    private static func fields(_ message: ArraySlice<UInt8>, _ body: (Int, ArraySlice<UInt8>) throws -> Void) throws {
        var rest = message
        while !rest.isEmpty {
            let key = try varint(&rest)
            switch key & 7 {
            case 0: try body(Int(key >> 3), ArraySlice(withUnsafeBytes(of: varint(&rest).littleEndian) { Array($0) }))
            case 1: try body(Int(key >> 3), take(8, &rest))
            case 2: try body(Int(key >> 3), take(Int(varint(&rest)), &rest))
            case 5: try body(Int(key >> 3), take(4, &rest))
            default: throw Damage()
            }
        }
    }

    private static func take(_ count: Int, _ rest: inout ArraySlice<UInt8>) throws -> ArraySlice<UInt8> {
        guard rest.count >= count else { throw Damage() }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }

    private static func varint(_ rest: inout ArraySlice<UInt8>) throws -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while let byte = rest.popFirst() {
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw Damage()
    }
}
