"""What the host does for a plugin: threads, cancellation, messages."""

from __future__ import annotations

import ctypes
import logging
import threading
from collections.abc import Callable

from . import abi
from .interrupt import DeferredInterrupt
from .pool import shared_pool

_LOGGER = logging.getLogger("sequence_model")
_LEVELS = (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR)


class HostServices:
    """An `sm_host` and what stands behind it. It must outlive the instances that were given it.

    Callbacks arrive on the thread that called the plugin, or on a thread of the pool; ctypes takes the interpreter's lock for
    each. None of them raises: an exception could not pass through the plugin.
    """

    def __init__(self, threads: int = 1, on_progress: Callable[[float], object] | None = None) -> None:
        self.interrupt = DeferredInterrupt()
        self._cancelled = threading.Event()
        self._on_progress = on_progress
        self._pool = shared_pool(max(threads, 1))
        self.struct = abi.sized(abi.Host)
        self.struct.max_concurrency = self._pool.threads
        # The struct holds bare pointers: these attributes keep the callbacks alive.
        self._callbacks = (
            abi.PARALLEL_FOR(self._parallel_for),
            abi.SHOULD_CANCEL(self._should_cancel),
            abi.LOG(self._log),
            abi.PROGRESS(self._progress),
        )
        if self._pool.threads > 1:
            self.struct.parallel_for = self._callbacks[0]
        self.struct.should_cancel = self._callbacks[1]
        self.struct.log = self._callbacks[2]
        if on_progress is not None:
            self.struct.progress = self._callbacks[3]

    def cancel(self) -> None:
        """Makes the call that runs now stop with `Cancelled`. From any thread."""
        self._cancelled.set()

    def begin(self) -> None:
        """Forgets a cancellation that was meant for an earlier call."""
        self._cancelled.clear()

    def _parallel_for(self, _context: int | None, count: int, task: Callable[..., object], argument: int | None) -> None:
        self._pool.run(count, lambda index: task(argument, index))

    def _should_cancel(self, _context: int | None) -> int:
        return int(self._cancelled.is_set() or self.interrupt.requested)

    def _log(self, _context: int | None, severity: int, text: int | None, length: int) -> None:
        message = ctypes.string_at(text, length).decode("utf-8", "replace") if text else ""
        _LOGGER.log(_LEVELS[min(max(severity, 0), 3)], "%s", message)

    def _progress(self, _context: int | None, fraction: float) -> None:
        if self._on_progress is not None:
            self._on_progress(fraction)
