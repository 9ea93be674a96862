"""Ctrl-C while a plugin works."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any


class DeferredInterrupt:
    """While it is entered on the main thread, Ctrl-C is remembered and raised at the end.

    Python runs signal handlers between any two of its own instructions on the main thread, thus also inside callbacks that
    a plugin makes. There a KeyboardInterrupt would be swallowed by ctypes or, worse, tear a piece out of a parallel loop.
    Instead `requested` turns true, the plugin sees it through `should_cancel`, returns, and the interrupt goes on from here.
    """

    def __init__(self) -> None:
        self.requested = False
        self._before: Any = None
        self._active = False

    def __enter__(self) -> DeferredInterrupt:
        if (
            threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        ):
            self._before = signal.signal(signal.SIGINT, self._note)
            self._active = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._active:
            self._active = False
            signal.signal(signal.SIGINT, self._before)
        if self.requested:
            self.requested = False
            raise KeyboardInterrupt

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.requested = True
