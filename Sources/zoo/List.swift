import ArgumentParser

/// `zoo list`: the models that the plugins found bring.
struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the models that plugins bring.")

    @OptionGroup var global: GlobalOptions

    func run() throws {}
}
