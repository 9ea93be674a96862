import PluginKit

/// Published proportions: what these say is taken where the keys themselves say nothing.
enum HybridPreset: String, ConfigurationChoice {
    case samba
    case jamba
    case titans

    /// Once through the published pattern.
    var pattern: String {
        switch self {
        case .samba: "mamba mlp window mlp"
        case .jamba: "mamba*4 attention mamba*3"
        case .titans: "titans window"
        }
    }
}
