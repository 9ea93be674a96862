/// How a test ends before its last line.
enum CheckEnd: Error {
    case failed(String)
    case skipped(String)
    case warning(String)
}
