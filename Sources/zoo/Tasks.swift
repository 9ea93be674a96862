import ArgumentParser
import Evaluation
import PluginHost
import Report
import SequenceModel

/// `zoo tasks`: the generated tasks, and one of them with a row.
struct Tasks: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the generated tasks, or show one with a row of it.",
        discussion: """
            A task is named with its parameters: mqar, or mqar:pairs=8,length=128; lists have slashes: test_lengths=64/256. zoo compare --task \
            trains and tests every model on it. Rows are made as they are needed; which ones follows from the seed, and no row is in two of the parts \
            that train, validate and test, unless there are too few of them at that length.

            With --json: an array of objects with the keys name, summary, paper, parameters (objects with name, summary, default, minimum, \
            maximum, is_list); of one task an object with these and specification, vocabulary, chance, train_lengths, test_lengths, example \
            (tokens and targets, −1 where nothing is asked, and both as text).

            Examples:
              zoo tasks
              zoo tasks mqar:pairs=2,length=16,test_lengths=16
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: ArgumentHelp("The task, with or without parameters. Default: all are listed.", valueName: "task"))
    var task: String?

    @Option(help: "Which row of the test part is shown, from 0. Default: 0.")
    var row = 0

    func validate() throws {
        if row < 0 { throw ValidationError("--row is \(row); allowed: 0 or more") }
    }

    func run() throws {
        if let task {
            try show(TaskSpecification(task))
        } else if global.json {
            print(JSONValue.array(TaskCatalogue.all.map { .object(Tasks.json($0)) }).prettyPrinted, terminator: "")
        } else {
            let rows = TaskCatalogue.all.map { [$0.name, $0.summary] }
            print(TextColumns.format([["TASK", "WHAT IS ASKED"]] + rows, width: Terminal.outputWidth), terminator: "")
            print("\nzoo tasks NAME shows a row of it and its parameters; zoo compare --task NAME compares models on it.")
        }
    }

    private func show(_ specification: TaskSpecification) throws {
        let description = try TaskCatalogue.description(of: specification.name)
        let shown = try ShownTask(specification, row: row)
        if global.json {
            var object = Tasks.json(description)
            let json = try shown.json
            for key in json.keys { object[key] = json[key] }
            print(json: object)
            return
        }
        print("\(specification.text)\n\n\(description.summary)\n\(description.paper)\n")
        print(shown.text(width: Terminal.outputWidth ?? 100))
        let values = try specification.parameters
        let rows = description.parameters.map { parameter in
            [parameter.name, TaskParameter.text(values.values[parameter.name] ?? []), parameter.summary]
        }
        print(TextColumns.format([["PARAMETER", "VALUE", "WHAT IT IS"]] + rows, width: Terminal.outputWidth), terminator: "")
    }

    private static func json(_ task: TaskDescription) -> JSONObject {
        [
            "name": .string(task.name), "summary": .string(task.summary), "paper": .string(task.paper),
            "parameters": .array(
                task.parameters.map { parameter in
                    let values = parameter.defaultValues.map { JSONValue.integer(Int64($0)) }
                    return .object([
                        "name": .string(parameter.name), "summary": .string(parameter.summary),
                        "default": parameter.isList ? .array(values) : values.first ?? .null,
                        "minimum": .integer(Int64(parameter.allowed.lowerBound)), "maximum": .integer(Int64(parameter.allowed.upperBound)),
                        "is_list": .boolean(parameter.isList),
                    ])
                }),
        ]
    }
}
