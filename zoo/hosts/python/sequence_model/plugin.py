"""Plugins and the models that they bring."""

from __future__ import annotations

import ctypes
import json
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from . import abi, constants, tables
from .errors import ErrorBuffer, PluginError, call
from .streams import Collector

_ENTRY_POINT = "sm_plugin_query"
_REQUIRED = (
    "describe",
    "resolve",
    "create",
    "destroy",
    "extension",
    "shape",
    "parameter_count",
    "parameter",
    "bind",
)
_LIKELIHOODS = ("none", "exact", "upper-bound")
_CAPABILITIES = {
    "causal": constants.CAUSAL,
    "fixed-state": constants.FIXED_STATE,
    "session": constants.SESSION,
    "recomputing-session": constants.RECOMPUTING_SESSION,
    "generates": constants.GENERATES,
    "predicts": constants.PREDICTS,
    "targets-in-place": constants.TARGETS_IN_PLACE,
    "stochastic-loss": constants.STOCHASTIC_LOSS,
    "auxiliary-loss": constants.AUXILIARY_LOSS,
}


@dataclass(frozen=True)
class Card:
    """What a plugin says about one of its models."""

    index: int
    id: str
    name: str
    family: str
    summary: str
    paper: str
    licence: str
    #: "exact", "upper-bound" or "none": what the numbers of `score` are.
    likelihood: str
    #: Some of "causal", "fixed-state", "session", "recomputing-session", "generates", "predicts", "targets-in-place",
    #: "stochastic-loss".
    capabilities: frozenset[str]
    #: JSON schema of the configuration, with defaults.
    schema: dict[str, Any]


class Plugin:
    """A loaded plugin. It stays loaded until the process ends. A plugin is native code: loading one is trusting it."""

    _loaded: ClassVar[dict[tuple[int, int], Plugin]] = {}
    #: Discovery calls never run at the same time.
    _discovery = threading.Lock()

    def __init__(self, path: str, table: tables.Plugin) -> None:
        """For `load`."""
        self.path = path
        self.table = table
        self.name = _text(table.name) or Path(path).name
        self.version = _text(table.version)
        self.models = [self._describe(index) for index in range(table.model_count)]

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Plugin:
        """Loads the plugin at `path`; the same file is loaded once.

        Raises:
            PluginError: the file cannot be loaded, is no plugin, or speaks another version of the interface.
        """
        path = os.path.realpath(path)
        try:
            status = os.stat(path)
        except OSError as error:
            raise PluginError(f"{path}: {error.strerror}") from error
        with cls._discovery:
            identity = (status.st_dev, status.st_ino)
            if identity not in cls._loaded:
                cls._loaded[identity] = cls(path, _shake_hands(path))
            return cls._loaded[identity]

    def card(self, id: str) -> Card:
        """The model `id`."""
        for card in self.models:
            if card.id == id:
                return card
        known = ", ".join(card.id for card in self.models)
        raise PluginError(f"{self.path} has no model {id!r}; it has {known}")

    def resolve(self, id: str, configuration: dict[str, Any] | None = None) -> dict[str, Any]:
        """The full configuration that `configuration` stands for: defaults filled in, everything checked."""
        text = json.dumps(configuration or {}).encode()
        writer = Collector()
        call(self.table.resolve, "resolve", self.card(id).index, text, len(text), ctypes.byref(writer.struct))
        return _object(writer.bytes, "resolve")

    def propose(self, id: str, parameters: int, *, alphabet: int = 256, context: int = 256) -> dict[str, Any]:
        """A full configuration within 5 % of `parameters`, for data of `alphabet` symbols in windows of `context`."""
        budget = abi.sized(abi.Budget)
        budget.alphabet, budget.parameters, budget.context = alphabet, parameters, context
        writer = Collector()
        index = self.card(id).index
        call(self.table.propose, "propose", index, ctypes.byref(budget), ctypes.byref(writer.struct))
        return _object(writer.bytes, "propose")

    def _describe(self, index: int) -> Card:
        given = abi.sized(abi.Description)
        call(self.table.describe, "describe", index, ctypes.byref(given))
        if given.likelihood >= len(_LIKELIHOODS):
            raise PluginError(f"{self.path}: likelihood of model {index} is {given.likelihood}; allowed: 0, 1, 2")
        return Card(
            index=index,
            id=_text(given.id),
            name=_text(given.name) or _text(given.id),
            family=_text(given.family),
            summary=_text(given.summary),
            paper=_text(given.paper),
            licence=_text(given.licence),
            likelihood=_LIKELIHOODS[given.likelihood],
            capabilities=frozenset(name for name, bit in _CAPABILITIES.items() if given.capabilities & bit),
            schema=_object(given.configuration_schema or b"{}", "the configuration schema"),
        )


def _shake_hands(path: str) -> tables.Plugin:
    """Loads the library and returns a checked copy of its table."""
    try:
        library = ctypes.CDLL(path, mode=ctypes.RTLD_LOCAL | os.RTLD_NOW | os.RTLD_NODELETE)
        query = tables.QUERY((_ENTRY_POINT, library))
    except (OSError, AttributeError) as error:
        raise PluginError(f"{path}: cannot be loaded as a plugin: {error}") from error
    host = abi.sized(abi.HostInfo)
    host.abi_major, host.abi_minor, host.name, host.version = constants.ABI_MAJOR, constants.ABI_MINOR, b"sequence_model", b"0.1.0"
    refusal = ErrorBuffer()
    address = query(ctypes.byref(host), refusal.reference)
    if not address:
        raise PluginError(f"{path}: refuses this program: {refusal.message or 'without a reason'}")
    prologue = abi.copy(tables.Plugin, address, 16)
    if prologue.magic != constants.MAGIC:
        raise PluginError(f"{path}: its table begins with {prologue.magic:#x} instead of {constants.MAGIC:#x}")
    if prologue.abi_major != constants.ABI_MAJOR:
        theirs = f"{prologue.abi_major}.{prologue.abi_minor}"
        raise PluginError(f"{path}: speaks version {theirs} of the plugin interface; this program speaks {constants.ABI_MAJOR}")
    table = abi.copy(tables.Plugin, address, prologue.struct_size)
    for slot in _REQUIRED:
        if not getattr(table, slot):
            raise PluginError(f"{path}: lacks the function {slot}, which every plugin has")
    return table


def _text(given: bytes | None) -> str:
    return (given or b"").decode("utf-8", "replace")


def _object(text: bytes, what: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise PluginError(f"{what} of the plugin is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise PluginError(f"{what} of the plugin is not a JSON object")
    return value
