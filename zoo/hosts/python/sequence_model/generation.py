"""Text that a model writes, as it is written."""

from __future__ import annotations

import atexit
import ctypes
import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from . import abi
from .batches import Symbols, symbols
from .errors import Cancelled, ResourceExhausted, Unimplemented
from .events import DONE, Event, apply, event
from .sampling import draw

if TYPE_CHECKING:
    from .model import Model


@dataclass(frozen=True)
class Request:
    """What is to be written."""

    prompt: NDArray[np.int32]
    new_tokens: int
    temperature: float
    steps: int
    sampler: str | None
    seed: int


class GeneratesText:
    """`generate` and `stream` of `Model`: left to right through a session, or by the model's own procedure."""

    def generate(
        self,
        prompt: Symbols,
        new_tokens: int,
        *,
        temperature: float = 1.0,
        steps: int = 0,
        sampler: str | None = None,
        seed: int = 0,
        on_event: Callable[[Event], object] | None = None,
    ) -> NDArray[np.int32]:
        """Writes `new_tokens` symbols after `prompt` and returns all of them, the prompt included.

        Args:
            temperature: 0 takes the most likely symbol.
            steps: network evaluations, for a model that refines a whole text; 0: its choice.
            sampler: one of the "samplers" of such a model's schema.
            on_event: told of each change; what it raises ends the generation. It must not call the model.
        """
        model: Model = self  # type: ignore[assignment]
        request = Request(symbols(prompt, rows=False), new_tokens, temperature, steps, sampler, seed)
        text = [request.prompt]

        def note(change: Event) -> None:
            text[0] = apply(text[0], change)
            if on_event is not None:
                on_event(change)

        if _refines(model):
            _refine(model, request, note)
        else:
            for change in _continue(model, request):
                note(change)
        return text[0]

    def stream(
        self,
        prompt: Symbols,
        new_tokens: int,
        *,
        temperature: float = 1.0,
        steps: int = 0,
        sampler: str | None = None,
        seed: int = 0,
    ) -> Iterator[Event]:
        """The changes that `generate` makes, one by one. To leave the loop early stops the generation."""
        model: Model = self  # type: ignore[assignment]
        request = Request(symbols(prompt, rows=False), new_tokens, temperature, steps, sampler, seed)
        return _refinements(model, request) if _refines(model) else _continue(model, request)


def _refines(model: Model) -> bool:
    return bool(model.instance.generate.generate)


def _continue(model: Model, request: Request) -> Iterator[Event]:
    """Left to right, a symbol at a time."""
    if not model.instance.session.open:
        raise Unimplemented(f"{model.card.id} offers neither sessions nor a way of its own to generate")
    if len(request.prompt) == 0:
        raise ValueError("the prompt is empty: a model speaks of what comes after something")
    random = np.random.default_rng(request.seed)
    with model.session() as session:
        logits = session.append(request.prompt)  # [1, V]
        for _ in range(request.new_tokens):
            assert logits is not None
            symbol = np.array([draw(logits[0, : model.alphabet], request.temperature, random)], np.int32)
            yield Event("append", symbol)
            try:
                logits = session.append(symbol)  # [1, V]
            except ResourceExhausted:
                # The longest text that this model reads is full.
                break
    yield DONE


def _refine(model: Model, request: Request, tell: Callable[[Event], object]) -> None:
    """By sm.generate/1, on this thread. What `tell` raises stops it and goes on from here."""
    raised: list[BaseException] = []

    def receive(_context: int | None, pointer: Any) -> int:
        try:
            change = event(pointer.contents)
            if change is not None:
                tell(change)
            return 0
        except BaseException as error:  # nothing may pass through the plugin
            raised.append(error)
            return 1

    foreign = abi.sized(abi.Generation)
    foreign.steps = request.steps
    foreign.prompt = request.prompt.ctypes.data
    foreign.prompt_length = len(request.prompt)
    foreign.new_tokens = request.new_tokens
    foreign.temperature = request.temperature
    foreign.sampler = None if request.sampler is None else request.sampler.encode()
    foreign.key = abi.key(request.seed)
    sink = abi.Sink(None, abi.ON_EVENT(receive))
    try:
        model.instance.call(model.instance.generate.generate, "generate", ctypes.byref(foreign), ctypes.byref(sink))
    except Cancelled:
        if not raised:
            raise
    if raised:
        raise raised[0]


class _Stopped(Exception):
    """The reader of a stream went away."""


def _refinements(model: Model, request: Request) -> Iterator[Event]:
    """`_refine` on a thread of its own, which waits whenever the reader is more than one event behind."""
    events: queue.Queue[Event | BaseException | None] = queue.Queue(maxsize=1)
    stopped = threading.Event()

    def tell(change: Event | BaseException | None) -> None:
        while not stopped.is_set():
            try:
                return events.put(change, timeout=0.05)
            except queue.Full:
                continue
        raise _Stopped

    def work() -> None:
        try:
            _refine(model, request, tell)
            tell(None)
        except _Stopped:
            pass
        except BaseException as error:  # raised again on the reader's thread
            try:
                tell(error)
            except _Stopped:
                pass

    def stop() -> None:
        stopped.set()
        model.cancel()
        thread.join()

    thread = threading.Thread(target=work, name="sequence-model-generate", daemon=True)
    # A stream that is held until the process ends must not be inside the plugin then.
    atexit.register(stop)
    thread.start()
    try:
        while (change := events.get()) is not None:
            if isinstance(change, BaseException):
                raise change
            yield change
    finally:
        stop()
        atexit.unregister(stop)
