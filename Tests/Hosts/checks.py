"""Checks of the Python host, one by name: checks.py CHECK PLUGIN.so MODEL. Fails with an exception."""

import ctypes
import gc
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import sequence_model
from sequence_model import Model, Plugin, safetensors

TEXT = b"the quick brown fox jumps over the lazy dog and then some more of it"


def raises(kind: type[BaseException], action: Callable[[], object], *words: str) -> None:
    try:
        action()
    except kind as error:
        for word in words:
            assert word in str(error), f"{word!r} is not in: {error}"
        return
    raise AssertionError(f"{kind.__name__} was expected")


def stir(model: Model, seed: int) -> None:
    """Gives every parameter other values: some models begin with a head of zeros."""
    random = np.random.default_rng(seed)
    with model.update() as parameters:
        for array in parameters.values():
            array += random.normal(0, 0.02, array.shape).astype(array.dtype)


def make(plugin: Plugin, id: str, **options: object) -> Model:
    return Model(plugin, id, parameters=60_000, context=64, **options)


def views(plugin: Plugin, id: str) -> None:
    model = make(plugin, id)
    for name, array in model.parameters.items():
        assert array.ctypes.data % 64 == 0 and not array.flags.writeable, name
        assert array.ctypes.data == model.parameters[name].ctypes.data, "a copy"
    before = model.loss(TEXT, key=1)
    kept = {name: array.copy() for name, array in model.parameters.items()}
    stir(model, 0)
    assert model.loss(TEXT, key=1) != before, "the plugin does not see what was written"
    with model.update() as parameters:
        for name, array in parameters.items():
            array[...] = kept[name]
    assert model.loss(TEXT, key=1) == before
    model.loss_and_gradient(TEXT, key=1)
    once = {name: array.copy() for name, array in model.gradients.items()}
    assert any(array.any() for array in once.values())
    model.loss_and_gradient(TEXT, key=1)
    for name, array in model.gradients.items():
        np.testing.assert_allclose(array, 2 * once[name], rtol=1e-5, atol=1e-7)
    held = model.gradients
    model.close()
    gc.collect()
    assert all(np.isfinite(array).all() for array in held.values()), "arrays outlive the model"
    raises(sequence_model.FailedPrecondition, lambda: model.loss(TEXT), "closed")


def threads(plugin: Plugin, id: str) -> None:
    double = make(plugin, id, dtype=np.float64, seed=5).loss(TEXT, key=9)
    np.testing.assert_allclose(double, make(plugin, id, seed=5).loss(TEXT, key=9), rtol=1e-5)
    results = []
    for count in (1, 3):
        model = make(plugin, id, threads=count, seed=5)
        loss = model.loss_and_gradient([list(TEXT)] * 4, key=9)
        results.append((loss, [array.tobytes() for array in model.gradients.values()]))
    assert results[0] == results[1], "one thread and three give other bits"
    # Threads of the pool do not survive a fork: a child works without them.
    child = os.fork()
    if child == 0:
        os._exit(0 if model.loss([list(TEXT)] * 4, key=9) == results[0][0] else 1)
    assert os.waitpid(child, 0)[1] == 0


def errors(plugin: Plugin, id: str) -> None:
    raises(sequence_model.InvalidArgument, lambda: plugin.resolve(id, {"no_such_key": 1}), "no_such_key")
    raises(sequence_model.PluginError, lambda: plugin.card("nonsense"), "nonsense", id)
    raises(sequence_model.PluginError, lambda: Plugin.load(__file__), "checks.py")
    raises(sequence_model.PluginError, lambda: Plugin.load("/nowhere.so"), "No such file")
    raises(sequence_model.PluginError, lambda: Plugin.load(ctypes.util.find_library("m") or "libm.so.6"))
    model = make(plugin, id)
    raises(sequence_model.InvalidArgument, lambda: model.loss([[1, 2, 99999]]), "99999")
    raises(ValueError, lambda: model.loss([[1, 2, 3]], [[1, 2]]), "(1, 2)")
    raises(ValueError, lambda: model.loss([[1, 1 << 40]]), "32 bits")
    raises(TypeError, lambda: model.loss([[1.5, 2.5]]), "float64")
    raises(sequence_model.InvalidArgument, lambda: model.loss(np.empty((0, 4), np.int32)))
    raises(TypeError, lambda: make(plugin, id, gradients=False).gradients)
    raises(ValueError, lambda: model.parameters.popitem()[1].fill(0), "read-only")
    np.testing.assert_allclose(model.score(TEXT, key=1).nats.sum() / (len(TEXT) - 1), np.log(256), rtol=0.2)
    assert plugin is Plugin.load(plugin.path)


