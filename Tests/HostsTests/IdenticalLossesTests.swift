import Foundation
import PluginHost
import SequenceModel
import TestSupport
import Testing
import Training

/// The same plugin, parameters and symbols give the same bits in the Swift host and in the Python host.
@Suite(PythonHost.isThere)
struct IdenticalLossesTests {
    static let steps = 10
    static let text = Array((1 ... 400).map { "\($0 * $0) is the square of \($0)." }.joined(separator: " ").utf8)

    /// Ten steps of plain gradient descent on both sides, from the same first values: after the first step the losses only
    /// agree when all gradients did.
    @Test(arguments: Repository.architectures)
    func ofPlainDescent(_ architecture: Repository.Architecture) throws {
        let run = try Run(architecture, threads: 2)
        let rate: Float = 0.125
        var record = try run.record()
        record.steps = try (0 ..< Self.steps).map { step in
            let parameters = step == 0 ? try run.save("initial.safetensors") : nil
            run.memory.zeroGradients()
            let batch = run.batch(step)
            let loss = try run.model.lossAndGradient(batch)
            for index in run.memory.ownIndices where !run.memory.declarations[index].isBuffer {
                guard let values = run.memory.views[index].floats, let slopes = run.memory.gradientViews?[index].floats else { continue }
                for place in values.indices { values[place] -= rate * slopes[place] }
            }
            run.model.parametersChanged()
            try run.model.postUpdate(step: step + 1)
            return Record.Step(batch, loss: loss, parameters: parameters, rate: rate)
        }
        try check(record, run)
        #expect(Set(record.steps.map(\.loss)).count == Self.steps, "nothing was learned")
    }

    /// Ten steps of the Swift trainer (AdamW, warm-up, clipping). Its optimizer is no part of the interface: Python takes the
    /// parameters that each step began with, and must find the loss that the trainer logged.
    @Test(arguments: Repository.architectures)
    func ofTheTrainer(_ architecture: Repository.Architecture) throws {
        let run = try Run(architecture, threads: 1)
        var options = TrainingOptions(steps: Self.steps)
        options.context = Run.context
        options.batch = Run.rows
        options.seed = 7
        let splits = DataSplits(TextData(Self.text, name: "squares"))
        let trainer = try Trainer(
            model: run.model, memory: run.memory, splits: splits, options: options, services: ThreadPool(threads: 1))
        var record = try run.record()
        record.steps = try (0 ..< Self.steps).map { step in
            let parameters = try run.save("step-\(step).safetensors")
            let batch = trainer.source.batch(step: step, part: 0, targetsInPlace: run.targetsInPlace)
            return Record.Step(batch, loss: try trainer.step().loss, parameters: parameters, rate: nil)
        }
        try check(record, run)
    }

    /// Python repeats the steps with one thread and with three.
    private func check(_ record: Record, _ run: Run) throws {
        try JSONEncoder().encode(record).write(to: URL(fileURLWithPath: run.folder + "/record.json"))
        for threads in ["1", "3"] {
            let result = try PythonHost.run("losses.py", run.architecture.path, run.folder + "/record.json", threads)
            #expect(result.status == 0, "\(result.errors)")
            let found = result.output.split(separator: "\n").map(String.init)
            #expect(found == record.steps.map(\.loss), "\(threads) threads in Python")
        }
    }
}

/// A model of the Swift host with first values.
private struct Run {
    static let context = 24
    static let rows = 4
    let architecture: Repository.Architecture
    let folder: String
    let model: any SequenceModel
    let memory: ParameterMemory

    init(_ architecture: Repository.Architecture, threads: Int) throws {
        self.architecture = architecture
        folder = try TemporaryFolder.make()
        let plugin = try Plugin.load(architecture.path)
        let factory = try #require(plugin.models.first { $0.description.id == architecture.model })
        let configuration = try factory.propose(Budget(parameters: 30_000, context: Run.context))
        model = try factory.create(configuration, services: ThreadPool(threads: threads))
        memory = try ParameterMemory(for: model, gradients: true)
        try memory.bind(to: model)
        try memory.initialise(model, seed: 3)
    }

    var targetsInPlace: Bool { model.description.capabilities.contains(.targetsInPlace) }

    func batch(_ step: Int) -> Batch {
        let sampler = WindowSampler(
            bytes: IdenticalLossesTests.text, range: IdenticalLossesTests.text.indices, context: Run.context, rows: Run.rows, seed: 11)
        return sampler.batch(step: step, targetsInPlace: targetsInPlace)
    }

    /// Writes the parameters as they are now; returns the name of the file.
    func save(_ name: String) throws -> String {
        try ParameterFile.write(memory, to: "\(folder)/\(name)")
        return name
    }

    func record() throws -> Record {
        Record(model: architecture.model, configuration: model.configuration.description, steps: [])
    }
}
