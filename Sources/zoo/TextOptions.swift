import ArgumentParser
import Experiments
import PluginHost
import Training

/// The text that several models are trained and tested on.
struct TextOptions: ParsableArguments {
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("The text: files, folders or patterns. Default: the built-in corpus.", valueName: "file"))
    var data: [String] = []

    @Option(help: "Parts of the text in contiguous blocks: train/validation/test.")
    var split = SplitRule.default.description

    func validate() throws {
        if data.contains("") { throw ValidationError("--data is empty; it names the text") }
    }

    /// The text, cut.
    ///
    /// - Parameter context: T; each part holds a window of it.
    /// - Throws: `ZooError` (`.usage`) for a rule that leaves nothing to validate or to test on, `.data` for files at fault.
    func text(context: Int) throws -> ComparisonText {
        let text = try ComparisonText(files: data, split: SplitRule(split))
        try text.splits.check(context: context)
        guard !text.splits.validation.isEmpty, !text.splits.test.isEmpty else {
            throw ZooError(
                .usage, "--split \(split) leaves nothing to validate or to test on",
                hint: "a comparison needs three parts: --split 90/5/5")
        }
        return text
    }
}
