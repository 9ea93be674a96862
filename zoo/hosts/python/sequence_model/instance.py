"""An instance of a model and what keeps it alive."""

from __future__ import annotations

import ctypes
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from . import tables
from .errors import ErrorBuffer, FailedPrecondition, Internal, Unimplemented, call
from .services import HostServices


class Instance:
    """An sm_instance. One call at a time goes in; it is destroyed with its sessions when the last user lets go.

    A session that the garbage collector finds may be found at any moment, even inside a callback of a running call. It is
    therefore only noted in `orphans` and closed when the instance is free again.
    """

    def __init__(self, table: tables.Plugin, model: int, configuration: bytes, services: HostServices) -> None:
        self.table = table
        self.services = services
        self.train = tables.extension(table, model, tables.Train)
        self.score = tables.extension(table, model, tables.Score)
        self.session = tables.extension(table, model, tables.Session)
        self.generate = tables.extension(table, model, tables.Generate)
        self.probes = tables.extension(table, model, tables.Probes)
        self.open_sessions: set[int] = set()
        self.orphans: list[int] = []
        #: What must outlive the instance, such as the memory that is bound to it.
        self.kept: list[object] = [services]
        self._lock = threading.Lock()
        pointer = ctypes.c_void_p()
        host = ctypes.byref(services.struct)
        call(table.create, "create", model, host, configuration, len(configuration), ctypes.byref(pointer))
        if not pointer.value:
            raise Internal("create succeeded without an instance")
        self._pointer: int | None = pointer.value
        self._release = weakref.finalize(
            self, _destroy, table, self.session, pointer.value, self.open_sessions, self.kept
        )
        # At the end of the process a thread may still be inside; what the plugin holds goes with the process.
        self._release.atexit = False

    def close(self) -> None:
        """Closes all sessions and destroys the instance; again does nothing."""
        with self.exclusive():
            self._pointer = None
            self._release()

    def call(self, function: Any, name: str, *arguments: Any) -> None:
        """Calls a function of a table with the instance first; raises what it reports, or KeyboardInterrupt."""
        with self.exclusive():
            self.enter(function, name, self.living(), *arguments)

    def enter(self, function: Any, name: str, *arguments: Any) -> None:
        """As `call`, for who has `exclusive` already, with another first argument."""
        if not function:
            raise Unimplemented(f"the model does not offer {name}")
        self.services.begin()
        error = ErrorBuffer()
        with self.services.interrupt:
            status = function(*arguments, error.reference)
        error.check(status, name)

    def living(self) -> int:
        """The sm_instance pointer; raises after `close`."""
        if self._pointer is None:
            raise FailedPrecondition("the model is closed")
        return self._pointer

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
            self.session.close(pointer)


def _destroy(
    table: tables.Plugin, sessions: tables.Session, pointer: int, open_sessions: set[int], _kept: list[object]
) -> None:
    while open_sessions:
        sessions.close(open_sessions.pop())
    table.destroy(pointer)
