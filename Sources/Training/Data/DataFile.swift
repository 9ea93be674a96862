/// A file of a data set as it was when it was read.
public struct DataFile: Sendable, Equatable {
    public let path: String
    public let stamp: FileStamp
}
