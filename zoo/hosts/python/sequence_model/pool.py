"""Threads that plugins borrow."""

from __future__ import annotations

import functools
import os
import queue
import threading
from collections.abc import Callable


class _Job:
    """Pieces 0 ..< count, handed out one at a time."""

    def __init__(self, count: int, task: Callable[[int], object]) -> None:
        self._pieces = iter(range(count))
        self._left = count
        self._task = task
        self._lock = threading.Lock()
        self.finished = threading.Event()

    def work(self) -> None:
        """Runs pieces until none is left to begin. A thread that comes late finds none and touches nothing."""
        while True:
            with self._lock:
                piece = next(self._pieces, None)
            if piece is None:
                return
            self._task(piece)
            with self._lock:
                self._left -= 1
                if self._left == 0:
                    self.finished.set()


class ThreadPool:
    """`threads` threads in all, the caller among them. Any number of threads may use one pool at once.

    A piece is a call into the plugin: ctypes gives the interpreter's lock back while it runs, so pieces do run at the
    same time; only handing them out is Python.
    """

    def __init__(self, threads: int) -> None:
        self.threads = max(threads, 1)
        self._jobs: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        self._process = os.getpid()
        for number in range(1, self.threads):
            threading.Thread(target=self._work, name=f"sequence-model-{number}", daemon=True).start()

    def run(self, count: int, task: Callable[[int], object]) -> None:
        """Calls `task` once for every number below `count` and returns when all have run."""
        # The threads of a process do not survive a fork.
        helpers = min(self.threads, count) - 1 if os.getpid() == self._process else 0
        if helpers <= 0:
            for piece in range(count):
                task(piece)
            return
        job = _Job(count, task)
        for _ in range(helpers):
            self._jobs.put(job)
        job.work()
        job.finished.wait()

    def _work(self) -> None:
        while True:
            self._jobs.get().work()


@functools.cache
def shared_pool(threads: int) -> ThreadPool:
    """The pool of this many threads that all models share."""
    return ThreadPool(threads)
