import PluginHost
import SequenceModel
import Testing

@testable import Training

struct TrainingOptionsTests {
    @Test func jsonRoundTrip() throws {
        var options = TrainingOptions(steps: 10)
        options.learningRate = 3e-4
        options.warmup = 2
        options.seed = .max
        options.schedule = .linear
        #expect(try TrainingOptions(json: options.json) == options)
        #expect(try TrainingOptions(json: try JSONParser.parse(options.json.prettyPrinted)) == options)
        #expect(options.json["learning_rate"] == .number(3e-4) && options.json["tokens"] == nil)
    }

    @Test(arguments: [
        ("leraning_rate", JSONValue.number(1), "there is no training option leraning_rate; did you mean learning_rate?"),
        ("wibble", .number(1), "there is no training option wibble"),
        ("learning_rate", .integer(0), "learning_rate is 0; allowed: a number over 0"),
        ("learning_rate", .number(-1), "learning_rate is -1.0; allowed: a number over 0"),
        ("learning_rate", .number(.nan), "learning_rate is nan; allowed: a number over 0"),
        ("learning_rate", .number(.infinity), "learning_rate is inf; allowed: a number over 0"),
        ("learning_rate", .string("1"), "learning_rate is \"1\"; allowed: a number over 0"),
        ("batch", .integer(0), "batch is 0; allowed: a whole number from 1 to 1048576"),
        ("context", .integer(0), "context is 0; allowed: a whole number from 1 to 16777216"),
        ("context", .number(2.5), "context is 2.5; allowed: a whole number from 1 to 16777216"),
        ("steps", .integer(-3), "steps is -3; allowed: a whole number from 1 to 1000000000"),
        ("beta2", .integer(1), "beta2 is 1; allowed: a number from 0 to below 1"),
        ("epsilon", .integer(0), "epsilon is 0; allowed: a number over 0"),
        ("clip", .integer(-1), "clip is -1; allowed: a number from 0 on; 0 is no clipping"),
        ("schedule", .string("cosin"), "schedule is \"cosin\"; allowed: cosine, linear, constant"),
        ("split", .string("half"), "split is \"half\"; allowed: \"90/5/5\" or the like"),
        ("keep", .integer(0), "keep is 0; allowed: a whole number from 1 to 1000000"),
    ]) func refuses(_ key: String, _ value: JSONValue, _ message: String) {
        var options = TrainingOptions(steps: 1)
        let error = zooError { try options.set(key, to: value) }
        #expect(error?.message == message)
        #expect(error?.code == .usage)
        #expect(options == TrainingOptions(steps: 1))
    }

    @Test func tellsAllFaultsAtOnce() {
        let json: JSONValue = .object(["batch": .integer(0), "stepss": .integer(1), "clip": .integer(1)])
        let error = zooError { _ = try TrainingOptions(json: json) }
        #expect(
            error?.message
                == "batch is 0; allowed: a whole number from 1 to 1048576; there is no training option stepss; did you mean steps?")
        var options = TrainingOptions()
        options.batch = 0
        options.learningRate = .nan
        options.minimumLearningRate = 0
        #expect(
            zooError { try options.validate() }?.message
                == "batch is 0; allowed: a whole number from 1 to 1048576; learning_rate is nan; allowed: a number over 0; "
                + "there is no budget: give one of steps, tokens and minutes")
    }

    @Test func refusesWhatDoesNotGoTogether() {
        var options = TrainingOptions(steps: 10, tokens: 5)
        #expect(zooError { try options.validate() }?.message == "there are 2 budgets, steps and tokens; give one")
        options = TrainingOptions(steps: 10)
        options.warmup = 10
        #expect(zooError { try options.validate() }?.message == "warmup is 10 steps; allowed: fewer than the 10 steps of training")
        options.warmup = 9
        options.minimumLearningRate = 1
        #expect(zooError { try options.validate() }?.message == "min_learning_rate is 1.0; allowed: at most learning_rate, 0.001")
    }

    @Test func budgets() {
        var options = TrainingOptions(tokens: 1001)
        options.context = 10
        options.batch = 5
        options.accumulate = 2
        #expect(options.tokensPerStep == 100 && options.plannedSteps == 11)
        #expect(TrainingOptions(minutes: 1).plannedSteps == nil)
        #expect(TrainingOptions(steps: 2000).warmupSteps == 100 && TrainingOptions(steps: 40).warmupSteps == 4)
        #expect(TrainingOptions(steps: 1).warmupSteps == 0)
    }
}
