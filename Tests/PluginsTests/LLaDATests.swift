import Foundation
import PluginHost
import SequenceModel
import Testing

/// LLaDA against a Llama without causal mask that is written out, through the C ABI.
@Suite struct LLaDATests {
    private static let configuration = """
        {"vocab_size": 13, "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": 2,
         "random_length_probability": 0, "block_length": 4}
        """

    private func open(_ more: String = "") throws -> (ProbedText, BidirectionalReference) {
        let text = LLaDATests.configuration.replacingOccurrences(of: "\"random_length_probability\": 0", with: more.isEmpty ? "\"random_length_probability\": 0" : more)
        let model = try ProbedText("Diffusion", "llada", text)
        return (model, BidirectionalReference(parameter: { model[$0] }, width: 16, layers: 2, heads: 2))
    }

    @Test func logitsAreThoseOfTheReference() throws {
        let (model, reference) = try open()
        var text = someTokens(9, below: 12)
        text[3] = 12
        text[8] = 12
        let found = try model.bound.logits(text, rows: 1)
        for (place, expected) in reference.logits(text).enumerated() {
            #expect(isNear(found[place * 13 ..< (place + 1) * 13].map(Double.init), expected, 1e-4))
        }
    }

    @Test func namesAndShapesAreThoseOfLlama() throws {
        let (model, _) = try open()
        let llama = try PluginLibrary.factory("Transformer", "transformer").create(
            JSONParser.parse(
                #"{"vocab_size": 13, "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": 2}"#),
            services: NoHostServices())
        func names(_ model: any SequenceModel) -> Set<String> { Set(model.parameters.map { "\($0.name) \($0.shape)" }) }
        #expect(names(model.model) == names(llama))
    }

    /// All symbols hidden, all counted once: what one evaluation of nothing but mask symbols says.
    @Test func theMaskHasNoProbability() throws {
        let (model, reference) = try open()
        let text = someTokens(1, below: 12)
        let score = try model.model.score(Batch(rows: 1, length: 1, tokens: text, targets: text), samples: 2)
        let row = reference.logits([12])[0].prefix(12)
        let exact = log(row.reduce(0) { $0 + exp($1) }) - row[Int(text[0])]
        #expect(abs(Double(score.nats[0]) - exact) < 1e-5)
    }

    /// A text that is cut to a random length counts for the whole: over many keys the mean loss of a model that knows nothing stays.
    @Test func cutTextsCountForTheWhole() throws {
        let (model, _) = try open("\"random_length_probability\": 1")
        for index in model.bound.memory.ownIndices where model.bound.memory.declarations[index].name == "lm_head.weight" {
            let view = model.bound.memory.views[index]
            view.write([Double](repeating: 0, count: view.count))
        }
        model.model.parametersChanged()
        let text = someTokens(40, below: 12)
        let count = 4000
        let losses = try (0 ..< count).map { key in
            try model.model.loss(Batch(rows: 2, length: 20, tokens: text, targets: text, key: RandomKey(seed: UInt64(key))))
        }
        let mean = losses.reduce(0, +) / Double(count)
        let variance = losses.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)
        #expect(abs(mean - log(12.0)) < 4 * (variance / Double(count)).squareRoot())
    }

    /// Blocks of `block_length` from left to right, in each the surest symbol first, of the whole text each time.
    @Test func generationIsSemiAutoregressive() throws {
        let (model, reference) = try open()
        let prompt = someTokens(3, below: 12)
        var found = prompt
        try model.model.generate(
            GenerationRequest(prompt: prompt, newTokens: 9, temperature: 0, steps: 9, key: RandomKey(seed: 1))
        ) { event in
            if case .append(let symbols) = event { found += symbols }
            if case .replace(let begin, let symbols) = event { found.replaceSubrange(begin ..< begin + symbols.count, with: symbols) }
            return true
        }
        var text = prompt + [Int32](repeating: 12, count: 9)
        for start in [0, 4, 8] {
            while text[start ..< start + 4].contains(12) {
                let logits = reference.logits(text)
                var best = (place: 0, symbol: 0, log: -Double.infinity)
                for place in start ..< start + 4 where text[place] == 12 {
                    let row = logits[place].prefix(12)
                    let sum = log(row.reduce(0) { $0 + exp($1) })
                    for (symbol, value) in row.enumerated() where value - sum > best.log { best = (place, symbol, value - sum) }
                }
                text[best.place] = Int32(best.symbol)
            }
        }
        #expect(found == text)
    }
}
