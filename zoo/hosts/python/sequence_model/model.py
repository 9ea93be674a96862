"""A model that can be trained, scored and sampled."""

from __future__ import annotations

import ctypes
import json
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from . import abi, safetensors
from .batches import Batch, Symbols, symbols, whole_text_targets, windows
from .bound import BoundParameters
from .generation import GeneratesText
from .instance import Instance
from .parameters import Declaration
from .plugin import Card, Plugin
from .probing import LooksInside
from .scoring import ScoresText
from .services import HostServices
from .session import Session


class Model(ScoresText, GeneratesText, LooksInside):
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
        #: For the other parts of this package.
        self.instance = Instance(plugin.table, self.card.index, text, self._services)
        shape = abi.sized(abi.Shape)
        self.instance.call(plugin.table.shape, "shape", ctypes.byref(shape))
        #: V, the width of the logits.
        self.vocabulary: int = shape.vocabulary
        #: Symbols 0 ..< alphabet may occur in data.
        self.alphabet: int = shape.alphabet
        #: The symbol that stands for "unknown".
        self.mask_symbol: int | None = shape.mask_symbol if shape.mask_symbol >= 0 else None
        #: The longest row of one call.
        self.maximum_tokens: int | None = shape.maximum_tokens or None
        #: Target t is the symbol at position t; otherwise the one after it.
        self.targets_in_place: bool = "targets-in-place" in self.card.capabilities
        self._bound = BoundParameters(self.instance, dtype, gradients)
        self._bound.initialise(seed)

    @property
    def declarations(self) -> list[Declaration]:
        """All parameters as the model declares them, in its order."""
        return self._bound.declarations

    @property
    def parameters(self) -> dict[str, NDArray[Any]]:
        """All parameters by name, as views to read; `update` gives them to write. Tied ones are there once."""
        return self._bound.values(writable=False)

    @property
    def gradients(self) -> dict[str, NDArray[Any]]:
        """The memory that the plugin adds gradients to, for every parameter that is trained (no buffers)."""
        return self._bound.gradients()

    def update(self, step: int | None = None) -> AbstractContextManager[dict[str, NDArray[Any]]]:
        """Gives the parameters to write to, without copies, and tells the plugin afterwards that they changed.

        `step`, counted from 1, says that this was a step of training: the plugin's `post_update` follows.
        """
        return self._bound.update(step)

    def initialise(self, seed: int) -> None:
        """Writes first values anew."""
        self._bound.initialise(seed)

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
        return self._loss("loss", self.batch(tokens, targets, weights, key))

    def loss_and_gradient(
        self, tokens: Symbols, targets: ArrayLike | None = None, *, weights: ArrayLike | None = None, key: int = 0
    ) -> float:
        """As `loss`, and adds its derivative to `gradients`."""
        return self._loss("loss_and_gradient", self.batch(tokens, targets, weights, key))

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
        self._bound.load(path)

    @classmethod
    def open(cls, plugin: Plugin, folder: str | os.PathLike[str], **options: Any) -> Model:
        """The model of a run of `zoo train`: config.json and model.safetensors."""
        configuration = json.loads((Path(folder) / "config.json").read_text())
        model = cls(plugin, configuration.pop("model_type"), configuration, **options)
        model.load(Path(folder) / "model.safetensors")
        return model

    def close(self) -> None:
        """Frees the model and its sessions now. Its arrays stay valid for as long as somebody holds them."""
        self.instance.close()

    def __enter__(self) -> Model:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def batch(self, tokens: Symbols, targets: ArrayLike | None, weights: ArrayLike | None, key: int) -> Batch:
        """What crosses to the plugin; without `targets`, every symbol but the first of each row is asked for."""
        given = symbols(tokens)
        if targets is None:
            targets = whole_text_targets(given, self.targets_in_place)
        return Batch(given, targets, weights, key)

    def _loss(self, function: str, batch: Batch) -> float:
        loss = ctypes.c_double(np.nan)
        table = self.instance.train
        self.instance.call(getattr(table, function), function, ctypes.byref(batch.struct), ctypes.byref(loss))
        return loss.value
