#!/usr/bin/env python3
"""Times the shapes of zoo/benchmarks/*.json in PyTorch and in zoo, in one sitting, and prints ratios.

    python3 -m venv .venv && .venv/bin/pip install torch transformers safetensors mambapy
    .venv/bin/python zoo/benchmarks/pytorch.py
    .venv/bin/python zoo/benchmarks/pytorch.py --only train-llama,decode-llama --repeats 3 --json
    .venv/bin/python zoo/benchmarks/pytorch.py --only shakespeare --data tinyshakespeare.txt

PyTorch and zoo take turns, each measurement in a process of its own, so that a machine that slows down
slows both; figures are medians over the repeats. PyTorch runs eager float32, as its own examples
do: LlamaForCausalLM, MambaForCausalLM and Mamba2ForCausalLM of transformers, AdamW, clipping at norm 1, cached generate. Peak
memory is the kernel's (VmHWM of the process that trained). Run nothing else meanwhile.

A ratio above 1 is in favour of zoo for speeds; for memory and time it is zoo over PyTorch.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


def configuration(name):
    with open(os.path.join(HERE, name + ".json")) as file:
        return json.load(file)


def peak_memory():
    """Bytes, as /proc/self/status has them."""
    with open("/proc/self/status") as file:
        for line in file:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return None


# ---- What runs in a child process: PyTorch ---------------------------------------------------


def causal_model(name):
    """LlamaForCausalLM, MambaForCausalLM or Mamba2ForCausalLM of a configuration file, weights at their first values."""
    import torch
    import transformers

    torch.manual_seed(0)
    keys = {key: value for key, value in configuration(name).items() if key != "model_type"}
    if configuration(name)["model_type"] == "mamba":
        config = transformers.MambaConfig(use_mambapy=True, **keys)
        return transformers.MambaForCausalLM(config)
    if configuration(name)["model_type"] == "mamba2":
        return transformers.Mamba2ForCausalLM(transformers.Mamba2Config(chunk_size=64, **keys))
    return transformers.LlamaForCausalLM(transformers.LlamaConfig(**keys))


def torch_train(options):
    """Median tokens a second of optimizer steps: gradients, clipping, AdamW."""
    import torch

    model = causal_model(options["config"])
    if options.get("bfloat16"):
        model = model.to(torch.bfloat16)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, betas=(0.9, 0.95), weight_decay=0.1)
    rows, length = options["batch"], options["context"]
    ids = torch.randint(0, 256, (rows, length + 1))
    seconds = []
    for step in range(options["warmup"] + options["steps"]):
        begin = time.perf_counter()
        optimizer.zero_grad()
        logits = model(input_ids=ids[:, :-1], use_cache=False).logits
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1).float(), ids[:, 1:].flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        loss.item()
        if step >= options["warmup"]:
            seconds.append(time.perf_counter() - begin)
    return {
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "train_tokens_per_second": rows * length / statistics.median(seconds),
        "peak_memory_bytes": peak_memory(),
    }


def torch_decode(options):
    """New tokens a second of greedy cached generate after a context: the difference of a long and a short run."""
    import torch

    model = causal_model(options["config"]).eval()
    ids = torch.randint(0, 256, (1, options["context"]))

    def generate(count):
        begin = time.perf_counter()
        with torch.inference_mode():
            out = model.generate(
                ids, attention_mask=torch.ones_like(ids), max_new_tokens=count, min_new_tokens=count, do_sample=False,
                use_cache=True, pad_token_id=0, eos_token_id=None)
        assert out.shape[1] == options["context"] + count
        return time.perf_counter() - begin

    generate(2)
    short = min(generate(1) for _ in range(2))
    rates = [options["tokens"] / max(generate(options["tokens"] + 1) - short, 1e-9) for _ in range(3)]
    return {
        "decode_tokens_per_second": statistics.median(rates),
        "prefill_tokens_per_second": options["context"] / short,
        "peak_memory_bytes": peak_memory(),
    }


def torch_shakespeare(options):
    """A character transformer trained by nanoGPT's recipe for CPUs (its README): layer norm without bias, GELU,
    learned positions, tied embedding, one character a token. Validation is not part of the time."""
    import math

    import torch
    from torch import nn
    from torch.nn import functional

    torch.manual_seed(0)
    width, layers, heads, block = 128, 4, 4, 64
    rows, steps, warmup = 12, options["steps"], min(100, options["steps"] // 10)
    with open(options["data"], encoding="utf-8") as file:
        text = file.read()
    alphabet = {symbol: index for index, symbol in enumerate(sorted(set(text)))}
    data = torch.tensor([alphabet[symbol] for symbol in text])
    cut = int(len(data) * 0.9)
    train, validation = data[:cut], data[cut:]

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = nn.LayerNorm(width, bias=False), nn.LayerNorm(width, bias=False)
            self.qkv = nn.Linear(width, 3 * width, bias=False)
            self.out = nn.Linear(width, width, bias=False)
            self.up, self.down = nn.Linear(width, 4 * width, bias=False), nn.Linear(4 * width, width, bias=False)

        def forward(self, x):  # [B, T, D]
            b, t, _ = x.shape
            q, k, v = (y.view(b, t, heads, -1).transpose(1, 2) for y in self.qkv(self.first(x)).split(width, 2))
            y = functional.scaled_dot_product_attention(q, k, v, is_causal=True)  # [B, H, T, K]
            x = x + self.out(y.transpose(1, 2).reshape(b, t, width))
            return x + self.down(functional.gelu(self.up(self.second(x))))

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.symbols, self.places = nn.Embedding(len(alphabet), width), nn.Embedding(block, width)
            self.blocks = nn.ModuleList(Block() for _ in range(layers))
            self.norm = nn.LayerNorm(width, bias=False)
            for name, parameter in self.named_parameters():
                if parameter.dim() > 1:
                    last = name.endswith(("out.weight", "down.weight"))
                    nn.init.normal_(parameter, std=0.02 / math.sqrt(2 * layers) if last else 0.02)

        def forward(self, ids):  # [B, T]
            x = self.symbols(ids) + self.places(torch.arange(ids.shape[1]))
            for layer in self.blocks:
                x = layer(x)
            return self.norm(x) @ self.symbols.weight.T  # [B, T, V]

    def batch(source):
        starts = torch.randint(len(source) - block, (rows,))
        return (
            torch.stack([source[i : i + block] for i in starts]),
            torch.stack([source[i + 1 : i + 1 + block] for i in starts]),
        )

    def loss(ids, targets):
        return functional.cross_entropy(model(ids).flatten(0, 1), targets.flatten())

    model = Model()
    matrices = [parameter for parameter in model.parameters() if parameter.dim() > 1]
    others = [parameter for parameter in model.parameters() if parameter.dim() == 1]
    groups = [{"params": matrices, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.99))
    begin = time.perf_counter()
    for step in range(steps):
        rate = 1e-3 * (step + 1) / (warmup + 1)
        if step >= warmup:
            rate = 1e-4 + 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(steps - warmup, 1))) * 9e-4
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.zero_grad(set_to_none=True)
        loss(*batch(train)).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    seconds = time.perf_counter() - begin
    model.eval()
    with torch.no_grad():
        windows = (len(validation) - 1) // block
        ids = validation[: windows * block].view(windows, block)
        targets = validation[1 : windows * block + 1].view(windows, block)
        nats = sum(
            loss(ids[i : i + 64], targets[i : i + 64]).item() * len(ids[i : i + 64]) for i in range(0, windows, 64))
    return {
        "seconds": seconds,
        "validation_nats": nats / windows,
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "peak_memory_bytes": peak_memory(),
    }


MEASUREMENTS = {"train": torch_train, "decode": torch_decode, "shakespeare": torch_shakespeare}


# ---- What runs in this process: taking turns --------------------------------------------------


def environment():
    """What this process has, without what would hold OpenBLAS back."""
    skipped = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
    return {key: value for key, value in os.environ.items() if key not in skipped}


def run(command, timeout):
    done = subprocess.run(command, env=environment(), stdout=subprocess.PIPE, timeout=timeout, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with status {done.returncode}")
    return done.stdout


def run_torch(kind, options, arguments):
    command = [sys.executable, os.path.abspath(__file__), "--measure", kind, "--options", json.dumps(options)]
    if arguments.threads:
        command += ["--threads", str(arguments.threads)]
    return json.loads(run(command, arguments.timeout).strip().splitlines()[-1])


def zoo(arguments, *command):
    whole = [arguments.zoo, *command, "--quiet"]
    if arguments.threads:
        whole += ["--threads", str(arguments.threads)]
    return whole


def run_zoo(kind, options, arguments):
    config = os.path.join(HERE, options["config"] + ".json") if "config" in options else ""
    if kind == "train":
        command = zoo(arguments, "bench", "train", "--config", config, "--batch", str(options["batch"]), "--context",
                      str(options["context"]), "--steps", str(options["zoo_steps"]), "--json")
        return json.loads(run(command, arguments.timeout))
    if kind == "decode":
        command = zoo(arguments, "bench", "decode", "--config", config, "--context", str(options["context"]), "--json")
        return json.loads(run(command, arguments.timeout))
    return zoo_shakespeare(options, arguments)


def zoo_shakespeare(options, arguments):
    """The same recipe through zoo train; the time is that of the training steps, as its log has them."""
    steps = options["zoo_steps"]
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "run")
        run(zoo(arguments, "train", "transformer", "--config", os.path.join(HERE, "shakespeare.json"),
                "--data", options["data"], "--split", "90/10", "--context", "64", "--batch", "12", "--steps", str(steps),
                "--learning-rate", "0.001", "--min-learning-rate", "0.0001", "--warmup", str(min(100, steps // 10)),
                "--beta2", "0.99", "--weight-decay", "0.1", "--clip", "1", "--evaluate-every", "0", "--seed", "0",
                "--out", out), arguments.timeout)
        seconds = 0.0
        with open(os.path.join(out, "log.jsonl")) as log:
            for line in log:
                record = json.loads(line)
                # Seconds spent in steps up to this one.
                seconds = max(seconds, record.get("seconds", 0.0))
        score = json.loads(run(zoo(arguments, "score", out, "--data", options["data"], "--split", "90/10", "--part",
                                   "validation", "--context", "64", "--batch", "64", "--json"), arguments.timeout))
    return {"seconds": seconds, "validation_nats": score["nats"]}


def cases(arguments):
    """Name, kind, options and what is compared: (key, whether zoo / PyTorch is better when larger)."""
    speed = [("train_tokens_per_second", True), ("peak_memory_bytes", False)]
    steps = arguments.steps
    yield "train-llama", "train", dict(config="llama-256", batch=8, context=256, warmup=2, steps=steps, zoo_steps=steps), speed
    yield "train-llama-bf16", "train", dict(
        config="llama-256", batch=8, context=256, warmup=2, steps=steps, zoo_steps=steps, bfloat16=True), speed
    yield "train-llama-512", "train", dict(
        config="llama-512", batch=8, context=512, warmup=1, steps=max(steps // 5, 2), zoo_steps=max(steps // 5, 2)), speed
    yield "train-mamba", "train", dict(
        config="mamba-256", batch=8, context=256, warmup=1, steps=max(steps // 10, 2), zoo_steps=max(steps // 2, 2)), speed
    yield "train-mamba2", "train", dict(
        config="mamba2-256", batch=8, context=256, warmup=1, steps=max(steps // 10, 2), zoo_steps=max(steps // 2, 2)), speed
    decoding = [("decode_tokens_per_second", True), ("prefill_tokens_per_second", True)]
    for context in arguments.contexts:
        suffix = "" if context == 256 else f"-{context}"
        yield "decode-llama" + suffix, "decode", dict(config="llama-256", context=context, tokens=64), decoding
        yield "decode-mamba" + suffix, "decode", dict(config="mamba-256", context=context, tokens=64), decoding
        yield "decode-mamba2" + suffix, "decode", dict(config="mamba2-256", context=context, tokens=64), decoding
    if arguments.data:
        yield "shakespeare", "shakespeare", dict(
            data=os.path.abspath(arguments.data), steps=arguments.shakespeare_steps,
            zoo_steps=arguments.zoo_shakespeare_steps or arguments.shakespeare_steps), [
                ("seconds", False), ("validation_nats", False)]


def compare(name, kind, options, keys, arguments):
    sides = {"pytorch": [], "zoo": []}
    for repeat in range(arguments.repeats):
        for side, measure in (("pytorch", run_torch), ("zoo", run_zoo)):
            print(f"{name}: {side}, {repeat + 1} of {arguments.repeats}", file=sys.stderr)
            sides[side].append(measure(kind, options, arguments))
    row = {"case": name, "repeats": arguments.repeats}
    for key, _ in keys:
        values = {
            side: [found[key] for found in results if found.get(key) is not None] for side, results in sides.items()}
        row[key] = {side: statistics.median(found) if found else None for side, found in values.items()}
        if all(values.values()) and row[key]["pytorch"]:
            row[key]["ratio"] = row[key]["zoo"] / row[key]["pytorch"]
    for key in ("share_of_peak", "state_bytes", "parameters"):
        found = [result[key] for result in sides["zoo"] if result.get(key) is not None]
        if found:
            row[key] = statistics.median(found)
    return row


def show(row, keys):
    print(row["case"])
    for key, larger_is_better in keys:
        found = row[key]
        values = ["-" if found[side] is None else f"{found[side]:,.4g}" if found[side] < 1e4 else f"{found[side]:,.0f}"
                  for side in ("pytorch", "zoo")]
        ratio = f"{found['ratio']:.2f} x" if "ratio" in found else "-"
        better = "more is better" if larger_is_better else "less is better"
        print(f"  {key:28} PyTorch {values[0]:>14}   zoo {values[1]:>14}   zoo / PyTorch {ratio:>9}  ({better})")
    if "share_of_peak" in row:
        print(f"  {'share_of_peak':28} zoo {row['share_of_peak']:.0%} of the measured matrix rate")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--zoo", default=os.path.join(ROOT, ".build", "release", "zoo"), help="the zoo command")
    parser.add_argument("--only", default="", help="cases, separated by commas; default: all")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--steps", type=int, default=20, help="training steps of a measurement; heavy shapes take fewer")
    parser.add_argument("--contexts", type=lambda text: [int(part) for part in text.split(",")], default=[256],
                        help="for decoding, separated by commas")
    parser.add_argument("--data", default="", help="tinyshakespeare.txt, for the case shakespeare")
    parser.add_argument("--shakespeare-steps", type=int, default=2000)
    parser.add_argument("--zoo-shakespeare-steps", type=int, default=0,
                        help="steps of zoo's schedule, where it shall reach the same loss in fewer; default: as many")
    parser.add_argument("--threads", type=int, default=0, help="of both; 0: all processors")
    parser.add_argument("--timeout", type=float, default=3600, help="seconds for one measurement")
    parser.add_argument("--list", action="store_true", help="the cases")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--measure", choices=MEASUREMENTS, help=argparse.SUPPRESS)
    parser.add_argument("--options", help=argparse.SUPPRESS)
    arguments = parser.parse_args()

    if arguments.measure:
        import torch

        torch.set_num_threads(arguments.threads or len(os.sched_getaffinity(0)))
        print(json.dumps(MEASUREMENTS[arguments.measure](json.loads(arguments.options))))
        return

    for name in ("repeats", "steps", "shakespeare_steps"):
        if getattr(arguments, name) < 1:
            parser.error(f"--{name.replace('_', '-')} must be at least 1")
    if arguments.zoo_shakespeare_steps < 0:
        parser.error("--zoo-shakespeare-steps must be at least 1, or 0 for as many as PyTorch's")
    known = list(cases(arguments))
    if arguments.list:
        print("\n".join(case[0] for case in known))
        return
    wanted = arguments.only.split(",") if arguments.only else [case[0] for case in known]
    for name in wanted:
        if name not in [case[0] for case in known]:
            hint = "; it needs --data" if name == "shakespeare" else ""
            parser.error(f"there is no case {name}{hint}; --list shows them")
    if not os.access(arguments.zoo, os.X_OK):
        parser.error(f"{arguments.zoo} is not there: make build, or --zoo PATH")
    try:
        import torch  # noqa: F401
        import transformers  # noqa: F401
    except ImportError as error:
        raise SystemExit(f"{error}; in a virtual environment: pip install torch transformers safetensors mambapy")

    rows = []
    for name, kind, options, keys in known:
        if name in wanted:
            row = compare(name, kind, options, keys, arguments)
            rows.append(row)
            if not arguments.json:
                show(row, keys)
    if arguments.json:
        import torch
        import transformers

        print(json.dumps({
            "torch": torch.__version__, "transformers": transformers.__version__,
            "threads": arguments.threads or len(os.sched_getaffinity(0)), "rows": rows}, indent=2))


if __name__ == "__main__":
    main()
