import CSequenceModel
import SequenceModel

extension PluginModel {
    func loss(_ batch: Batch) throws -> Double {
        guard let loss = extensions.train?.loss else { throw absent("loss of \(SM_TRAIN_1)") }
        var value = Double.nan
        try batch.withForeign { batch in
            try instance.errors.check("loss") { loss(instance.pointer, batch, &value, $0) }
        }
        return value
    }

    func lossAndGradient(_ batch: Batch) throws -> Double {
        guard let lossAndGradient = extensions.train?.loss_and_gradient else {
            throw absent("loss_and_gradient of \(SM_TRAIN_1)")
        }
        var value = Double.nan
        try batch.withForeign { batch in
            try instance.errors.check("loss_and_gradient") { lossAndGradient(instance.pointer, batch, &value, $0) }
        }
        return value
    }

    func postUpdate(step: Int) throws {
        guard let postUpdate = extensions.train?.post_update else { return }
        guard let step = UInt64(exactly: step), step > 0 else {
            throw SequenceModelError(.invalidArgument, "post_update: step \(step); steps are counted from 1")
        }
        try instance.errors.check("post_update") { postUpdate(instance.pointer, step, $0) }
    }
}
