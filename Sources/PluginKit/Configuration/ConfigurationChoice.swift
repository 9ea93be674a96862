/// A setting that is one of a few words: an enum with string raw values. The schema lists them, and so does the error.
public protocol ConfigurationChoice: RawRepresentable<String>, CaseIterable, Codable {}

extension ConfigurationChoice {
    static var words: [String] { allCases.map(\.rawValue) }
}
