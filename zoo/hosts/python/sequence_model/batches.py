"""Rows of symbols, and what is wanted of them, as a plugin reads them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import abi

#: A string, bytes, numbers, or an array of numbers.
Symbols = str | bytes | ArrayLike


def symbols(given: Symbols, rows: bool = True) -> NDArray[np.int32]:
    """Symbols as int32, [B, T] or, with `rows` false, [T]. Text becomes its bytes (UTF-8). Nothing is copied that fits already."""
    if isinstance(given, str):
        given = given.encode()
    if isinstance(given, (bytes, bytearray, memoryview)):
        given = np.frombuffer(given, np.uint8)
    array = np.asarray(given)
    if array.size == 0:
        array = array.astype(np.int32)
    if array.dtype.kind not in "iu":
        raise TypeError(f"symbols are whole numbers, not {array.dtype}")
    if array.dtype != np.int32:
        narrow = array.astype(np.int32)
        if not np.array_equal(narrow, array):
            raise ValueError(f"symbols from {array.min()} to {array.max()} do not fit into 32 bits")
        array = narrow
    if rows and array.ndim == 1:
        array = array[np.newaxis]  # [1, T]
    if array.ndim != (2 if rows else 1):
        raise ValueError(f"symbols of shape {array.shape}; {'[B, T]' if rows else '[T]'} is needed")
    return np.ascontiguousarray(array)


class Batch:
    """An sm_batch and the arrays that it points to."""

    def __init__(
        self,
        tokens: Symbols,
        targets: ArrayLike | None,
        weights: ArrayLike | None,
        key: int,
    ) -> None:
        self.tokens = symbols(tokens)  # [B, T]
        self.targets = None if targets is None else symbols(targets)  # [B, T]
        self.weights: NDArray[Any] | None = None  # [B, T]
        if weights is not None:
            self.weights = np.ascontiguousarray(np.atleast_2d(np.asarray(weights, np.float32)))
        for name, array in (("targets", self.targets), ("weights", self.weights)):
            if array is not None and array.shape != self.tokens.shape:
                raise ValueError(f"{name} of shape {array.shape} for tokens of shape {self.tokens.shape}")
        self.struct = abi.sized(abi.Batch)
        self.struct.rows, self.struct.length = self.tokens.shape
        self.struct.tokens = self.tokens.ctypes.data
        self.struct.targets = None if self.targets is None else self.targets.ctypes.data
        self.struct.weights = None if self.weights is None else self.weights.ctypes.data
        self.struct.key = abi.key(key)

    @property
    def shape(self) -> tuple[int, int]:
        """(B, T)"""
        return self.tokens.shape


def whole_text_targets(tokens: NDArray[np.int32], in_place: bool) -> NDArray[np.int32]:
    """Targets [B, T] that ask for every symbol but the first of each row, which is given."""
    targets = np.full_like(tokens, -1)
    if in_place:
        targets[:, 1:] = tokens[:, 1:]
    else:
        targets[:, :-1] = tokens[:, 1:]
    return targets


def windows(
    data: NDArray[np.int32], rows: int, context: int, in_place: bool, random: np.random.Generator
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Tokens and targets of `rows` random windows in which the same `context` symbols are predicted by either kind of model."""
    if len(data) < context + 1:
        raise ValueError(f"the data have {len(data)} symbols, less than one window of {context} + 1")
    starts = random.integers(0, len(data) - context, rows)
    text = data[starts[:, np.newaxis] + np.arange(context + 1)]  # [B, T + 1]
    if in_place:
        return text, whole_text_targets(text, True)  # [B, T + 1]
    return np.ascontiguousarray(text[:, :-1]), np.ascontiguousarray(text[:, 1:])  # [B, T]
