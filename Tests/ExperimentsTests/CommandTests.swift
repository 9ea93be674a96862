@testable import Experiments
import SequenceModel
import Testing
import Training

struct CommandTests {
    private func job(_ training: String = "{}", config: String = #"{"hidden_size": 64}"#) -> JobSpecification {
        var job = exampleJob()
        let usual = ComparisonRequest.trainingOptions(steps: 10, minutes: nil, context: 16, batch: 4).json.objectValue ?? JSONObject()
        job.training = ConfigurationJSON(.object(usual.merging(json(training).objectValue ?? JSONObject())))
        job.config = ConfigurationJSON(json(config))
        return job
    }

    @Test func namesEverythingThatMatters() {
        #expect(
            job().command
                == "zoo compare mamba --data /d/text.txt --split 90/5/5 --parameters 1000 --context 16 --batch 4 --steps 10 --seeds 1, "
                + "--threads 2 --decode-contexts 256 --learning-rate 0.001 --set mamba.hidden_size=64 --out mamba-seed-1")
    }

    /// Options that a comparison does not set by itself, and values of every kind, in words that a shell leaves alone.
    @Test func settingsAndTheirQuotes() {
        let config = #"{"act": "silu", "eps": 1e-5, "flag": "true", "layers": [1, 2], "none": null, "pattern": "mamba2*3 attention", "seed": 4}"#
        let command = job(#"{"learning_rate": 0.003, "warmup": 3, "weight_decay": 0.5}"#, config: config).command ?? ""
        #expect(command.contains(" --learning-rate 0.003 --set mamba.warmup=3 --set mamba.weight_decay=0.5 --set mamba.act=silu --set mamba.eps="))
        #expect(command.contains(#" --set 'mamba.flag="true"' --set 'mamba.layers=[1"#))
        #expect(command.contains(" --set 'mamba.pattern=mamba2*3 attention' --out"))
        #expect(!command.contains("none") && !command.contains("mamba.seed"))
        // What was written is read back as the same value.
        for word in ["act=silu", "flag=\"true\"", "pattern=mamba2*3 attention"] {
            let setting = try? SettingOverride(word)
            #expect(setting?.value == json(config)[setting?.key ?? ""])
        }
    }

    @Test func builtInCorpusTimeAndNoContexts() {
        var timed = job()
        timed.dataFiles = []
        timed.decodeContexts = []
        timed.training = ConfigurationJSON(ComparisonRequest.trainingOptions(steps: nil, minutes: 0.5, context: 16, batch: 4).json)
        #expect(
            timed.command
                == "zoo compare mamba --split 90/5/5 --parameters 1000 --context 16 --batch 4 --minutes 0.5 --seeds 1, --threads 2 "
                + "--decode-contexts none --learning-rate 0.001 --set mamba.hidden_size=64 --out mamba-seed-1")
    }

    @Test func whatWasNeverSizedHasNone() {
        var job = job()
        job.parameters = nil
        #expect(job.command == nil && job.row().command == nil)
    }

    @Test func rowsKeepCommandAndTraining() {
        let row = job().row()
        #expect(row.command == job().command && row.training == job().training)
    }

    /// How many seeds until the interval leaves out 0: from the scatter seen, with Student's t.
    @Test func seedsNeeded() throws {
        func rows(_ model: String, _ bits: [Double]) -> [ResultRow] {
            bits.enumerated().map { exampleRow(model, seed: UInt64($0 + 1), bits: $1) }
        }
        let close = PairedComparison.all(ModelSummary.summarise(rows("a", [2, 2, 2]) + rows("b", [2.1, 1.9, 2.2])))
        // Mean 0.0667, s = 0.1528: t · s / √n falls below the mean at n = 23.
        #expect(try #require(close.first).seedsNeeded == 23)
        let far = PairedComparison.all(ModelSummary.summarise(rows("a", [2, 2, 2]) + rows("b", [3, 3.01, 3.02])))
        #expect(try #require(far.first).seedsNeeded == 2)
        let same = PairedComparison.all(ModelSummary.summarise(rows("a", [2, 2, 2]) + rows("b", [2.1, 1.9, 2])))
        #expect(try #require(same.first).seedsNeeded == nil)
    }
}
