import PluginHost

/// One thing that an honest plugin does, and how it is tried.
public struct ConformanceTest: Sendable {
    /// What the command line and the hostile plugins call it.
    public let name: String
    /// What an honest plugin does.
    public let sentence: String
    /// The heading it stands under in the list and on the page of tests.
    public let group: TestGroup
    /// Lowest strictness at which it is tried, 1 to 10.
    public let strictness: Int
    /// The failure in the field that it would have caught.
    public let motivation: String
    /// Tries it. Returns the numbers that show it; throws `CheckEnd`, or what a call reported.
    let body: @Sendable (CheckContext) throws -> String

    init(
        _ name: String, _ sentence: String, group: TestGroup, strictness: Int, motivation: String,
        body: @escaping @Sendable (CheckContext) throws -> String
    ) {
        self.name = name
        self.sentence = sentence
        self.group = group
        self.strictness = strictness
        self.motivation = motivation
        self.body = body
    }

    /// Tries it in this process.
    func run(_ context: CheckContext) -> TestResult {
        let (outcome, detail): (TestOutcome, String)
        do {
            (outcome, detail) = (.passed, try body(context))
        } catch CheckEnd.failed(let text) {
            (outcome, detail) = (.failed, text)
        } catch CheckEnd.skipped(let text) {
            (outcome, detail) = (.skipped, text)
        } catch CheckEnd.warning(let text) {
            (outcome, detail) = (.warning, text)
        } catch let failure as RawFailure {
            (outcome, detail) = (.failed, failure.description)
        } catch let error as ZooError {
            (outcome, detail) = (.failed, error.message)
        } catch {
            (outcome, detail) = (.failed, "\(error)")
        }
        return TestResult(test: name, outcome: outcome, detail: detail, seed: context.seed)
    }
}
