"""Sequence-model plugins in Python: load, train with NumPy, score, generate, save.

    from sequence_model import Model, Plugin

    plugin = Plugin.load("libStateSpace.so")
    model = Model(plugin, "mamba", parameters=300_000)
    loss = model.loss_and_gradient(b"some text")

A plugin is a shared library with the C interface of sequence_model.h. Parameters and gradients are NumPy's memory; the
plugin works on it in place.
"""

from . import safetensors
from .errors import (
    Cancelled,
    DataLoss,
    FailedPrecondition,
    Internal,
    InvalidArgument,
    NotFound,
    PluginError,
    ResourceExhausted,
    SequenceModelError,
    Unimplemented,
)
from .events import Event
from .model import Model
from .parameters import Declaration
from .plugin import Card, Plugin
from .probing import Probe
from .scoring import Score
from .session import Session

__version__ = "0.1.0"
__all__ = [
    "Cancelled",
    "Card",
    "DataLoss",
    "Declaration",
    "Event",
    "FailedPrecondition",
    "Internal",
    "InvalidArgument",
    "Model",
    "NotFound",
    "Plugin",
    "PluginError",
    "Probe",
    "ResourceExhausted",
    "Score",
    "SequenceModelError",
    "Session",
    "Unimplemented",
    "safetensors",
]
