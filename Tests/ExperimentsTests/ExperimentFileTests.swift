import Evaluation
import Experiments
import Foundation
import PluginHost
import SequenceModel
import Testing
import Training

struct ExperimentFileTests {
    static let models = ["transformer", "mamba", "lstm"].map {
        SettingTable.Keys(
            model: $0, training: ["learning_rate", "weight_decay", "warmup", "evaluate_every"],
            configuration: ["hidden_size"] + ($0 == "mamba" ? ["state_size"] : []))
    }

    static let good = """
        name = "families"
        description = "All of them."
        models = ["transformer", "mamba"]
        seeds = 2
        decode_contexts = [256, "1k"]
        [data]
        files = ["text.txt"]
        split = "80/10/10"
        [budget]
        parameters = "300k"
        context = 64
        batch = 8
        steps = 100
        [tuning]
        learning_rate = [0.001, 0.003]
        weight_decay = [0.0, 0.1]
        [training]
        warmup = 5
        [set]
        hidden_size = 64
        mamba.state_size = 8

        [[comparison]]
        name = "exact"

        [[comparison]]
        name = "more"
        models = "all"
        seeds = [7, 9]
        tuning = {}
        decode_contexts = []
        other_sizes = true
        [comparison.budget]
        tokens = "100k"
        [comparison.training]
        evaluate_every = 10
        [comparison.set.lstm]
        learning_rate = 0.01
        """

    private func read(_ text: String, _ overrides: [String] = []) throws -> ExperimentFile {
        try ExperimentFile(Array(text.utf8), name: "e.toml", overrides: overrides, models: ExperimentFileTests.models)
    }

    @Test func aFileIsItsComparisons() throws {
        let file = try read(ExperimentFileTests.good)
        #expect(file.name == "families" && file.description == "All of them.")
        #expect(file.comparisons.map(\.name) == ["exact", "more"])
        let (exact, more) = (file.comparisons[0], file.comparisons[1])
        #expect(exact.models == ["transformer", "mamba"] && exact.files == ["text.txt"])
        #expect(exact.request.parameters == 300_000 && exact.request.seeds == [1, 2])
        #expect(exact.request.training.context == 64 && exact.request.training.batch == 8)
        #expect(exact.request.training.steps == 100 && exact.request.training.warmup == 5)
        #expect(exact.request.training.split == "80/10/10" && exact.request.decodeContexts == [256, 1024])
        #expect(exact.request.tuning?.points.count == 4 && !exact.request.allowsOtherSizes)
        #expect(exact.request.settings.map(\.name) == ["hidden_size", "mamba.state_size"])
        #expect(exact.runCount == 2 * (2 + 4))

        #expect(more.models == ["transformer", "mamba", "lstm"] && more.request.seeds == [7, 9])
        #expect(more.request.training.steps == 100_000 / 512 && more.request.training.warmup == 5)
        #expect(more.request.training.evaluateEvery == 10)
        #expect(more.request.tuning == nil && more.request.decodeContexts.isEmpty && more.request.allowsOtherSizes)
        #expect(more.request.settings.map(\.name) == ["hidden_size", "mamba.state_size", "lstm.learning_rate"])
    }

    @Test func whatIsNotSaidHasDefaults() throws {
        let file = try read("name = \"a\"\nmodels = \"all\"\n")
        let only = try #require(file.comparisons.first)
        #expect(file.comparisons.count == 1 && only.name == "a" && only.files.isEmpty)
        #expect(only.request.parameters == 1_000_000 && only.request.training.steps == 300)
        #expect(only.request.training.context == 256 && only.request.training.batch == 16 && only.request.seeds == [1])
        #expect(only.request.decodeContexts == [256, 1024, 4096, 16384] && only.request.tuning == nil)
    }

