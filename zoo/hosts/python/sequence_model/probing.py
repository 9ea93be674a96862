"""Functions that a plugin declares and this package was not written for: what can be looked at inside a model."""

from __future__ import annotations

import ctypes
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import abi, constants
from .batches import Symbols
from .errors import Internal, InvalidArgument, NotFound, Unimplemented, call
from .streams import Collector

if TYPE_CHECKING:
    from .model import Model

_ALIGNMENT = 64
_TENSOR = ctypes.POINTER(abi.Tensor)
_LETTERS = {
    "i": ctypes.c_int64,
    "d": ctypes.c_double,
    "T": _TENSOR,
    "W": _TENSOR,
    "B": ctypes.POINTER(abi.Batch),
}


@dataclass(frozen=True)
class Probe:
    """A typed function of a model. See sm_probe in sequence_model.h for its signature and its self-test."""

    name: str
    summary: str
    #: "BW->": a batch in, a table out.
    signature: str
    self_test: dict[str, Any]
    index: int
    address: int


class _Tensor:
    """An sm_tensor of float64 on memory of its own."""

    def __init__(self, shape: list[int]) -> None:
        count = int(np.prod(shape, dtype=np.int64))
        block = np.zeros(count * 8 + _ALIGNMENT, np.uint8)
        start = -block.ctypes.data % _ALIGNMENT
        self.array: NDArray[np.float64] = block[start : start + count * 8].view(np.float64).reshape(shape)
        self._extents = (ctypes.c_int64 * max(len(shape), 1))(*shape)
        self.struct = abi.Tensor()
        self.struct.data = self.array.ctypes.data
        self.struct.device_type = 1
        self.struct.rank = len(shape)
        self.struct.scalar_type = constants.FLOAT64
        self.struct.shape = ctypes.cast(self._extents, ctypes.POINTER(ctypes.c_int64))


class LooksInside:
    """`probes`, `probe_outputs` and `probe` of `Model`."""

    @property
    def probes(self) -> dict[str, Probe]:
        """The probes that the plugin declares for this model, by name."""
        model: Model = self  # type: ignore[assignment]
        table = model.instance.probes
        found = {}
        for index in range(table.count):
            given = abi.sized(abi.Probe)
            call(table.describe, "describe", index, ctypes.byref(given))
            name = (given.name or b"").decode("utf-8", "replace")
            found[name] = Probe(
                name,
                (given.summary or b"").decode("utf-8", "replace"),
                (given.signature or b"").decode("utf-8", "replace"),
                json.loads(given.self_test or b"{}"),
                index,
                given.function or 0,
            )
        return found

    def probe_outputs(self, name: str) -> list[dict[str, Any]]:
        """What a probe gives back under this configuration: axes, extents, labels, unit and combine of each tensor and result."""
        model: Model = self  # type: ignore[assignment]
        found, results = self._probe(name)
        table = model.instance.probes
        if not table.outputs:
            return [{} for _ in results]
        writer = Collector()
        model.instance.call(table.outputs, "outputs", found.index, ctypes.byref(writer.struct))
        outputs = json.loads(writer.bytes)
        if not isinstance(outputs, list) or len(outputs) != found.signature.count("W") + len(results):
            raise Internal(f"probe {name}: its outputs do not fit its signature {found.signature}")
        return outputs

    def probe(self, name: str, *arguments: Symbols | ArrayLike, targets: ArrayLike | None = None, key: int = 0) -> Any:
        """Calls a probe and returns what it writes and what it returns: the one thing, or a tuple of several.

            model.probe("attention_entropy", text)    # [layers, heads]

        A declaration that does not fit its function is memory corruption: `zoo` runs the self-test in a process of its own first.

        Args:
            arguments: one for each letter of the signature but W: a number for i and d, an array for T, symbols for B.
            targets: of the batch; left out: every symbol but the first of each row.
            key: decides every random choice of the call.
        """
        model: Model = self  # type: ignore[assignment]
        found, results = self._probe(name)
        letters = found.signature.split("->")[0]
        if len(arguments) != len(letters) - letters.count("W"):
            raise InvalidArgument(f"probe {name} takes {letters.replace('W', '')!r}; {len(arguments)} arguments were given")
        extents = iter([output.get("extents", []) for output in self.probe_outputs(name)])
        rest = iter(arguments)
        values: list[Any] = []
        kept: list[Any] = []
        written: list[NDArray[np.float64]] = []
        for letter in letters:
            if letter == "i":
                values.append(int(next(rest)))  # type: ignore[call-overload]
            elif letter == "d":
                values.append(float(next(rest)))  # type: ignore[arg-type]
            elif letter == "B":
                kept.append(model.batch(next(rest), targets, None, key))
                values.append(ctypes.byref(kept[-1].struct))
            else:
                given = None if letter == "W" else np.asarray(next(rest), np.float64)
                tensor = _Tensor(next(extents) if given is None else list(given.shape))
                tensor.array[...] = np.nan if given is None else given
                if given is None:
                    written.append(tensor.array)
                kept.append(tensor)
                values.append(ctypes.byref(tensor.struct))
        answers = [_LETTERS[letter]() for letter in results]
        types = [_LETTERS[letter] for letter in letters] + [ctypes.POINTER(_LETTERS[letter]) for letter in results]
        function = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, *types, ctypes.POINTER(abi.Error))(found.address)
        model.instance.call(function, f"probe {name}", *values, *(ctypes.byref(answer) for answer in answers))
        everything = [*written, *(answer.value for answer in answers)]
        return everything[0] if len(everything) == 1 else tuple(everything)

    def _probe(self, name: str) -> tuple[Probe, str]:
        """The probe and its result letters."""
        probes = self.probes
        if name not in probes:
            raise NotFound(f"there is no probe {name!r}; known: {', '.join(probes) or 'none'}")
        found = probes[name]
        arguments, arrow, results = found.signature.partition("->")
        if not arrow or not found.address or set(arguments) - set(_LETTERS) or set(results) - {"i", "d"}:
            raise Unimplemented(f"probe {name} has the signature {found.signature!r}, which this package cannot call")
        return found, results
