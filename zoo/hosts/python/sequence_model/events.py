"""Changes of a text that is being written."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import abi, constants


@dataclass(frozen=True)
class Event:
    """One change of the text: "step" (number `step` of `steps` begins), "append", "replace" (from `begin` on) or "done"."""

    kind: str
    symbols: NDArray[np.int32]
    begin: int = 0
    step: int = 0
    steps: int = 0


_NOTHING = np.empty(0, np.int32)
_KINDS = {
    constants.EVENT_STEP: "step",
    constants.EVENT_APPEND: "append",
    constants.EVENT_REPLACE: "replace",
    constants.EVENT_DONE: "done",
}
#: Nothing more will change.
DONE = Event("done", _NOTHING)


def event(given: abi.Event) -> Event | None:
    """A copy of what a plugin tells; None for kinds of a later revision."""
    if given.kind not in _KINDS:
        return None
    symbols = _NOTHING
    if given.kind in (constants.EVENT_APPEND, constants.EVENT_REPLACE) and given.count:
        symbols = np.frombuffer(ctypes.string_at(given.symbols, 4 * given.count), np.int32)
    return Event(_KINDS[given.kind], symbols, given.begin, given.step, given.steps)


def apply(text: NDArray[np.int32], event: Event) -> NDArray[np.int32]:
    """The text after a change."""
    if event.kind == "append":
        return np.concatenate([text, event.symbols])
    if event.kind == "replace":
        if event.begin + len(event.symbols) > len(text):
            raise ValueError(f"the plugin replaces symbols from {event.begin} on in a text of {len(text)}")
        text = text.copy()
        text[event.begin : event.begin + len(event.symbols)] = event.symbols
    return text
