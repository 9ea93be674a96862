"""The parameters and gradients of one model."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from numpy.typing import DTypeLike, NDArray

from . import abi, safetensors
from .errors import DataLoss
from .instance import Instance
from .parameters import Declaration, Memory, initialise


class BoundParameters:
    """Reads what an instance declares, makes memory for it and binds it."""

    def __init__(self, instance: Instance, dtype: DTypeLike, gradients: bool) -> None:
        self.instance = instance
        self.declarations: list[Declaration] = []
        for index in range(instance.table.parameter_count(instance.living())):
            given = abi.sized(abi.Parameter)
            instance.call(instance.table.parameter, "parameter", index, ctypes.byref(given))
            self.declarations.append(Declaration.of(given, index))
        self._values = Memory(self.declarations, dtype)
        self._gradients = Memory(self.declarations, dtype) if gradients else None
        tensors = (self._values.tensors(), self._gradients.tensors() if self._gradients else None)
        # The memory belongs to the instance's lifetime: a session may outlive the model object.
        instance.kept += [self._values, self._gradients, tensors]
        instance.call(instance.table.bind, "bind", *tensors, len(self.declarations))

    def initialise(self, seed: int) -> None:
        """Writes first values."""

        def custom(index: int, key: abi.Key, tensor: abi.Tensor) -> None:
            self.instance.call(self.instance.table.initialise, "initialise", index, key, ctypes.byref(tensor))

        initialise(self.declarations, self._values, seed, custom)
        self.changed()

    def values(self, writable: bool) -> dict[str, NDArray[Any]]:
        """Views of all parameters, tied ones once."""
        views = {}
        for declaration, array in zip(self.declarations, self._values.arrays, strict=True):
            if declaration.tied_to is None:
                views[declaration.name] = view = array.view()
                view.flags.writeable = writable
        return views

    def gradients(self) -> dict[str, NDArray[Any]]:
        """The gradients of everything that is trained."""
        if self._gradients is None:
            raise TypeError("this model was made without gradients")
        arrays = zip(self.declarations, self._gradients.arrays, strict=True)
        return {d.name: array for d, array in arrays if d.tied_to is None and not d.is_buffer}

    @contextmanager
    def update(self, step: int | None) -> Iterator[dict[str, NDArray[Any]]]:
        """See `Model.update`."""
        try:
            yield self.values(writable=True)
        finally:
            self.changed()
        if step is not None and self.instance.train.post_update:
            self.instance.call(self.instance.train.post_update, "post_update", step)

    def changed(self) -> None:
        """Tells the plugin that somebody wrote into the parameters."""
        if self.instance.table.parameters_changed:
            with self.instance.exclusive():
                self.instance.table.parameters_changed(self.instance.living())

    def load(self, path: str | os.PathLike[str]) -> None:
        """See `Model.load`."""
        given = safetensors.load(path)
        own = self.values(writable=True)
        tied = {d.name: self.declarations[d.tied_to].name for d in self.declarations if d.tied_to is not None}
        faults = [f"missing: {name} {array.shape}" for name, array in own.items() if name not in given]
        for name, array in given.items():
            expected = own.get(tied.get(name, name))
            if expected is None:
                faults.append(f"unexpected: {name} {array.shape}")
            elif array.shape != expected.shape:
                faults.append(f"wrong shape: {name} is {array.shape}, expected {expected.shape}")
            elif name in tied and tied[name] in given and not (array == given[tied[name]]).all():
                faults.append(f"{name} is tied to {tied[name]}, but has other values")
            elif array.dtype.kind != "f":
                faults.append(f"{name} has values of type {array.dtype}")
        if faults:
            raise DataLoss(f"{path} does not fit the configuration: " + "; ".join(faults))
        for name, array in own.items():
            array[...] = given[name]
        self.changed()
