"""Failures of a plugin as exceptions that carry its message."""

from __future__ import annotations

import ctypes
from typing import Any

from . import abi


class SequenceModelError(Exception):
    """A plugin refused or failed. `code` is an SM_ status, `poisoned` says that the model can only be closed now."""

    code = 13

    def __init__(self, message: str, code: int | None = None, poisoned: bool = False) -> None:
        super().__init__(message)
        self.code = type(self).code if code is None else code
        self.poisoned = poisoned


class Cancelled(SequenceModelError):
    """The call was stopped from outside; the model is as usable as before."""

    code = 1


class InvalidArgument(SequenceModelError, ValueError):
    """A value is wrong; the message names it, what was got and what is allowed."""

    code = 3


class NotFound(SequenceModelError, LookupError):
    code = 5


class ResourceExhausted(SequenceModelError):
    """Memory, or a declared limit such as the longest text."""

    code = 8


class FailedPrecondition(SequenceModelError):
    """Called in the wrong order, or while another call into the same model runs."""

    code = 9


class Unimplemented(SequenceModelError, NotImplementedError):
    code = 12


class Internal(SequenceModelError):
    """A bug in the plugin."""

    code = 13


class DataLoss(SequenceModelError):
    """A saved state or file is truncated, damaged or of another model."""

    code = 15


class PluginError(Exception):
    """A file is not a plugin that this program can use."""


_KINDS: dict[int, type[SequenceModelError]] = {
    kind.code: kind
    for kind in (
        Cancelled,
        InvalidArgument,
        NotFound,
        ResourceExhausted,
        FailedPrecondition,
        Unimplemented,
        Internal,
        DataLoss,
    )
}
_CAPACITY = 4096
_POISONED = 1


class ErrorBuffer:
    """Room for what a plugin says about one failed call."""

    def __init__(self) -> None:
        self._text = ctypes.create_string_buffer(_CAPACITY)
        self.struct = abi.sized(abi.Error)
        self.struct.message_capacity = _CAPACITY
        self.struct.message = ctypes.addressof(self._text)

    @property
    def reference(self) -> Any:
        """What to pass for `sm_error *`."""
        return ctypes.byref(self.struct)

    @property
    def message(self) -> str:
        return self._text.raw[: min(self.struct.message_length, _CAPACITY)].decode("utf-8", "replace")

    def check(self, status: int, function: str) -> None:
        """Raises the exception of `status` unless it is SM_OK."""
        if status == 0:
            return
        message = self.message if self.struct.code == status else ""
        kind = _KINDS.get(status, SequenceModelError)
        text = message or f"{function} failed with status {status} and no reason"
        raise kind(text, status, poisoned=bool(self.struct.flags & _POISONED))


def call(function: Any, name: str, *arguments: Any) -> None:
    """Calls `function` of a table, whose last argument is the error; raises what it reports."""
    if not function:
        raise Unimplemented(f"the plugin does not offer {name}")
    error = ErrorBuffer()
    error.check(function(*arguments, error.reference), name)
