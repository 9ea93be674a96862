"""A model that is reading."""

from __future__ import annotations

import ctypes
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .batches import Symbols, symbols
from .errors import FailedPrecondition, Internal
from .instance import Instance
from .streams import Collector, Source

_WHICH = {"none": 0, "last": 1, "all": 2}


class Session:
    """Rows of text that a model reads piece by piece. It belongs to the thread that uses its model.

    A session keeps its model alive. `close`, or `with`, frees it at once; otherwise it goes at the next call after nobody
    holds it.
    """

    def __init__(self, instance: Instance, vocabulary: int, pointer: int) -> None:
        """For `open` and `load`."""
        self._instance = instance
        self._vocabulary = vocabulary
        self._pointer = pointer
        instance.open_sessions.add(pointer)
        #: B
        self.rows: int = instance.session.rows(pointer)

    @classmethod
    def open(cls, instance: Instance, vocabulary: int, rows: int) -> Session:
        """Opens a session that has read nothing."""
        if not 0 < rows < 1 << 32:
            raise ValueError(f"{rows} rows; at least 1 is needed")
        pointer = ctypes.c_void_p()
        instance.call(instance.session.open, "open", rows, ctypes.byref(pointer))
        return cls(instance, vocabulary, _made(pointer, "open"))

    @classmethod
    def load(cls, instance: Instance, vocabulary: int, state: bytes) -> Session:
        """Opens a session from a saved state."""
        source, pointer = Source(state), ctypes.c_void_p()
        instance.call(instance.session.load, "load", ctypes.byref(source.struct), ctypes.byref(pointer))
        return cls(instance, vocabulary, _made(pointer, "load"))

    def append(
        self, tokens: Symbols, logits: Literal["none", "last", "all"] = "last"
    ) -> NDArray[np.float32] | None:
        """Reads tokens [B, T] (or [T] when B is 1).

        Returns:
            logits [B, V] after the last token, [B, T, V] after each, or None, as `logits` asks.
        """
        given = symbols(tokens)
        if given.shape[0] != self.rows:
            raise ValueError(f"tokens of shape {given.shape} for a session of {self.rows} rows")
        count = given.shape[1]
        shapes = {"last": (self.rows, self._vocabulary), "all": (self.rows, count, self._vocabulary)}
        result = np.full(shapes[logits], np.nan, np.float32) if logits != "none" else None
        target = None if result is None else result.ctypes.data
        self._call("append", given.ctypes.data, count, _WHICH[logits], target)
        return result

    @property
    def position(self) -> int:
        """Tokens read so far, in each row."""
        return self._ask("position")

    @property
    def state_bytes(self) -> int:
        """Bytes that the model says it must keep to go on."""
        return self._ask("state_bytes")

    def fork(self) -> Session:
        """An independent copy."""
        pointer = ctypes.c_void_p()
        self._call("fork", ctypes.byref(pointer))
        return Session(self._instance, self._vocabulary, _made(pointer, "fork"))

    def rewind(self, position: int) -> None:
        """Forgets all but the first `position` tokens. Raises `Unimplemented` where the state cannot go back."""
        self._call("rewind", position)

    def save(self) -> bytes:
        """The state: `Model.load_session` goes on from it."""
        writer = Collector()
        self._call("save", ctypes.byref(writer.struct))
        return writer.bytes

    def close(self) -> None:
        """Frees the session; again does nothing."""
        with self._instance.exclusive():
            self._instance.close_session(self._pointer)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if hasattr(self, "_pointer"):
            self._instance.orphans.append(self._pointer)

    def _living(self) -> int:
        if self._pointer not in self._instance.open_sessions:
            raise FailedPrecondition("the session is closed")
        return self._pointer

    def _call(self, name: str, *arguments: Any) -> None:
        function = getattr(self._instance.session, name)
        with self._instance.exclusive():
            self._instance.enter(function, name, self._living(), *arguments)

    def _ask(self, name: str) -> int:
        with self._instance.exclusive():
            return int(getattr(self._instance.session, name)(self._living()))


def _made(pointer: ctypes.c_void_p, function: str) -> int:
    if not pointer.value:
        raise Internal(f"{function} succeeded without a session")
    return pointer.value
