"""The data types of sequence_model.h, field for field. Tables of functions are in `tables`."""

from __future__ import annotations

import ctypes
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_double, c_int32, c_int64, c_uint16, c_uint32, c_uint64, c_void_p
from typing import TypeVar


class Error(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("code", c_int32),
        ("flags", c_uint32),
        ("message_capacity", c_uint32),
        ("message_length", c_uint32),
        ("reserved", c_uint32),
        ("message", c_void_p),
    ]


class Key(Structure):
    _fields_ = [("words", c_uint64 * 2)]


class Tensor(Structure):
    _fields_ = [
        ("data", c_void_p),
        ("device_type", c_int32),
        ("device_id", c_int32),
        ("rank", c_int32),
        ("scalar_type", c_uint32),
        ("shape", POINTER(c_int64)),
        ("strides", POINTER(c_int64)),
        ("byte_offset", c_uint64),
    ]


WRITE = CFUNCTYPE(c_int32, c_void_p, c_void_p, c_uint64)
READ = CFUNCTYPE(c_int64, c_void_p, c_void_p, c_uint64)


class Writer(Structure):
    _fields_ = [("context", c_void_p), ("write", WRITE)]


class Reader(Structure):
    _fields_ = [("context", c_void_p), ("read", READ)]


class HostInfo(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("abi_major", c_uint16),
        ("abi_minor", c_uint16),
        ("name", c_char_p),
        ("version", c_char_p),
    ]


TASK = CFUNCTYPE(None, c_void_p, c_uint64)
PARALLEL_FOR = CFUNCTYPE(None, c_void_p, c_uint64, TASK, c_void_p)
SHOULD_CANCEL = CFUNCTYPE(c_int32, c_void_p)
LOG = CFUNCTYPE(None, c_void_p, c_int32, c_void_p, c_uint64)
PROGRESS = CFUNCTYPE(None, c_void_p, c_double)


class Host(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("max_concurrency", c_uint32),
        ("context", c_void_p),
        ("parallel_for", PARALLEL_FOR),
        ("should_cancel", SHOULD_CANCEL),
        ("log", LOG),
        ("progress", PROGRESS),
    ]


class Description(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("likelihood", c_uint32),
        ("capabilities", c_uint32),
        ("reserved", c_uint32),
        ("id", c_char_p),
        ("name", c_char_p),
        ("family", c_char_p),
        ("summary", c_char_p),
        ("paper", c_char_p),
        ("licence", c_char_p),
        ("configuration_schema", c_char_p),
    ]


class Budget(Structure):
    _fields_ = [("struct_size", c_uint32), ("alphabet", c_uint32), ("parameters", c_uint64), ("context", c_uint64)]


class Shape(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("vocabulary", c_uint32),
        ("alphabet", c_uint32),
        ("mask_symbol", c_int32),
        ("maximum_tokens", c_uint64),
    ]


class Parameter(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("flags", c_uint32),
        ("name", c_char_p),
        ("shape", POINTER(c_int64)),
        ("rank", c_uint32),
        ("initialiser", c_uint32),
        ("a", c_double),
        ("b", c_double),
        ("learning_rate_multiplier_minus_one", c_double),
        ("tied_to_plus_one", c_int64),
    ]


class Batch(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("rows", c_uint32),
        ("length", c_uint64),
        ("tokens", c_void_p),
        ("targets", c_void_p),
        ("weights", c_void_p),
        ("key", Key),
    ]


class ScoreResult(Structure):
    _fields_ = [("struct_size", c_uint32), ("samples", c_uint32), ("estimator", c_char_p)]


class Probe(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("name", c_char_p),
        ("summary", c_char_p),
        ("signature", c_char_p),
        ("self_test", c_char_p),
        ("function", c_void_p),
    ]


class Generation(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("steps", c_uint32),
        ("prompt", c_void_p),
        ("prompt_length", c_uint64),
        ("new_tokens", c_uint64),
        ("temperature", c_double),
        ("sampler", c_char_p),
        ("key", Key),
    ]


class Event(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("kind", c_uint32),
        ("begin", c_uint64),
        ("count", c_uint64),
        ("symbols", c_void_p),
        ("step", c_uint32),
        ("steps", c_uint32),
    ]


ON_EVENT = CFUNCTYPE(c_int32, c_void_p, POINTER(Event))


class Sink(Structure):
    _fields_ = [("context", c_void_p), ("on_event", ON_EVENT)]


Sized = TypeVar("Sized", bound=Structure)


def sized(kind: type[Sized]) -> Sized:
    """A zeroed struct whose first field, `struct_size`, is set."""
    value = kind()
    value.struct_size = ctypes.sizeof(kind)
    return value


def copy(kind: type[Sized], address: int, size: int) -> Sized:
    """What is at `address`, `size` bytes by its own account: what it lacks is zero, what we do not know is left."""
    value = kind()
    ctypes.memmove(ctypes.addressof(value), address, min(size, ctypes.sizeof(kind)))
    return value


def key(number: int) -> Key:
    """The 128-bit key `number`: the same key gives the same random choices."""
    value = Key()
    value.words[0] = number & (1 << 64) - 1
    value.words[1] = number >> 64 & (1 << 64) - 1
    return value
