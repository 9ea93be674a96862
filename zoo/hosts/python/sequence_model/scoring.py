"""What a model says about given text."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import abi
from .batches import Batch, Symbols

if TYPE_CHECKING:
    from .model import Model


@dataclass(frozen=True)
class Score:
    """Nats of each target, [B, T], 0 where nothing was asked."""

    nats: NDArray[np.float32]
    #: Network evaluations behind each row of a bound; 1 when exact.
    samples: int
    #: How a bound was estimated.
    estimator: str


class ScoresText:
    """`score`, `logits` and `predict` of `Model`."""

    def score(self, tokens: Symbols, targets: ArrayLike | None = None, *, samples: int = 0, key: int = 0) -> Score:
        """Nats of each target: exact, or an estimate of a bound from `samples` evaluations (0: the model's choice).

        Args:
            targets: -1 where nothing is asked. Left out: every symbol but the first of each row.
            key: decides every random choice of the call.
        """
        model: Model = self  # type: ignore[assignment]
        batch = model.batch(tokens, targets, None, key)
        # What a plugin forgets to write shows as NaN, not as a good score.
        nats = np.full(batch.shape, np.nan, np.float32)  # [B, T]
        result = abi.sized(abi.ScoreResult)
        result.samples = 1
        arguments = (ctypes.byref(batch.struct), samples, nats.ctypes.data, ctypes.byref(result))
        model.instance.call(model.instance.score.score, "score", *arguments)
        return Score(nats, result.samples, (result.estimator or b"").decode("utf-8", "replace"))

    def logits(self, tokens: Symbols, targets: ArrayLike | None = None) -> NDArray[np.float32]:
        """[B, T, V] of one evaluation of the network. For a causal model row t speaks of the symbol after t."""
        model: Model = self  # type: ignore[assignment]
        batch = Batch(tokens, targets, None, 0)
        logits = np.full((*batch.shape, model.vocabulary), np.nan, np.float32)  # [B, T, V]
        arguments = (ctypes.byref(batch.struct), logits.ctypes.data)
        model.instance.call(model.instance.score.logits, "logits", *arguments)
        return logits

    def predict(
        self, tokens: Symbols, targets: ArrayLike | None = None
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """The most likely symbol where a target is asked for (its value is not looked at), and ln of its probability.

        Each [B, T]; the symbol is -1 elsewhere.
        """
        model: Model = self  # type: ignore[assignment]
        batch = model.batch(tokens, targets, None, 0)
        found = np.full(batch.shape, -1, np.int32)  # [B, T]
        certainty = np.zeros(batch.shape, np.float32)  # [B, T]
        arguments = (ctypes.byref(batch.struct), found.ctypes.data, certainty.ctypes.data)
        model.instance.call(model.instance.score.predict, "predict", *arguments)
        return found, certainty