def sessions(plugin: Plugin, id: str) -> None:
    model = make(plugin, id)
    whole = model.logits(TEXT)
    session = model.session()
    first, rest = session.append(TEXT[:7], "all"), session.append(TEXT[7:], "all")
    np.testing.assert_allclose(np.concatenate([first, rest], 1), whole, rtol=2e-4, atol=2e-5)
    assert session.position == len(TEXT) and session.rows == 1 and session.state_bytes > 0
    state, fork = session.save(), session.fork()
    again = model.load_session(state)
    expected = session.append(b"abc")
    assert np.array_equal(again.append(b"abc"), expected), "a loaded session goes on with other bits"
    assert np.array_equal(fork.append(b"abc"), expected), "a fork goes on with other bits"
    for bad in (b"", state[:-1], bytes(len(state)), os.urandom(200)):
        raises(sequence_model.DataLoss, lambda: model.load_session(bad))
    raises(ValueError, lambda: session.append([[1], [2]]), "1 rows")
    session.close()
    session.close()
    raises(sequence_model.FailedPrecondition, lambda: session.append(b"a"), "closed")
    # Forgotten sessions are closed at the next call, not where the collector finds them; a session outlives its model object.
    del again
    gc.collect()
    model.loss(TEXT)
    assert len(model.instance.open_sessions) == 1
    del model
    gc.collect()
    assert fork.append(b"d") is not None


def generation(plugin: Plugin, id: str) -> None:
    model = make(plugin, id)
    text = model.generate("the quick", 20, seed=3)
    assert len(text) == 29 and bytes(text[:9].astype(np.uint8)) == b"the quick"
    assert np.array_equal(text, model.generate("the quick", 20, seed=3)), "the same seed writes something else"
    events = list(model.stream("the quick", 20, seed=3))
    assert events[-1].kind == "done"
    for _ in model.stream("the quick", 20):
        break
    gc.collect()

    def stop(_: object) -> None:
        raise RuntimeError("enough")

    raises(RuntimeError, lambda: model.generate("the quick", 20, on_event=stop), "enough")
    if "generates" in model.card.capabilities:

        def again(_: object) -> None:
            model.loss(TEXT)

        raises(sequence_model.FailedPrecondition, lambda: model.generate("the", 9, on_event=again), "one at a time")
        raises(sequence_model.InvalidArgument, lambda: model.generate("the", 9, sampler="nonsense"), "nonsense")
        stream = model.stream("the quick", 20)
        next(stream)
        raises(sequence_model.FailedPrecondition, lambda: model.loss(TEXT), "one at a time")
        stream.close()
        # Left open: it is stopped when the process ends.
        global open_stream
        open_stream = make(plugin, id).stream("the quick", 20)
        next(open_stream)
    assert np.isfinite(model.loss(TEXT, key=1))


