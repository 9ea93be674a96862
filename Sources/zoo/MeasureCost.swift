import ArgumentParser
import Experiments

/// `zoo measure-cost`: one model at one context, in the process that `zoo bench cost` started for it.
struct MeasureCost: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "measure-cost", abstract: "Measure one model at one context.", shouldDisplay: false)

    @Argument(help: "The request; the figure is written beside it.")
    var request: String

    func run() throws { try CostExecution(requestFile: request).run() }
}
