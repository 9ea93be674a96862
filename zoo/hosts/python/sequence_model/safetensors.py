"""Safetensors files (github.com/huggingface/safetensors) with NumPy alone."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import DataLoss

_TYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "<i1",
    "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "<u1", "BOOL": "|b1",
}  # fmt: skip
_NAMES = {np.dtype(code): name for name, code in _TYPES.items() if name != "BF16"}
_LONGEST_HEADER = 100_000_000


def save(path: str | os.PathLike[str], tensors: Mapping[str, NDArray[Any]], metadata: dict[str, str] | None = None) -> None:
    """Writes `tensors` beside `path`, then renames: whoever reads finds the old file or the new one, never half of one."""
    header: dict[str, Any] = {"__metadata__": metadata} if metadata else {}
    arrays, end = [], 0
    for name, array in tensors.items():
        array = np.asarray(array, order="C").astype(array.dtype.newbyteorder("<"), copy=False)
        if array.dtype not in _NAMES:
            raise TypeError(f"tensor {name!r} is {array.dtype}, which safetensors files do not hold")
        header[name] = {
            "dtype": _NAMES[array.dtype], "shape": list(array.shape), "data_offsets": [end, end + array.nbytes]
        }  # fmt: skip
        arrays.append(array)
        end += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    temporary = f"{os.fspath(path)}.tmp-{os.getpid()}"
    try:
        with open(temporary, "wb") as file:
            file.write(len(text).to_bytes(8, "little") + text)
            for array in arrays:
                file.write(array.tobytes())
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        Path(temporary).unlink(missing_ok=True)


def load(path: str | os.PathLike[str]) -> dict[str, NDArray[Any]]:
    """All tensors of a file, BF16 as float32. Nothing in the header is used before it was checked.

    Raises:
        DataLoss: the file is truncated, malformed, or of a type that NumPy does not have.
    """
    return loads(Path(path).read_bytes(), os.fspath(path))


def loads(data: bytes, path: str = "data") -> dict[str, NDArray[Any]]:
    """As `load`, of bytes; `path` says in messages where they come from."""
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > min(_LONGEST_HEADER, len(data) - 8):
        raise DataLoss(f"{path}: {len(data)} bytes cannot hold a header of {length} bytes")
    try:
        header = json.loads(data[8 : 8 + length].decode(), object_pairs_hook=_unique)
        header.pop("__metadata__", None)
        entries = sorted(header.items(), key=lambda entry: entry[1]["data_offsets"])
        result, expected = {}, 0
        for name, entry in entries:
            kind, shape, (begin, end) = entry["dtype"], entry["shape"], entry["data_offsets"]
            if not all(type(number) is int and number >= 0 for number in [*shape, begin, end]):
                raise ValueError(f"tensor {name!r} has a size or an offset that is no whole number")
            if kind not in _TYPES:
                raise ValueError(f"tensor {name!r} is {kind}, which NumPy does not have")
            dtype = np.dtype(_TYPES[kind])
            if begin != expected or end - begin != math.prod(shape) * dtype.itemsize or 8 + length + end > len(data):
                raise ValueError(f"tensor {name!r} of {kind} {shape} is not at {begin} to {end}")
            array = np.frombuffer(data, dtype, math.prod(shape), 8 + length + begin).reshape(shape)
            result[name] = (array.astype("<u4") << 16).view("<f4") if kind == "BF16" else array
            expected = end
        if 8 + length + expected != len(data):
            raise ValueError(f"{len(data) - 8 - length - expected} bytes follow the last tensor")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DataLoss(f"{path}: malformed header: {error}") from error
    return result


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key is there twice")
    return result
