import PluginHost
import Testing

/// A class of transformers, and the model that loads its weights.
struct PublishedClass: Sendable, CustomTestStringConvertible {
    let name: String
    let plugin: String
    let model: String

    static let llama = PublishedClass(name: "LlamaForCausalLM", plugin: "Transformer", model: "transformer")
    static let mistral = PublishedClass(name: "MistralForCausalLM", plugin: "Transformer", model: "transformer")
    static let mamba = PublishedClass(name: "MambaForCausalLM", plugin: "StateSpace", model: "mamba")
    static let mamba2 = PublishedClass(name: "Mamba2ForCausalLM", plugin: "StateSpace", model: "mamba2")
    static let rwkv = PublishedClass(name: "RwkvForCausalLM", plugin: "RWKV", model: "rwkv4")
    static let olmoHybrid = PublishedClass(name: "OlmoHybridForCausalLM", plugin: "TestTimeMemory", model: "gated-deltanet")
    static let all = [llama, mistral, mamba, mamba2, rwkv, olmoHybrid]

    var testDescription: String { name }

    /// The fixture, and the model with its weights.
    func open() throws -> (ParityFixture, BoundModel) {
        let fixture = try ParityFixture(name)
        let bound = try BoundModel(PluginLibrary.factory(plugin, model), fixture.configuration)
        try bound.load(fixture.weights)
        return (fixture, bound)
    }
}
