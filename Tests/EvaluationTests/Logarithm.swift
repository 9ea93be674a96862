import Glibc

/// Natural logarithm, under a name that no local `log` hides.
func logarithm(_ value: Double) -> Double { log(value) }

/// e to the power of `value`.
func exponential(_ value: Double) -> Double { exp(value) }
