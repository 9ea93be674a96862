import ArgumentParser

/// `zoo doctor`: what this machine offers and what is in the way.
struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Say what this machine offers and what is in the way.")

    @OptionGroup var global: GlobalOptions

    func run() throws {}
}
