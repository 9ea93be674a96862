/// A file of a data set as it was when it was read.
public struct DataFile: Sendable, Equatable {
    /// As it was found: relative where the name that was given is.
    public let path: String
    /// Size and time of change when its bytes were read; `TextData.checkUnchanged` compares with it.
    public let stamp: FileStamp
}
