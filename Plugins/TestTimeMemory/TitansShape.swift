import Layers
import SequenceModel

/// What the mixers of Titans need to know.
struct TitansShape {
    /// D
    var width: Int
    /// H, of attention and of the memory.
    var heads: Int
    /// Keys that a query sees, its own included.
    var window: Int
    /// P
    var persistent: Int
    /// Base of the rotary angles.
    var theta: Double
    /// Whether there is a memory; false: the control.
    var hasMemory: Bool
    /// Of the memory; its chunk is the segment of MAC.
    var memory: NeuralMemory.Shape
    var epsilon: Double
    var initialiser: Initialiser
}
