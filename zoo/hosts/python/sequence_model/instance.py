"""An instance of a model and what keeps it alive."""

from __future__ import annotations

import ctypes
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from . import abi, tables
from .errors import ErrorBuffer, FailedPrecondition, Unimplemented, call
from .services import HostServices


class Instance:
    """An sm_instance. One call at a time goes in; it is destroyed with its sessions when the last user lets go.

    A session that the garbage collector finds may be found at any moment, even inside a callback of a running call. It is
    therefore only noted in `orphans` and closed when the instance is free again.
    """

    def __init__(self, table: tables.Plugin, model: int, configuration: bytes, services: HostServices) -> None:
        self.table = table
        self.services = services
        self.sessions = tables.extension(table, model, tables.Session)
        self.open_sessions: set[int] = set()
        self.orphans: list[int] = []
        self._lock = threading.Lock()
        pointer = ctypes.c_void_p()
        call(
            table.create,
            "create",
            model,
            ctypes.byref(services.struct),
            configuration,
            len(configuration),
            ctypes.byref(pointer),
        )
        self.pointer: int | None = pointer.value
        #: `services` is named so that the host's table outlives the instance.
        self._release = weakref.finalize(
            self, _destroy, table, self.sessions, pointer.value, self.open_sessions, services
        )

    def close(self) -> None:
        """Closes all sessions and destroys the instance; again does nothing."""
        with self.exclusive():
            self.pointer = None
            self._release()

    def call(self, function: Any, name: str, *arguments: Any) -> None:
        """Calls a function of a table with the instance first; raises what it reports, or KeyboardInterrupt."""
        if not function:
            raise Unimplemented(f"the model does not offer {name}")
        with self.exclusive():
            self.enter(function, name, self.living(), *arguments)

    def enter(self, function: Any, name: str, *arguments: Any) -> None:
        """As `call`, for who has `exclusive` already and for other first arguments."""
        if not function:
            raise Unimplemented(f"the model does not offer {name}")
        self.services.begin()
        error = ErrorBuffer()
        with self.services.interrupt:
            status = function(*arguments, error.reference)
        error.check(status, name)

    def living(self) -> int:
        """The sm_instance pointer; raises after `close`."""
        if self.pointer is None:
            raise FailedPrecondition("the model is closed")
        return self.pointer

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Keeps other calls out. They raise at once rather than wait: a call from inside a callback would wait for ever."""
        if not self._lock.acquire(blocking=False):
            raise FailedPrecondition("another call into this model is running; a model takes one at a time")
        try:
            while self.orphans:
                self.close_session(self.orphans.pop())
            yield
        finally:
            self._lock.release()

    def close_session(self, pointer: int) -> None:
        """Closes a session of this instance, for who has `exclusive`."""
        if pointer in self.open_sessions:
            self.open_sessions.discard(pointer)
            self.sessions.close(pointer)


def _destroy(
    table: tables.Plugin, sessions: tables.Session, pointer: int | None, open_sessions: set[int], _services: HostServices
) -> None:
    while open_sessions:
        sessions.close(open_sessions.pop())
    if pointer is not None:
        table.destroy(pointer)


def shape(instance: Instance) -> abi.Shape:
    """What the instance works on."""
    given = abi.sized(abi.Shape)
    given.mask_symbol = -1
    instance.call(instance.table.shape, "shape", ctypes.byref(given))
    return given
