import ArgumentParser
import Foundation
import PluginHost
import SequenceModel

/// `zoo new`: a project for an architecture outside of this repository.
struct New: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a project for a new architecture, in Swift or C.",
        discussion: """
            The project holds a small model that works, its tests, its model card and a Makefile: make, make check, make test, make \
            install. In Swift it is built against the kit that make install puts into share/zoo/kit, in C against the header alone. \
            Nothing in it refers to this repository.

            With --json: an object with the keys directory, name, id, language, library (what make builds) and kit.
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "Letters, digits, - and _: my-model. The type is MyModel, the id my-model.")
    var name: String

    @Option(help: "swift or c.")
    var language: ProjectLanguage = .swift

    @Option(help: ArgumentHelp("Where to. Default: ./NAME.", valueName: "dir"))
    var directory: String?

    @Option(help: "The id, when it is not to follow from the name.")
    var id: String?

    func run() throws {
        let name = try ProjectName(name, id: id)
        let kit = try AuthorKit.find()
        if language == .swift { try kit.refuse(typeName: name.type) }
        let target = directory ?? self.name
        let zoo = AuthorKit.command()
        let template = ProjectTemplate(language: language, name: name, kit: kit, zoo: zoo)
        try template.write(to: target)
        if let other = try global.catalogue().entries.first(where: { $0.description.id == name.id }) {
            Terminal.writeError(
                "warning: \(other.plugin.path) brings a model \(name.id) already: only one of the two can be used at a time; --id names yours\n")
        }
        guard global.json else {
            print(New.nextSteps(target, name, language, zoo), terminator: "")
            return
        }
        print(
            json: [
                "directory": .string(target), "name": .string(name.type), "id": .string(name.id),
                "language": .string(language.rawValue), "library": .string("\(target)/\(language.library(name))"),
                "kit": .string(kit.path),
            ])
    }

    private static func nextSteps(
        _ target: String, _ name: ProjectName, _ language: ProjectLanguage, _ zoo: String
    ) -> String {
        let folder = target.allSatisfy { $0.isLetter || $0.isNumber || "/._-+".contains($0) } ? target : "'\(target)'"
        let rows = [
            ["cd \(folder)", ""],
            ["make", "builds \(language.library(name))\(language == .swift ? ", the first time with the kit: a minute or two" : "")"],
            ["make check", "tries what an honest plugin does"],
            ["make install", "puts it where zoo finds it"],
            ["\(zoo) compare \(name.id) transformer --parameters 100k --context 64 --batch 8 --steps 100 --seeds 1 --out runs/first", ""],
        ]
        let width = 14
        let lines = rows.map { row in
            row[1].isEmpty ? "  \(row[0])" : "  \(row[0].padding(toLength: width, withPad: " ", startingAt: 0))# \(row[1])"
        }
        return "\(target): a model \(name.id) in \(language.title), a small one that works. Next:\n" + lines.joined(separator: "\n") + "\n"
    }
}