def interruption(plugin: Plugin, id: str) -> None:
    """Ctrl-C and cancellation in the middle of a call of some seconds, with threads at work."""
    # A test runner may have started us with the signal ignored or blocked.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    model = make(plugin, id, threads=2)
    short, rows = model.loss(TEXT, key=1), [list(TEXT * 3)] * 400
    for expected, act in (
        (KeyboardInterrupt, lambda: os.kill(os.getpid(), signal.SIGINT)),
        (sequence_model.Cancelled, model.cancel),
    ):
        timer = threading.Timer(0.1, act)
        timer.start()
        begin = time.monotonic()
        raises(expected, lambda: [model.loss_and_gradient(rows, key=1) for _ in range(50)])
        assert time.monotonic() - begin < 5, "the call was not cut short"
        timer.join()
        assert model.loss(TEXT, key=1) == short, "the model is not as before"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def files(plugin: Plugin, id: str) -> None:
    model = make(plugin, id, seed=1)
    other = make(plugin, id, seed=2)
    stir(model, 0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.safetensors"
        model.save(path)
        assert model.loss(TEXT, key=1) != other.loss(TEXT, key=1)
        other.load(path)
        assert model.loss(TEXT, key=1) == other.loss(TEXT, key=1)
        tensors = safetensors.load(path)
        name, array = next(iter(tensors.items()))
        safetensors.save(path, {**tensors, name: array[:1], "extra": array})
        raises(sequence_model.DataLoss, lambda: other.load(path), "extra", name)
        del tensors[name]
        safetensors.save(path, tensors)
        raises(sequence_model.DataLoss, lambda: other.load(path), f"missing: {name}")
        assert os.listdir(folder) == ["model.safetensors"], "something was left behind"
        safetensors.save(path, {"a.weight": np.ones((3, 4), np.float32), "b": np.ones(5, np.float16)}, {"format": "pt"})
        whole = path.read_bytes()
        random = np.random.default_rng(0)
        for length in range(len(whole)):
            raises(sequence_model.DataLoss, lambda: safetensors.loads(whole[:length]))
        header = int.from_bytes(whole[:8], "little")
        for _ in range(10_000):
            damaged = bytearray(whole)
            for place in random.integers(0, 8 + header, 3):
                damaged[place] = random.integers(0, 256)
            try:
                safetensors.loads(bytes(damaged))
            except sequence_model.DataLoss:
                pass
        kinds = {kind: np.arange(6).astype(kind).reshape(2, 3) for kind in ("<f8", "<f2", "<i8", "<u2", "|b1", "|i1")}
        safetensors.save(path, {**kinds, "scalar": np.float32(3), "empty": np.zeros((0, 3), np.float32)})
        for kind, array in safetensors.load(path).items():
            assert kind not in kinds or (array.dtype == kind and np.array_equal(array, kinds[kind])), kind


def probes(plugin: Plugin, id: str) -> None:
    """What is declared can be called; numbers are checked where they are made."""
    model = make(plugin, id, dtype=np.float64)
    stir(model, 0)
    declared = {"transformer": 1, "mamba": 3, "diffusion": 1}.get(id, 0)
    assert len(model.probes) == declared, model.probes
    raises(sequence_model.NotFound, lambda: model.probe("nothing", TEXT), "nothing", *model.probes)
    for name, probe in model.probes.items():
        assert probe.signature == "BW->" and probe.summary and probe.self_test["written"]
        (output,) = model.probe_outputs(name)
        values = model.probe(name, TEXT, key=3)
        assert list(values.shape) == output["extents"] and len(output["axes"]) == values.ndim
        assert np.isfinite(values).all() and (values > 0).all(), values
        assert np.array_equal(values, model.probe(name, TEXT, key=3))
        raises(sequence_model.InvalidArgument, lambda: model.probe(name), "0 arguments")
        raises(sequence_model.InvalidArgument, lambda: model.probe(name, [[999_999]]))


def maps(plugin: Plugin, id: str) -> None:
    """Prints what is mapped after training and writing: the caller looks for Swift in it."""
    model = make(plugin, id, threads=2)
    model.loss_and_gradient(TEXT, key=1)
    model.generate("the quick", 5)
    print(Path("/proc/self/maps").read_text())


if __name__ == "__main__":
    import ctypes.util

    globals()[sys.argv[1]](Plugin.load(sys.argv[2]), sys.argv[3])
