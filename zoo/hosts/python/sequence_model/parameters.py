"""Parameters: what a model declares, and the memory that the host gives it."""

from __future__ import annotations

import ctypes
import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from . import abi, constants
from .errors import Internal

_ALIGNMENT = 64
_SCALARS = {np.dtype(np.float32): constants.FLOAT32, np.dtype(np.float64): constants.FLOAT64}


@dataclass(frozen=True)
class Declaration:
    """One parameter as the model declares it."""

    name: str
    shape: tuple[int, ...]
    #: One of the INITIALISE_ constants of `abi`, with its numbers a and b.
    initialiser: int
    a: float
    b: float
    weight_decay: bool
    learning_rate_multiplier: float
    #: Saved with the others, never trained.
    is_buffer: bool
    #: The index of the parameter whose memory it shares.
    tied_to: int | None

    @classmethod
    def of(cls, given: abi.Parameter, index: int) -> Declaration:
        """Checks what an instance declared as parameter `index`."""
        name = (given.name or b"").decode("utf-8", "replace")
        shape = tuple(given.shape[axis] for axis in range(given.rank)) if given.rank <= 8 and given.shape else ()
        if not name or len(shape) != given.rank or any(size < 1 for size in shape) or math.prod(shape) > 1 << 40:
            raise Internal(f"parameter {index} ({name!r}) has the impossible shape {shape} of rank {given.rank}")
        if not 0 <= given.tied_to_plus_one <= index:
            raise Internal(f"parameter {name} is tied to parameter {given.tied_to_plus_one - 1}")
        if given.initialiser > constants.INITIALISE_CUSTOM:
            raise Internal(f"parameter {name} has the unknown initialiser {given.initialiser}")
        return cls(
            name=name,
            shape=shape,
            initialiser=given.initialiser,
            a=given.a,
            b=given.b,
            weight_decay=not given.flags & constants.PARAMETER_NO_WEIGHT_DECAY,
            learning_rate_multiplier=given.learning_rate_multiplier_minus_one + 1,
            is_buffer=bool(given.flags & constants.PARAMETER_BUFFER),
            tied_to=given.tied_to_plus_one - 1 if given.tied_to_plus_one else None,
        )


class Memory:
    """One block of zeros with a tensor for each declaration, every one at a multiple of 64 bytes; tied ones share."""

    def __init__(self, declarations: list[Declaration], dtype: DTypeLike) -> None:
        self.dtype = np.dtype(dtype)
        if self.dtype not in _SCALARS:
            raise TypeError(f"parameters are float32 or float64, not {self.dtype}")
        sizes = [
            -(-math.prod(d.shape) * self.dtype.itemsize // _ALIGNMENT) * _ALIGNMENT if d.tied_to is None else 0
            for d in declarations
        ]
        block = np.zeros(sum(sizes) + _ALIGNMENT, np.uint8)
        offset = -block.ctypes.data % _ALIGNMENT
        #: One view for each declaration, in order. The block lives as long as any of them.
        self.arrays: list[NDArray[Any]] = []
        for declaration, size in zip(declarations, sizes, strict=True):
            if declaration.tied_to is not None:
                shared = self.arrays[declaration.tied_to]
                if shared.shape != declaration.shape:
                    raise Internal(f"parameter {declaration.name} is tied to one of another shape")
                self.arrays.append(shared)
                continue
            end = offset + math.prod(declaration.shape) * self.dtype.itemsize
            self.arrays.append(block[offset:end].view(self.dtype).reshape(declaration.shape))
            offset += size

    def tensors(self) -> Any:
        """An array of sm_tensor over all of them."""
        result = (abi.Tensor * max(len(self.arrays), 1))()
        for tensor, array in zip(result, self.arrays):
            self._fill(tensor, array)
        return result

    def tensor(self, index: int) -> abi.Tensor:
        """An sm_tensor over one."""
        result = abi.Tensor()
        self._fill(result, self.arrays[index])
        return result

    def _fill(self, tensor: abi.Tensor, array: NDArray[Any]) -> None:
        tensor.data = array.ctypes.data
        tensor.device_type = 1
        tensor.rank = array.ndim
        tensor.scalar_type = _SCALARS[self.dtype]
        # ctypes keeps the array of sizes alive with the struct that points to it.
        tensor.shape = ctypes.cast((ctypes.c_int64 * max(array.ndim, 1))(*array.shape), ctypes.POINTER(ctypes.c_int64))


def initialise(
    declarations: list[Declaration], memory: Memory, seed: int, custom: Callable[[int, abi.Key, abi.Tensor], object]
) -> None:
    """Writes first values. Each parameter has random numbers of its own, which follow from `seed` and its name.

    `custom(index, key, tensor)` has the model write those that it wants to write itself.
    """
    for index, declaration in enumerate(declarations):
        if declaration.tied_to is not None:
            continue
        digest = hashlib.sha256(f"{seed} {declaration.name}".encode()).digest()
        number = int.from_bytes(digest[:16], "little")
        random = np.random.Generator(np.random.PCG64(number))
        array = memory.arrays[index]
        if declaration.initialiser == constants.INITIALISE_CONSTANT:
            array[...] = declaration.a
        elif declaration.initialiser == constants.INITIALISE_NORMAL:
            array[...] = random.normal(declaration.a, declaration.b, array.shape)
        elif declaration.initialiser == constants.INITIALISE_UNIFORM:
            array[...] = random.uniform(declaration.a, declaration.b, array.shape)
        else:
            custom(index, abi.key(number), memory.tensor(index))
