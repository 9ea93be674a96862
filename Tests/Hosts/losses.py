"""Repeats the steps that the Swift host took and prints the bits of each loss, one a line.

    losses.py PLUGIN.so RECORD.json THREADS

The record holds model, configuration and steps. A step holds a batch and either `parameters`, a file to load before it, or
`rate`: then gradients are taken and plain descent follows, value -= rate * gradient in float32.
"""

import json
import struct
import sys
from pathlib import Path

import numpy as np
from sequence_model import Model, Plugin

plugin, record, threads = Plugin.load(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
run = json.loads(record.read_text())
model = Model(plugin, run["model"], json.loads(run["configuration"]), threads=threads)
for number, step in enumerate(run["steps"], 1):
    if step.get("parameters"):
        model.load(record.parent / step["parameters"])
    key = int(step["key"][0]) | int(step["key"][1]) << 64
    shape = (step["rows"], -1)
    tokens, targets = np.reshape(step["tokens"], shape), np.reshape(step["targets"], shape)
    model.zero_gradients()
    loss = model.loss_and_gradient(tokens, targets, key=key)
    print(struct.unpack("<Q", struct.pack("<d", loss))[0])
    if step.get("rate"):
        rate = np.float32(step["rate"])
        with model.update(number) as parameters:
            for name, gradient in model.gradients.items():
                parameters[name] -= rate * gradient
