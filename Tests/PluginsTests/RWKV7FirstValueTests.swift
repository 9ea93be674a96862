import Foundation
import PluginHost
import SequenceModel
import Testing
import Training

/// What RWKV-7 starts from and how it asks to be trained (BlinkDL/RWKV-LM@524481d, RWKV-v7/train_temp).
@Suite struct RWKV7FirstValueTests {
    private let width = 12, layers = 3, size = 4

    private func model() throws -> BoundModel {
        try BoundModel(
            PluginLibrary.factory("RWKV", "rwkv7"),
            .object(["vocab_size": .integer(30), "hidden_size": .integer(12), "num_hidden_layers": .integer(3), "head_dim": .integer(4)]))
    }

    @Test func contractIsTheAuthors() throws {
        let model = try model()
        for declaration in model.memory.declarations {
            let isMatrix = declaration.name.hasSuffix(".weight") && declaration.shape.count == 2
            #expect(declaration.weightDecay == isMatrix, "\(declaration.name)")
            #expect(declaration.learningRateMultiplier == (declaration.name.hasSuffix("att.w0") ? 2 : 1), "\(declaration.name)")
        }
    }

    @Test func curvesAreTheAuthors() throws {
        let model = try model()
        func zigzag(_ c: Int) -> Double {
            let z = (Double(c % size) - 1.5) / 1.5
            return z * abs(z)
        }
        func line(_ c: Int) -> Double { Double(c) / 11 - 0.5 }
        func share(_ c: Int) -> Double { Double(c) / 12 }
        // The middle layer: a third of the way down, half of the way up.
        let expected: [String: (Int) -> Double] = [
            "att.x_r": { 1 - pow(share($0), 0.2 * 2 / 3) }, "att.x_w": { 1 - pow(share($0), 0.9 * 2 / 3) },
            "att.x_k": { 1 - pow(share($0), 0.7 * 2 / 3) }, "att.x_v": { 1 - pow(share($0), 0.7 * 2 / 3) },
            "att.x_a": { 1 - pow(share($0), 0.9 * 2 / 3) }, "att.x_g": { 1 - pow(share($0), 0.2 * 2 / 3) },
            "ffn.x_k": { 1 - pow(share($0), pow(2.0 / 3, 4)) },
            "att.w0": { -6 + 6 * pow(Double($0) / 11, 1 + pow(0.5, 0.3)) + 0.5 + 2.5 * zigzag($0) },
            "att.a0": { -0.19 + 0.3 * zigzag($0) + 0.4 * line($0) }, "att.v0": { 0.73 - 0.4 * line($0) },
            "att.k_k": { 0.71 - 0.1 * line($0) }, "att.k_a": { _ in 1.02 }, "att.r_k": { _ in -0.04 },
            "att.ln_x.weight": { _ in pow(2.0 / 3, 0.7) }, "att.ln_x.bias": { _ in 0 }, "att.w1": { _ in 0 }, "att.a1": { _ in 0 },
            "att.v1": { _ in 0 }, "att.g1": { _ in 0 }, "att.output.weight": { _ in 0 }, "ffn.value.weight": { _ in 0 },
        ]
        for (name, curve) in expected {
            let index = try #require(model.memory.declarations.firstIndex { $0.name == "blocks.1." + name })
            for (channel, value) in model.values(model.memory.views[index]).enumerated() {
                #expect(abs(value - curve(channel)) < 2e-6, "\(name)[\(channel)] = \(value)")
            }
        }
    }

    @Test func matricesAreOrthogonalWithTheAuthorsGains() throws {
        let model = try model()
        // The shorter side times the square of the gain. Ranks are 32 at this width, so that the low-rank matrices are tall.
        let tall = 0.01 * 32.0 / 12
        let expected = [
            "blocks.1.att.receptance.weight": 12.0, "blocks.1.att.value.weight": 12, "blocks.1.att.key.weight": 0.12,
            "blocks.1.ffn.key.weight": 12, "blocks.1.att.w2": 12 * tall, "blocks.1.att.v2": 12 * tall, "blocks.1.att.g2": 12 * tall,
            "head.weight": 12 * 0.25 * 30 / 12,
        ]
        for (name, squares) in expected {
            let index = try #require(model.memory.declarations.firstIndex { $0.name == name })
            let found = model.values(model.memory.views[index]).reduce(0) { $0 + $1 * $1 }
            #expect(abs(found - squares) < 1e-4 * squares, "\(name): \(found)")
        }
        let embedding = try #require(model.memory.declarations.firstIndex { $0.name == "emb.weight" })
        let values = model.values(model.memory.views[embedding])
        #expect(values.allSatisfy { abs($0) <= 1.0001e-4 } && values.contains { abs($0) > 0.9e-4 })
    }
}
