import PluginKit
import SequenceModel

/// Files of Hugging Face's `BltForCausalLM`.
extension BltConfiguration {
    /// What the four configurations inside say that is said elsewhere, or of other programs.
    private static let ignoredInside: Set<String> = [
        "bos_token_id", "cross_attn_k", "dropout", "dtype", "encoder_cross_output_size", "eos_token_id", "head_dim", "hidden_act",
        "hidden_size_global", "initializer_range", "max_position_embeddings", "model_type", "pad_token_id", "tie_word_embeddings",
        "torch_dtype", "transformers_version", "vocab_size", "architectures", "_name_or_path", "use_cache",
    ]

    /// A file that Hugging Face wrote brings a trained patcher, which then stays as it is.
    static func normalise(_ object: inout JSONObject, modelType: String?) throws {
        for key in ["encoder_config", "decoder_config", "global_config", "patcher_config"] {
            guard var inner = object[key]?.objectValue else { continue }
            if let activation = inner["hidden_act"], activation != .string("silu"), activation != .null {
                throw refuse("\(key).hidden_act", activation, allowed: "silu")
            }
            for ignored in ignoredInside { inner[ignored] = nil }
            if var rope = inner["rope_parameters"]?.objectValue {
                if let type = rope["rope_type"], type != .string("default") {
                    throw refuse("\(key).rope_parameters.rope_type", type, allowed: "default (scaled rotary positions are not implemented)")
                }
                rope["rope_type"] = nil
                inner["rope_parameters"] = .object(rope)
            }
            if key == "encoder_config" || key == "decoder_config" { inner["sliding_window"] = nil }
            object[key] = .object(inner)
        }
        guard object["architectures"] != nil || object["transformers_version"] != nil else { return }
        if object["patcher_loss_weight"] == nil { object["patcher_loss_weight"] = .integer(0) }
        if object["vocab_size"] == nil { object["vocab_size"] = .integer(260) }
        if object["encoder_hash_byte_group_vocab"] == nil { object["encoder_hash_byte_group_vocab"] = .integer(500_002) }
    }
}

extension BltStack {
    /// The published patcher sees 512 bytes, with positions of another base than the rest.
    static func patcher(_ width: Int, layers: Int, heads: Int) -> BltStack {
        var stack = BltStack(width, layers: layers, heads: heads, theta: 10_000)
        stack.slidingWindow = 512
        return stack
    }

    static func decoder(_ width: Int, layers: Int, heads: Int) -> BltStack {
        var stack = BltStack(width, layers: layers, heads: heads, theta: 500_000)
        stack.crossAttentionAllLayers = true
        return stack
    }
}
