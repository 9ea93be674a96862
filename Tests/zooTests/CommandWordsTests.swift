import Testing

@testable import zoo

/// What is done to the user's words before they are parsed, and to the parser's words before they are shown.
struct CommandWordsTests {
    @Test(arguments: [
        (["train", "--steps", "-3"], ["train", "--steps=-3"]),
        (["--temperature", "-.5", "x"], ["--temperature=-.5", "x"]),
        (["--prompt", "-1 and on"], ["--prompt=-1 and on"]),
        (["--steps=4", "-3"], ["--steps=4", "-3"]),
        (["--steps", "-h"], ["--steps", "-h"]),
        (["x", "-3"], ["x", "-3"]),
        (["--seed", "-1", "--", "--steps", "-3"], ["--seed=-1", "--", "--steps", "-3"]),
        ([], []),
    ])
    func negativeNumbersAreValues(_ words: [String], _ joined: [String]) {
        #expect(CommandWords.joiningNegativeNumbers(words) == joined)
    }

    @Test(arguments: [
        (
            "The value '0' is invalid for '--steps <steps>': --steps is 0; expected more\nUsage: x",
            "--steps is 0; expected more\nUsage: x"
        ),
        ("The value 'abc' is invalid for '--seed <seed>'\nUsage: x", "--seed is abc; expected a number\nUsage: x"),
        ("The value '1.5' is invalid for '--threads <n>'", "--threads is 1.5; expected a whole number"),
        ("The value '-1' is invalid for '--seed <seed>'", "--seed is -1; expected 0 or more"),
        (
            "The value '99999999999999999999' is invalid for '--keep <keep>'",
            "--keep is 99999999999999999999; that is out of range"
        ),
        ("The value '' is invalid for '--minutes <minutes>'", "--minutes is empty; expected a number"),
        (
            "The value 'x' is invalid for '--part <part>'. Please provide one of 'all' or 'test'.",
            "The value 'x' is invalid for '--part <part>'. Please provide one of 'all' or 'test'."
        ),
        ("Missing expected argument '<model>'", "Missing expected argument '<model>'"),
    ])
    func theParserIsMadeClearer(_ text: String, _ clear: String) { #expect(CommandWords.clearer(text) == clear) }

    @Test func unknownCommandsAreNamed() {
        func problem(_ words: String...) -> String? { CommandWords.unknownCommand(words, in: Zoo.configuration) }
        let commands = "The commands are list, check, train, doctor, score, generate, new, bench, compare, run, query, scale, tasks, report"
        #expect(problem("trian", "x") == "there is no command trian; did you mean train? \(commands)")
        #expect(problem("frobnicate") == "there is no command frobnicate. \(commands)")
        for words in ["train", "help", "--help", "-h", "run-job", "size-model", "probe-run"] { #expect(problem(words) == nil) }
        #expect(CommandWords.unknownCommand([], in: Zoo.configuration) == nil)
    }
}
