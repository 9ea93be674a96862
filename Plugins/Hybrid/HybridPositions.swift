import PluginKit

/// How attention knows where tokens stand.
enum HybridPositions: String, ConfigurationChoice {
    case rotary
    case none
}
