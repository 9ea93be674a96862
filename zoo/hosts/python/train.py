"""Trains a plugin's model on a text file with AdamW in NumPy, then lets it write.

    python train.py libStateSpace.so mamba text.txt --parameters 100000 --steps 200 --out model.safetensors
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from sequence_model import Model, Plugin


class AdamW:
    """arXiv:1711.05101, algorithm 2, with decay times the learning rate as in PyTorch, and gradients clipped to norm 1."""

    def __init__(self, model: Model, beta1: float = 0.9, beta2: float = 0.95, decay: float = 0.1) -> None:
        self.model, self.beta1, self.beta2, self.decay = model, beta1, beta2, decay
        self.moments = {name: (np.zeros_like(g), np.zeros_like(g)) for name, g in model.gradients.items()}
        self.declared = {declaration.name: declaration for declaration in model.declarations}
        self.steps = 0

    def step(self, rate: float) -> None:
        self.steps += 1
        gradients = self.model.gradients
        norm = np.sqrt(sum(float(np.vdot(g, g)) for g in gradients.values()))
        clip = min(1.0, 1.0 / (norm + 1e-6))
        with self.model.update(self.steps) as parameters:
            for name, gradient in gradients.items():
                value, (first, second) = parameters[name], self.moments[name]
                own_rate = rate * self.declared[name].learning_rate_multiplier
                gradient *= clip
                first += (1 - self.beta1) * (gradient - first)
                second += (1 - self.beta2) * (gradient**2 - second)
                if self.declared[name].weight_decay:
                    value *= 1 - own_rate * self.decay
                unbiased = np.sqrt(second / (1 - self.beta2**self.steps)) + 1e-8
                value -= own_rate / (1 - self.beta1**self.steps) * first / unbiased
        self.model.zero_gradients()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("plugin")
    arguments.add_argument("model")
    arguments.add_argument("text", type=Path)
    arguments.add_argument("--parameters", type=int, default=100_000)
    arguments.add_argument("--steps", type=int, default=200)
    arguments.add_argument("--rate", type=float, default=3e-3)
    arguments.add_argument("--context", type=int, default=64)
    arguments.add_argument("--batch", type=int, default=8)
    arguments.add_argument("--threads", type=int, default=1)
    arguments.add_argument("--out", type=Path)
    given = arguments.parse_args()

    text, random = given.text.read_bytes(), np.random.default_rng(0)
    plugin = Plugin.load(given.plugin)
    model = Model(plugin, given.model, parameters=given.parameters, context=given.context, threads=given.threads)
    print(f"{model.card.name}: {sum(p.size for p in model.parameters.values())} parameters", flush=True)
    optimizer = AdamW(model)
    for step in range(1, given.steps + 1):
        tokens, targets = model.windows(text, given.batch, given.context, random)
        loss = model.loss_and_gradient(tokens, targets, key=step)
        optimizer.step(given.rate * min(1, step / 20))
        if step == 1 or step % 10 == 0 or step == given.steps:
            print(f"step {step} loss {loss:.4f}", flush=True)
    if given.out:
        model.save(given.out)
    written = model.generate(text[:32], 200, temperature=0.8)
    print(bytes(symbol if symbol < 256 else ord("_") for symbol in written).decode("utf-8", "replace"))


if __name__ == "__main__":
    main()
