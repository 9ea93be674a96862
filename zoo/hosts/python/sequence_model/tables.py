"""The tables of functions of sequence_model.h."""

from __future__ import annotations

import ctypes
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_double, c_int32, c_uint16, c_uint32, c_uint64, c_void_p

from . import abi

_ERROR = POINTER(abi.Error)
_STATUS = c_int32


class Plugin(Structure):
    """sm_plugin"""

    _fields_ = [
        ("magic", c_uint32),
        ("abi_major", c_uint16),
        ("abi_minor", c_uint16),
        ("struct_size", c_uint32),
        ("flags", c_uint32),
        ("name", c_char_p),
        ("version", c_char_p),
        ("model_count", c_uint32),
        ("reserved", c_uint32),
        ("describe", CFUNCTYPE(_STATUS, c_uint32, POINTER(abi.Description), _ERROR)),
        ("resolve", CFUNCTYPE(_STATUS, c_uint32, c_char_p, c_uint64, POINTER(abi.Writer), _ERROR)),
        ("propose", CFUNCTYPE(_STATUS, c_uint32, POINTER(abi.Budget), POINTER(abi.Writer), _ERROR)),
        (
            "create",
            CFUNCTYPE(_STATUS, c_uint32, POINTER(abi.Host), c_char_p, c_uint64, POINTER(c_void_p), _ERROR),
        ),
        ("destroy", CFUNCTYPE(None, c_void_p)),
        ("extension", CFUNCTYPE(c_void_p, c_uint32, c_char_p)),
        ("shape", CFUNCTYPE(_STATUS, c_void_p, POINTER(abi.Shape), _ERROR)),
        ("parameter_count", CFUNCTYPE(c_uint64, c_void_p)),
        ("parameter", CFUNCTYPE(_STATUS, c_void_p, c_uint64, POINTER(abi.Parameter), _ERROR)),
        ("initialise", CFUNCTYPE(_STATUS, c_void_p, c_uint64, abi.Key, POINTER(abi.Tensor), _ERROR)),
        ("bind", CFUNCTYPE(_STATUS, c_void_p, POINTER(abi.Tensor), POINTER(abi.Tensor), c_uint64, _ERROR)),
        ("parameters_changed", CFUNCTYPE(None, c_void_p)),
    ]


QUERY = CFUNCTYPE(c_void_p, POINTER(abi.HostInfo), _ERROR)
_LOSS = CFUNCTYPE(_STATUS, c_void_p, POINTER(abi.Batch), POINTER(c_double), _ERROR)


class Train(Structure):
    """sm.train/1"""

    id = b"sm.train/1"
    _fields_ = [
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("loss", _LOSS),
        ("loss_and_gradient", _LOSS),
        ("post_update", CFUNCTYPE(_STATUS, c_void_p, c_uint64, _ERROR)),
    ]


class Score(Structure):
    """sm.score/1"""

    id = b"sm.score/1"
    _fields_ = [
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        (
            "score",
            CFUNCTYPE(_STATUS, c_void_p, POINTER(abi.Batch), c_uint32, c_void_p, POINTER(abi.ScoreResult), _ERROR),
        ),
        ("logits", CFUNCTYPE(_STATUS, c_void_p, POINTER(abi.Batch), c_void_p, _ERROR)),
        ("predict", CFUNCTYPE(_STATUS, c_void_p, POINTER(abi.Batch), c_void_p, c_void_p, _ERROR)),
    ]


class Session(Structure):
    """sm.session/1"""

    id = b"sm.session/1"
    _fields_ = [
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("open", CFUNCTYPE(_STATUS, c_void_p, c_uint32, POINTER(c_void_p), _ERROR)),
        ("close", CFUNCTYPE(None, c_void_p)),
        ("append", CFUNCTYPE(_STATUS, c_void_p, c_void_p, c_uint64, c_uint32, c_void_p, _ERROR)),
        ("position", CFUNCTYPE(c_uint64, c_void_p)),
        ("fork", CFUNCTYPE(_STATUS, c_void_p, POINTER(c_void_p), _ERROR)),
        ("rewind", CFUNCTYPE(_STATUS, c_void_p, c_uint64, _ERROR)),
        ("state_bytes", CFUNCTYPE(c_uint64, c_void_p)),
        ("save", CFUNCTYPE(_STATUS, c_void_p, POINTER(abi.Writer), _ERROR)),
        ("load", CFUNCTYPE(_STATUS, c_void_p, POINTER(abi.Reader), POINTER(c_void_p), _ERROR)),
        ("rows", CFUNCTYPE(c_uint32, c_void_p)),
    ]


class Generate(Structure):
    """sm.generate/1"""

    id = b"sm.generate/1"
    _fields_ = [
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("generate", CFUNCTYPE(_STATUS, c_void_p, POINTER(abi.Generation), POINTER(abi.Sink), _ERROR)),
    ]


class Probes(Structure):
    """sm.probes/1"""

    id = b"sm.probes/1"
    _fields_ = [
        ("struct_size", c_uint32),
        ("count", c_uint32),
        ("describe", CFUNCTYPE(_STATUS, c_uint32, POINTER(abi.Probe), _ERROR)),
        ("outputs", CFUNCTYPE(_STATUS, c_void_p, c_uint32, POINTER(abi.Writer), _ERROR)),
    ]


def extension(plugin: Plugin, model: int, kind: type[abi.Sized]) -> abi.Sized:
    """The table `kind` of a model; every slot null when the model does not have it."""
    address = plugin.extension(model, kind.id)
    if not address:
        return kind()
    return abi.copy(kind, address, ctypes.c_uint32.from_address(address).value)