    @Test func tasksTakeThePlaceOfTheText() throws {
        let text = "name = \"a\"\nmodels = \"all\"\ntasks = [\"parity\", \"mqar:pairs=4\"]\n[[comparison]]\nname = \"x\"\n[[comparison]]\nname = \"y\"\ntasks = []\n"
        let file = try read(text)
        #expect(file.comparisons.map { $0.request.tasks.map(\.name) } == [["parity", "mqar"], []])
        #expect(file.comparisons.map(\.runCount) == [6, 3])
        let error = try #require(message { _ = try read(text, ["tasks=[\"parrity\", \"parity\", \"parity\"]"]) })
        let lines = error.text.split(separator: "\n")
        #expect(lines.count == 3 && lines.contains { $0.hasPrefix("  tasks: ") && $0.contains("parrity") } && lines.contains("  tasks: parity is there twice"))
    }

    @Test func overridesGoOverTheFile() throws {
        let file = try read(
            ExperimentFileTests.good,
            [
                "budget.steps=7", "comparison.more.seeds=5", "tuning={learning_rate = [0.1]}", "comparison.exact.models=all",
                "description=short text", "set.mamba.state_size=4",
            ])
        #expect(file.comparisons[0].request.training.steps == 7 && file.comparisons[1].request.seeds.count == 5)
        #expect(file.comparisons[0].models.count == 3 && file.description == "short text")
        #expect(file.comparisons[0].request.tuning?.points.count == 1)
        #expect(file.comparisons[0].request.settings.last?.value == .integer(4))
        #expect(file.document.value["budget"]?["steps"] == .integer(7))
    }

