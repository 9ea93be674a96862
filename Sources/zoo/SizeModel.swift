import ArgumentParser
import Experiments

/// `zoo size-model`: asks one model for a configuration of a size, in the process that `zoo compare` started for it.
struct SizeModel: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "size-model", abstract: "Ask one model for a configuration of a size.", shouldDisplay: false)

    @Argument(help: "The request; the answer is written beside it.")
    var request: String

    func run() throws { try SizingExecution(requestFile: request).run() }
}
