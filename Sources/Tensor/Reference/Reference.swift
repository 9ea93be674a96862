/// The fused operations composed of simple ones: the definition that the kernels are tested against, and what their
/// derivatives are derived from. Slow, with no regard for memory.
public enum Reference {}