    @Test(arguments: [
        ("steps", "--set steps: expected KEY=VALUE with the path of a key"), ("budget.steps=", "--set budget.steps=: there is no value after '='"),
        ("budget..steps=3", "--set budget..steps=3: a part of the path before '=' is empty, or there are more than 16"),
        ("name.x=3", "--set name.x=3: what is before x is a string, which has no keys"),
        ("comparison.exat.seeds=3", "--set comparison.exat.seeds=3: there is no exat; there are exact, more"),
    ])
    func overridesThatAreNone(_ text: String, _ expected: String) throws {
        let error = try #require(message { _ = try read(ExperimentFileTests.good, [text]) })
        #expect(error.code == .usage && error.text == expected)
        if text.contains("exat") { #expect(error.hint == "did you mean exact?") }
    }

    /// All that is wrong is said at once, each with its key.
    @Test func allProblemsAtOnce() throws {
        let error = try #require(
            message {
                _ = try read(
                    """
                    name = "a b"
                    model = "all"
                    seeds = [1, 1]
                    [budget]
                    stepz = 3
                    steps = 10
                    minutes = 1
                    context = 0
                    [tuning]
                    leraning_rate = [0.1]
                    learning_rate = []
                    weight_decay = [0.1, 0.1, -1, nan]
                    context = [3]
                    [training]
                    warmup = 1.5
                    seed = 3
                    [[comparison]]
                    name = "one"
                    models = ["tranformer", "mamba", "mamba"]
                    [comparison.set.mamba]
                    stat_size = 3
                    [comparison.set.lstmm]
                    x = 3
                    [[comparison]]
                    name = "one"
                    models = []
                    [[comparison]]
                    models = 3
                    """)
            })
        #expect(error.code == .data && error.hint == "zoo run --help says what an experiment file holds")
        let lines = error.text.split(separator: "\n").map(String.init)
        let expected = [
            "  model: there is no such key; did you mean models?",
            "  name is \"a b\"; allowed: a name of 1 to 80 letters, digits, - and _, beginning with a letter or digit",
            "  budget.stepz: there is no such key; did you mean steps?",
            "  budget.context is 0; allowed: 1 to 16M, such as 256 or \"1k\" (1,024)",
            "  budget: steps and minutes cannot both be the budget; give one",
            "  seeds is [1,1]; allowed: how many, 1 to 1000, or a list without repeats such as [1, 5, 9]",
            "  tuning.leraning_rate: there is no such key; did you mean learning_rate?",
            "  tuning.learning_rate is an empty list: there is nothing to try",
            "  tuning.weight_decay: 0.1 is there twice",
            "  tuning.weight_decay[2]: weight_decay is -1; allowed: a number from 0 on",
            "  tuning.weight_decay[3]: weight_decay is \"NaN\"; allowed: a number from 0 on",
            "  tuning.context: that is the same for all models; use budget.context",
            "  training: warmup is 1.5; allowed: a whole number from 0 to 1000000000",
            "  training.seed: that is the same for all models; use seeds",
            "  comparison.one.models: no plugin brings a model tranformer; did you mean transformer?",
            "  comparison.one.models: mamba is there twice",
            "  comparison.one.set.mamba.stat_size: there is no such key; did you mean state_size?",
            "  comparison.one.set.lstmm: no plugin brings a model lstmm; did you mean lstm?",
            "  comparison.one: another comparison has this name",
            "  comparison.one.models is an empty list: there is nothing to compare",
            "  comparison.3.name is missing: a name of letters, digits, - and _",
            "  comparison.3.models is 3; allowed: \"all\" or a list of names such as [\"transformer\", \"mamba\"]",
        ]
        for line in expected { #expect(lines.contains(line), "\(line)\nis not in\n\(error.text)") }
        #expect(lines.first == "e.toml has \(lines.count - 1) problems:")
        #expect(lines.count - 1 == expected.count, "\(error.text)")
    }

    @Test(arguments: [
        ("models = \"all\"", "e.toml: name is missing: a name of letters, digits, - and _"),
        ("name = \"a\"", "e.toml: models is missing: \"all\" or a list of names such as [\"transformer\", \"mamba\"]"),
        ("name = \"runs\"\nmodels = \"all\"", "e.toml: name is runs, which is the name of another folder there; choose another"),
        (
            "name = \"a\"\nmodels = \"all\"\nseeds = 1000\ntuning.learning_rate = [\((1 ... 256).map { "\($0)" }.joined(separator: ","))]\n"
                + "tuning.weight_decay = [\((1 ... 256).map { "\($0)" }.joined(separator: ","))]",
            "e.toml has 2 problems:"
        ),
        ("name = \"a\"\nmodels = \"all\"\nseeds = 3334\n", "e.toml: seeds is 3334; allowed: how many, 1 to 1000"),
        ("name = \"a\"\nmodels = \"all\"\nbudget.tokens = 5", "e.toml: budget.tokens is 5, less than one step of 16 × 256 tokens"),
        (
            "name = \"a\"\nmodels = \"all\"\nbudget.batch = 1000000\nbudget.context = 1000000",
            "e.toml: budget: context × batch is 1000000 × 1000000; allowed: at most 2²⁸ tokens in a micro-batch"
        ),
        (
            "name = \"a\"\nmodels = \"all\"\nbudget.steps = 5\ntraining.warmup = 9",
            "e.toml: training: warmup is 9 steps; allowed: fewer than the 5 steps of training"
        ),
        (
            "name = \"a\"\nmodels = [\"mamba\"]\nset.lstm.hidden_size = 3",
            "e.toml: set.lstm: lstm is not compared here; the models are mamba"
        ),
        (
            "name = \"a\"\nmodels = [\"mamba\"]\nset.learning_rate = 3\ntuning.learning_rate = [1]",
            "e.toml: tuning.learning_rate: set.learning_rate cannot decide it too; leave one of them out"
        ),
    ])
    func oneProblem(_ text: String, _ beginning: String) throws {
        let error = try #require(message { _ = try read(text) })
        #expect(error.code == .data && error.text.hasPrefix(beginning), "\(error.text)")
    }

    @Test func manyRunsAreRefused() throws {
        let comparisons = (1 ... 4).map { "[[comparison]]\nname = \"c\($0)\"\n" }.joined()
        let error = try #require(message { _ = try read("name = \"a\"\nmodels = \"all\"\nseeds = 1000\n\(comparisons)") })
        #expect(error.text == "e.toml: there are 12000 runs, those of tuning included; allowed: at most 10000 in one experiment")
    }

    @Test func whatIsNoFile() throws {
        let folder = try TemporaryFolder()
        let models = ExperimentFileTests.models
        #expect(
            message { _ = try ExperimentFile(path: folder.path, models: models) }?.text
                == "\(folder.path) is a folder; an experiment is a TOML file")
        #expect(message { _ = try ExperimentFile(path: "/dev/zero", models: models) }?.text == "/dev/zero is not a regular file")
        let missing = folder.path + "/none.toml"
        #expect(message { _ = try ExperimentFile(path: missing, models: models) }?.text == "cannot read \(missing): No such file or directory")
        let long = try folder.write(String(repeating: "#", count: TOMLText.maximumBytes + 1), "long.toml")
        #expect(message { _ = try ExperimentFile(path: long, models: models) }?.text == "\(long) has 1048577 bytes; allowed: at most 1048576")
    }

