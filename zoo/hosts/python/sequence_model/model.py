"""A model that can be trained, scored and sampled."""

from __future__ import annotations

import ctypes
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from . import abi, safetensors, tables
from .batches import Batch, Symbols, symbols, whole_text_targets, windows
from .errors import DataLoss
from .generation import GeneratesText
from .instance import Instance, shape
from .parameters import Declaration, Memory, initialise
from .plugin import Card, Plugin
from .services import HostServices
from .session import Session


@dataclass(frozen=True)
class Score:
    """Nats of each target, [B, T], 0 where nothing was asked."""

    nats: NDArray[np.float32]
    #: Network evaluations behind each row of a bound; 1 when exact.
    samples: int
    #: How a bound was estimated.
    estimator: str


class Model(GeneratesText):
    """One configured model with its parameters, on memory that belongs to NumPy.

    B batch, T tokens, V vocabulary. Symbols may be text (its bytes), numbers or an array, [T] or [B, T]. A model takes
    one call at a time; different models may be used on different threads.
    """

    def __init__(
        self,
        plugin: Plugin,
        id: str,
        configuration: dict[str, Any] | None = None,
        *,
        parameters: int | None = None,
        context: int = 256,
        seed: int = 0,
        threads: int = 1,
        dtype: DTypeLike = np.float32,
        gradients: bool = True,
        on_progress: Callable[[float], object] | None = None,
    ) -> None:
        """Makes a model with first values that follow from `seed`.

        Args:
            configuration: keys of the model's schema; what is left out has its default.
            parameters: in place of `configuration`, a size that is met within 5 %, for bytes in windows of `context`.
            threads: how many the plugin may use. Results do not depend on it.
            dtype: float32 or float64, where the model knows both.
            gradients: whether it can be trained.
            on_progress: told how far a long call is, 0 to 1.
        """
        if parameters is not None:
            if configuration is not None:
                raise TypeError("a model has a configuration or a number of parameters, not both")
            configuration = plugin.propose(id, parameters, context=context)
        self.plugin = plugin
        self.card: Card = plugin.card(id)
        #: The full configuration.
        self.configuration = plugin.resolve(id, configuration)
        self._services = HostServices(threads, on_progress)
        text = json.dumps(self.configuration).encode()
        self.instance = Instance(plugin.table, self.card.index, text, self._services)
        self._train = tables.extension(plugin.table, self.card.index, tables.Train)
        self._score = tables.extension(plugin.table, self.card.index, tables.Score)
        self._generate = tables.extension(plugin.table, self.card.index, tables.Generate)
        given = shape(self.instance)
        #: V, the width of the logits.
        self.vocabulary: int = given.vocabulary
        #: Symbols 0 ..< alphabet may occur in data.
        self.alphabet: int = given.alphabet
        #: The symbol that stands for "unknown".
        self.mask_symbol: int | None = given.mask_symbol if given.mask_symbol >= 0 else None
        #: The longest row of one call.
        self.maximum_tokens: int | None = given.maximum_tokens or None
        #: Target t is the symbol at position t; otherwise the one after it.
        self.targets_in_place: bool = "targets-in-place" in self.card.capabilities
        self.declarations = self._declarations()
        self._values = Memory(self.declarations, dtype)
        self._gradients = Memory(self.declarations, dtype) if gradients else None
        self._tensors = (self._values.tensors(), self._gradients.tensors() if self._gradients else None)
        self.instance.call(plugin.table.bind, "bind", *self._tensors, len(self.declarations))
        self.initialise(seed)

    def initialise(self, seed: int) -> None:
        """Writes first values anew."""

        def custom(index: int, key: abi.Key, tensor: abi.Tensor) -> None:
            self.instance.call(self.plugin.table.initialise, "initialise", index, key, ctypes.byref(tensor))

        initialise(self.declarations, self._values, seed, custom)
        self._tell_changed()

    @property
    def parameters(self) -> dict[str, NDArray[Any]]:
        """All parameters by name, as views to read; `update` gives them to write. Tied ones are there once."""
        return self._views(writable=False)

    @property
    def gradients(self) -> dict[str, NDArray[Any]]:
        """The memory that the plugin adds gradients to, for every parameter that is trained (no buffers)."""
        if self._gradients is None:
            raise TypeError("this model was made without gradients")
        arrays = zip(self.declarations, self._gradients.arrays, strict=True)
        return {d.name: array for d, array in arrays if d.tied_to is None and not d.is_buffer}

    @contextmanager
    def update(self, step: int | None = None) -> Iterator[dict[str, NDArray[Any]]]:
        """Gives the parameters to write to, without copies, and tells the plugin afterwards that they changed.

        `step`, counted from 1, says that this was a step of training: the plugin's `post_update` follows.
        """
        try:
            yield self._views(writable=True)
        finally:
            self._tell_changed()
        if step is not None and self._train.post_update:
            self.instance.call(self._train.post_update, "post_update", step)

    def zero_gradients(self) -> None:
        """Sets all gradients to zero. The plugin only ever adds."""
        for gradient in self.gradients.values():
            gradient[...] = 0

    def windows(
        self, data: Symbols, rows: int, context: int, random: np.random.Generator
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Tokens and targets, each [B, T], of random windows in which `context` symbols are predicted."""
        return windows(symbols(data, rows=False), rows, context, self.targets_in_place, random)

    def loss(
        self, tokens: Symbols, targets: ArrayLike | None = None, *, weights: ArrayLike | None = None, key: int = 0
    ) -> float:
        """Sum over targets of weight × nats.

        Args:
            targets: -1 where nothing is asked. Left out: every symbol but the first of each row.
            weights: left out: 1 / (number of targets) each, so that the result is a mean.
            key: decides every random choice of the call, 128 bits.
        """
        return self._loss(self._train.loss, "loss", tokens, targets, weights, key)

    def loss_and_gradient(
        self, tokens: Symbols, targets: ArrayLike | None = None, *, weights: ArrayLike | None = None, key: int = 0
    ) -> float:
        """As `loss`, and adds its derivative to `gradients`."""
        return self._loss(self._train.loss_and_gradient, "loss_and_gradient", tokens, targets, weights, key)

    def score(self, tokens: Symbols, targets: ArrayLike | None = None, *, samples: int = 0, key: int = 0) -> Score:
        """Nats of each target: exact, or an estimate of a bound from `samples` evaluations (0: the model's choice)."""
        batch = self._batch(tokens, targets, None, key)
        # What a plugin forgets to write shows as NaN, not as a good score.
        nats = np.full(batch.shape, np.nan, np.float32)  # [B, T]
        result = abi.sized(abi.ScoreResult)
        result.samples = 1
        arguments = (ctypes.byref(batch.struct), samples, nats.ctypes.data, ctypes.byref(result))
        self.instance.call(self._score.score, "score", *arguments)
        return Score(nats, result.samples, (result.estimator or b"").decode("utf-8", "replace"))

    def logits(self, tokens: Symbols, targets: ArrayLike | None = None) -> NDArray[np.float32]:
        """[B, T, V] of one evaluation of the network. For a causal model row t speaks of the symbol after t."""
        batch = Batch(tokens, targets, None, 0)
        logits = np.full((*batch.shape, self.vocabulary), np.nan, np.float32)  # [B, T, V]
        self.instance.call(self._score.logits, "logits", ctypes.byref(batch.struct), logits.ctypes.data)
        return logits

    def predict(
        self, tokens: Symbols, targets: ArrayLike | None = None
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """The most likely symbol where a target is asked for (its value is not looked at), and ln of its probability.

        Each [B, T]; the symbol is -1 elsewhere.
        """
        batch = self._batch(tokens, targets, None, 0)
        found = np.full(batch.shape, -1, np.int32)  # [B, T]
        certainty = np.zeros(batch.shape, np.float32)  # [B, T]
        arguments = (ctypes.byref(batch.struct), found.ctypes.data, certainty.ctypes.data)
        self.instance.call(self._score.predict, "predict", *arguments)
        return found, certainty

    def session(self, rows: int = 1) -> Session:
        """Opens a session over `rows` rows that have read nothing."""
        return Session.open(self.instance, self.vocabulary, rows)

    def load_session(self, state: bytes) -> Session:
        """Goes on, bit for bit, from what `Session.save` gave. Raises `DataLoss` for anything else."""
        return Session.load(self.instance, self.vocabulary, state)

    def cancel(self) -> None:
        """Makes the call that runs now raise `Cancelled`. From any thread."""
        self._services.cancel()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the parameters as safetensors, under their declared names, tied ones left out."""
        safetensors.save(path, self.parameters, {"format": "pt"})

    def load(self, path: str | os.PathLike[str]) -> None:
        """Reads parameters from safetensors. Raises `DataLoss`, having changed nothing, unless names and shapes fit exactly."""
        given = safetensors.load(path)
        own = self._views(writable=True)
        tied = {d.name: self.declarations[d.tied_to].name for d in self.declarations if d.tied_to is not None}
        faults = [f"missing: {name} {array.shape}" for name, array in own.items() if name not in given]
        for name, array in given.items():
            expected = own.get(tied.get(name, name))
            if expected is None:
                faults.append(f"unexpected: {name} {array.shape}")
            elif array.shape != expected.shape:
                faults.append(f"wrong shape: {name} is {array.shape}, expected {expected.shape}")
            elif name in tied and tied[name] in given and not np.array_equal(array, given[tied[name]], equal_nan=True):
                faults.append(f"{name} is tied to {tied[name]}, but has other values")
        if faults:
            raise DataLoss(f"{path} does not fit the configuration: " + "; ".join(faults))
        for name, array in own.items():
            array[...] = given[name]
        self._tell_changed()

    @classmethod
    def open(cls, plugin: Plugin, folder: str | os.PathLike[str], **options: Any) -> Model:
        """The model of a run of `zoo train`: config.json and model.safetensors."""
        configuration = json.loads((Path(folder) / "config.json").read_text())
        model = cls(plugin, configuration.pop("model_type"), configuration, **options)
        model.load(Path(folder) / "model.safetensors")
        return model

    def close(self) -> None:
        """Frees the model now. Its arrays stay valid for as long as somebody holds them."""
        self.instance.close()

    def __enter__(self) -> Model:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _declarations(self) -> list[Declaration]:
        table = self.plugin.table
        result = []
        for index in range(table.parameter_count(self.instance.living())):
            given = abi.sized(abi.Parameter)
            self.instance.call(table.parameter, "parameter", index, ctypes.byref(given))
            result.append(Declaration.of(given, index))
        return result

    def _views(self, writable: bool) -> dict[str, NDArray[Any]]:
        views = {}
        for declaration, array in zip(self.declarations, self._values.arrays, strict=True):
            if declaration.tied_to is None:
                views[declaration.name] = view = array.view()
                view.flags.writeable = writable
        return views

    def _tell_changed(self) -> None:
        if self.plugin.table.parameters_changed:
            with self.instance.exclusive():
                self.plugin.table.parameters_changed(self.instance.living())

    def _batch(self, tokens: Symbols, targets: ArrayLike | None, weights: ArrayLike | None, key: int) -> Batch:
        given = symbols(tokens)
        if targets is None:
            targets = whole_text_targets(given, self.targets_in_place)
        return Batch(given, targets, weights, key)

    def _loss(
        self, function: Any, name: str, tokens: Symbols, targets: ArrayLike | None, weights: ArrayLike | None, key: int
    ) -> float:
        batch = self._batch(tokens, targets, weights, key)
        loss = ctypes.c_double(np.nan)
        self.instance.call(function, name, ctypes.byref(batch.struct), ctypes.byref(loss))
        return loss.value
