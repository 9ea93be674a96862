"""Drawing a symbol from logits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def draw(logits: NDArray[np.float32], temperature: float, random: np.random.Generator) -> int:
    """A symbol with the probabilities softmax(logits / temperature); at temperature 0 the most likely one.

    Args:
        logits: [V], of the alphabet only.
    """
    if not np.isfinite(temperature) or temperature < 0:
        raise ValueError(f"temperature {temperature}; allowed: 0 and above")
    if temperature == 0:
        return int(logits.argmax())
    scaled = logits.astype(np.float64) / temperature
    weights = np.exp(scaled - scaled.max()).cumsum()
    # The guard is for a draw that rounding puts on the very end.
    return min(int(weights.searchsorted(random.random() * weights[-1], side="right")), len(logits) - 1)
