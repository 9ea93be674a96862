import Glibc
import PluginHost
import SequenceModel
import Testing
import Training

/// What RWKV-4 promises besides the parity of `FixtureParityTests`.
@Suite struct RWKV4Tests {
    /// Five numbers a channel: two tokens, two sums, their exponent.
    @Test func stateIsFiveNumbersAChannelWhateverWasRead() throws {
        let (_, model) = try PublishedClass.rwkv.open()
        let session = try model.model.openSession(rows: 1)
        _ = try session.logits([1], .last, vocabulary: model.vocabulary)
        let bytes = (session.stateBytes, try session.save().count)
        #expect(bytes.0 == 2 * 5 * 32 * 4)
        _ = try session.logits(someTokens(600, below: 97), .last, vocabulary: model.vocabulary)
        #expect(session.stateBytes == bytes.0)
        #expect(try session.save().count == bytes.1)
    }

    @Test func firstValuesAndContractAreTheAuthors() throws {
        let model = try BoundModel(
            PluginLibrary.factory("RWKV", "rwkv4"),
            .object(["vocab_size": .integer(30), "hidden_size": .integer(9), "num_hidden_layers": .integer(3)]))
        var seen = 0
        for index in model.memory.ownIndices {
            let declaration = model.memory.declarations[index]
            let values = model.values(model.memory.views[index])
            #expect(!declaration.weightDecay && declaration.learningRateMultiplier == 1, "\(declaration.name)")
            func expect(_ expected: (Int) -> Double) {
                seen += 1
                for (channel, value) in values.enumerated() {
                    #expect(abs(value - expected(channel)) < 1e-6, "\(declaration.name)[\(channel)]")
                }
            }
            func squares() -> Double { values.reduce(0) { $0 + $1 * $1 } }
            switch declaration.name {
            case "rwkv.blocks.1.attention.time_decay": expect { -5 + 8 * pow(Double($0) / 8, 0.7 + 1.3 * 0.5) }
            case "rwkv.blocks.1.attention.time_first": expect { log(0.3) + [0, 0.5, -0.5][$0 % 3] }
            case "rwkv.blocks.1.attention.time_mix_key": expect { pow(Double($0) / 9, 2.0 / 3) }
            case "rwkv.blocks.1.attention.time_mix_value": expect { pow(Double($0) / 9, 2.0 / 3) + 0.15 }
            case "rwkv.blocks.2.attention.time_mix_receptance": expect { pow(Double($0) / 9, 1.0 / 6) }
            case "rwkv.blocks.2.feed_forward.time_mix_receptance": expect { pow(Double($0) / 9, 1.0 / 3) }
            case let name
            where ["attention.key.weight", "attention.receptance.weight", "attention.output.weight", "feed_forward.value.weight",
                "feed_forward.receptance.weight"].contains(where: name.hasSuffix):
                expect { _ in 0 }
            // An orthogonal matrix's squares sum to its shorter side times the square of its gain.
            case let name where name.hasSuffix("attention.value.weight"):
                seen += 1
                #expect(abs(squares() - 9) < 1e-4)
            case let name where name.hasSuffix("feed_forward.key.weight"):
                seen += 1
                #expect(abs(squares() - 9 * 4) < 1e-4)
            case "rwkv.embeddings.weight":
                seen += 1
                #expect(abs(squares() - 9 * 30 * 1e-8) < 1e-10)
            case "head.weight":
                seen += 1
                #expect(abs(squares() - 9 * 0.25 * 30 / 9) < 1e-4)
            default: break
            }
        }
        #expect(seen == 6 + 3 * 5 + 3 * 2 + 2)
    }

    @Test func decayIsThatOfTheParameters() throws {
        let model = try ProbedText("RWKV", "rwkv4", #"{"vocab_size":13,"hidden_size":10,"num_hidden_layers":3}"#)
        let batch = Batch(rows: 3, length: 11, tokens: someTokens(33, below: 13))
        func decays(_ text: ProbedText, _ layers: Int) -> [Double] {
            (0 ..< layers).map { layer in
                let values = text["rwkv.blocks.\(layer).attention.time_decay"]
                return values.reduce(0) { $0 + exp(-exp($1)) } / Double(values.count)
            }
        }
        #expect(isNear(try model.values("decay", batch), decays(model, 3), 1e-12))
        let test = try model.selfTest("decay")
        let small = try ProbedText("RWKV", "rwkv4", test.configuration.description, asInSelfTests: true)
        #expect(isNear(test.expected, decays(small, 2), 1e-6))
    }
}