    @Test func sizesCanBeMatchedAndKeysVaried() throws {
        let text = """
            name = "e"
            models = ["transformer", "mamba"]
            budget = { steps = 100, context = 64 }
            match = { operations = "10T" }
            [vary]
            steps = [1, 2]
            state_size = [8]
            [[comparison]]
            name = "one"
            [[comparison]]
            name = "two"
            models = ["transformer"]
            match = { minutes = 5 }
            [[comparison]]
            name = "three"
            match = {}
            vary = {}
            [[comparison]]
            name = "four"
            match = { state = "64KiB" }

            """
        let requests = try read(text).comparisons.map(\.request)
        #expect(requests.map(\.match) == [.init(by: .operations, value: 1e13), .init(by: .time, value: 3), nil, .init(by: .state, value: 65536)])
        let steps = VariantAxis(model: nil, key: "steps", values: [.integer(1), .integer(2)])
        let states = VariantAxis(model: nil, key: "state_size", values: [.integer(8)])
        #expect(requests.map(\.variants) == [[states, steps], [steps], [], [states, steps]])
        let wrong = """
            name = "e"
            models = ["transformer"]
            budget = { minutes = 1 }
            match = { operations = -1, states = 4 }
            vary = { steps = [1, 1], mambo = { x = [1] } }
            [[comparison]]
            name = "one"
            match = { minutes = 1 }
            [[comparison]]
            name = "two"
            tasks = ["parity"]
            match = { state = 1024 }

            """
        let error = message { _ = try read(wrong) }
        for line in [
            "match.operations is -1; allowed: a number over 0", "match.states: there is no such key; did you mean state?",
            "vary.steps is [1,1]; allowed: a list of 1 to 64 different values", "vary.mambo: no plugin brings a model mambo; did you mean mamba?",
            "comparison.one.match needs budget.steps or budget.tokens", "comparison.two.match: tasks are generated for one size",
        ] { #expect(error?.text.contains("\n  " + line) == true, "\(line): \(error?.text ?? "")") }
    }

    @Test func publishedFigures() throws {
        let text = """
            name = "truths"
            models = ["transformer", "mamba"]
            tasks = ["parity"]
            [[published]]
            model = "mamba"
            value = 0.0
            band = [-0.1, 0.1]
            measure = "scaled_accuracy"
            source = "https://arxiv.org/abs/2411.12537, table 2"
            [[published]]
            model = "transformer"
            length = 40
            value = 1
            band = [0.9, 1]
            source = "nobody"

            """
        let figures = try #require(read(text).comparisons.first?.request.published)
        let parity = try TaskSpecification("parity")
        #expect(
            figures == [
                PublishedFigure(
                    model: "mamba", task: parity, measure: .scaledAccuracy, value: 0, band: -0.1 ... 0.1,
                    source: "https://arxiv.org/abs/2411.12537, table 2"),
                PublishedFigure(model: "transformer", task: parity, length: 40, value: 1, band: 0.9 ... 1, source: "nobody"),
            ])
        let wrong = text.replacing("model = \"mamba\"", with: "model = \"lstm\"").replacing("[0.9, 1]", with: "[1, 0.9]")
            .replacing("\"scaled_accuracy\"", with: "\"bits_per_byte\"").replacing("source = \"nobody\"", with: "sources = 1")
        let error = message { _ = try read(wrong) }
        for line in [
            "published[0].model is \"lstm\"; allowed: one of transformer, mamba", "published[0].measure is \"bits_per_byte\"; allowed: accuracy or scaled_accuracy",
            "published[1].sources: there is no such key; did you mean source?", "published[1].source is missing", "published[1].band is [1,0.9]; allowed: ",
        ] { #expect(error?.text.contains("\n  " + line) == true, "\(error?.text ?? "")") }
        // Of several comparisons each has its own.
        #expect(message { _ = try read(text + "[[comparison]]\nname = \"one\"\n") }?.text.hasPrefix("e.toml: published: there is no such key; the keys are name, description, comparison, models, ") == true)
    }

    /// Files that are nearly right, by a generator with a seed: each is read or refused in words, and never ends the process.
    /// ZOO_MUTATIONS says how many are tried.
    @Test func mutatedFiles() throws {
        let count = ProcessInfo.processInfo.environment["ZOO_MUTATIONS"].flatMap(Int.init) ?? 1500
        var random = RandomNumbers(seed: 20)
        let good = Array(ExperimentFileTests.good.utf8)
        let lines = good.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
        let values = ["0", "-1", "1e999", "nan", "\"\"", "[]", "{}", "[[1]]", "true", "2026-01-01", "9223372036854775807", "\"all\"", "'1M'", "0.5"]
        let pieces = ["[", "]", "{", "}", "=", ".", "\"", "'", "\n", "#", ",", "\\", "\u{0}", "é", "[[comparison]]", "\"\"\"", "name", "a.b"]
        var accepted = 0
        for _ in 0 ..< count {
            var text = good
            for _ in 0 ... Int(random.next(below: 4)) {
                switch random.next(below: 6) {
                case 0: if !text.isEmpty { text[random.next(below: text.count)] = UInt8(random.next(below: 256)) }
                case 1: if !text.isEmpty { text.remove(at: random.next(below: text.count)) }
                case 2: text.insert(contentsOf: Array(pieces[random.next(below: pieces.count)].utf8), at: random.next(below: text.count + 1))
                case 3: text.insert(contentsOf: lines[random.next(below: lines.count)] + [0x0A], at: random.next(below: text.count + 1))
                case 4:
                    // Another value for one of the keys.
                    var changed = lines
                    let index = random.next(below: lines.count)
                    if let sign = changed[index].firstIndex(of: UInt8(ascii: "=")) {
                        changed[index] = changed[index][...sign] + Array(" \(values[random.next(below: values.count)])".utf8)
                    }
                    text = Array(changed.joined(separator: [0x0A]))
                default: text = Array(text.prefix(random.next(below: text.count + 1)))
                }
            }
            do {
                let file = try ExperimentFile(text, name: "e", models: ExperimentFileTests.models)
                accepted += 1
                for comparison in file.comparisons {
                    try comparison.request.training.validate()
                    #expect(!comparison.models.isEmpty && comparison.runCount > 0 && comparison.runCount <= ExperimentFile.maximumRuns)
                }
            } catch let error as ZooError {
                #expect(error.code == .data && error.message.count > 10 && error.message.hasPrefix("e"), "\(error.message)")
            }
        }
        // Both happen: mutations that change nothing that counts, and those that do.
        #expect(accepted > count / 50 && accepted < count, "\(accepted) of \(count)")
    }
}

/// SplitMix64: the same numbers everywhere.
struct RandomNumbers {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next(below bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((z ^ (z >> 31)) % UInt64(bound))
    }
}
