import SequenceModel

/// What the system says of a file, by which it is known again without being read.
struct ProbeMark: Equatable {
    let device: UInt64
    let inode: UInt64
    let byteCount: Int
    let modificationTime: Int64

    init(_ report: PluginFileReport) {
        device = report.identity.device
        inode = report.identity.inode
        byteCount = report.byteCount
        modificationTime = report.modificationTime
    }

    init?(_ value: JSONValue) {
        guard let items = value.arrayValue, items.count == 4, let device = items[0].integerValue,
            let inode = items[1].integerValue, let byteCount = items[2].integerValue,
            let time = items[3].integerValue
        else { return nil }
        self.device = UInt64(bitPattern: Int64(device))
        self.inode = UInt64(bitPattern: Int64(inode))
        self.byteCount = byteCount
        modificationTime = Int64(time)
    }

    var json: JSONValue {
        .array([
            .integer(Int64(bitPattern: device)), .integer(Int64(bitPattern: inode)), .integer(Int64(byteCount)),
            .integer(modificationTime),
        ])
    }
}
