"""`python -m explorer.jobs.side_worker KEY`: does one side task, which it reads from its standard input.

A pulse beside the work writes how it stands four times a second, and ends the process when Stop is asked for or when
nobody is left who started it: what was written until then is whole, since every file is put in its place in one step.
"""

from __future__ import annotations

import io
import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from explorer.errors import ExplorerError
from explorer.jobs import side
from explorer.jobs.side import Progress

_PULSE_SECONDS = 0.25
_NICENESS = 5  # pages come first
_KEPT_FRAMES = 6


class Report:
    """What a task says on its way."""

    def __init__(self, key: str) -> None:
        self.key, self.place = key, side.folder(key)
        self.done, self.total, self.values = 0, 0, list[float]()
        self._writing, self._parent, self._over = threading.Lock(), os.getppid(), threading.Event()

    def at(self, done: int, total: int) -> None:
        """So much of it is done."""
        self.done, self.total = done, total

    def put(self, name: str, content: bytes) -> None:
        """Write a file, in one step."""
        fresh = self.place / f".{name}"
        fresh.write_bytes(content)
        fresh.replace(self.place / name)

    def close(self, state: str, detail: str = "") -> None:
        """Write down how it ended."""
        self._over.set()
        with self._writing:
            self._write(state, detail)

    def pulse(self) -> None:
        """Beat until the end; end the process on Stop."""
        while not self._over.wait(_PULSE_SECONDS):
            with self._writing:
                if self._over.is_set():
                    return
                if (self.place / "stop").exists() or os.getppid() != self._parent:
                    self._write("stopped", "")
                    os._exit(0)
                self._write("running", "")

    def _write(self, state: str, detail: str) -> None:
        side.write(self.key, Progress(state, self.done, self.total, tuple(self.values), detail, os.getpid()))


def _subject(task: dict[str, Any], weights: bytes) -> tuple[Any, Any]:
    """The network and the scale of its pixels."""
    import torch
    from safetensors.torch import load

    from explorer.records import NetworkInstance
    from explorer.tracing import build_on_meta
    from explorer.training import Scale

    torch.set_num_threads(1)
    net = build_on_meta(NetworkInstance.from_json(task["instance"]))
    net.load_state_dict(load(weights), assign=True)
    mean, std = (torch.tensor(task[name])[:, None, None] for name in ("mean", "std"))
    return net.eval().requires_grad_(False), Scale(mean, std)


def _patches(task: dict[str, Any], net: Any, scale: Any, report: Report) -> None:
    import numpy as np

    from explorer import datasets
    from explorer.units import strongest, unit_layers

    layer = next(one for one in unit_layers(net, _trace(task)) if one.module == task["layer"])
    images = datasets.load(task["dataset"]).train_images[: task["pictures"]]
    found = strongest(net, scale, images, layer, tuple(task["shape"]), keep=task["keep"], told=report.at)
    buffer = io.BytesIO()
    arrays = {name: getattr(found, name) for name in ("pictures", "rows", "columns", "values", "mean", "firing")}
    np.savez_compressed(buffer, seen=found.seen, **arrays)
    report.put("result.npz", buffer.getvalue())


def _dream(task: dict[str, Any], net: Any, scale: Any, report: Report) -> None:
    from PIL import Image

    from explorer.records import DreamSettings
    from explorer.units import dream

    wanted = DreamSettings(**task["settings"])
    keep = {round(wanted.steps * (i / (_KEPT_FRAMES - 1)) ** 2) for i in range(_KEPT_FRAMES)}
    for frame in dream(net, scale, tuple(task["shape"]), wanted):
        pixels = frame.picture[..., 0] if frame.picture.shape[2] == 1 else frame.picture
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "PNG")
        report.put("frame.png", buffer.getvalue())
        if frame.step in keep:
            report.put(f"frame-{frame.step:04}.png", buffer.getvalue())
        report.values.append(float(f"{frame.objective:.5g}"))
        report.at(frame.step, wanted.steps)


def _sweep(task: dict[str, Any], net: Any, scale: Any, report: Report) -> None:
    from explorer import datasets
    from explorer.records import Lesion
    from explorer.units import accuracy, blocks_of, lesioned

    data, most = datasets.load(task["dataset"]), task["pictures"]
    images, labels = data.test_images[:most], data.test_labels[:most]
    blocks = blocks_of(net, _trace(task))
    ways = [Lesion(), *(Lesion(blocks=(block.module,)) for block in blocks if block.way)]
    for number, lesion in enumerate(ways):
        with lesioned(net, lesion, blocks):
            report.values.append(accuracy(net, scale, images, labels, tuple(task["shape"])))
        report.at(number + 1, len(ways))
    names = [lesion.blocks[0] if lesion.blocks else "" for lesion in ways]
    report.put("result.json", json.dumps([names, report.values]).encode())


def _trace(task: dict[str, Any]) -> Any:
    from explorer.records import NetworkInstance
    from explorer.tracing import trace_shapes

    return trace_shapes(NetworkInstance.from_json(task["instance"]))


_KINDS: dict[str, Callable[[dict[str, Any], Any, Any, Report], None]] = {
    "patches": _patches,
    "dream": _dream,
    "sweep": _sweep,
}


def main(key: str) -> None:
    """Do the task and write down how it ended."""
    header, _, weights = sys.stdin.buffer.read().partition(b"\n")
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    report = Report(key)
    Path(report.place).mkdir(parents=True, exist_ok=True)
    threading.Thread(target=report.pulse, name="pulse", daemon=True).start()
    try:
        task = json.loads(header)
        _KINDS[task["kind"]](task, *_subject(task, weights), report)
    except ExplorerError as problem:
        report.close("failed", str(problem))
    except Exception as problem:
        report.close("failed", f"{type(problem).__name__}: {' '.join(str(problem).split())[:200]}")
        raise
    else:
        report.close("done")


if __name__ == "__main__":
    main(sys.argv[1])
