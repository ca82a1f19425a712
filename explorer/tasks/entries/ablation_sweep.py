"""Accuracy with each block of a network bypassed in turn (Veit, Wilber, Belongie 2016, arXiv:1605.06431)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from explorer.records import Lesion
from explorer.tasks.contract import Files, Report, TaskSpec
from explorer.tasks.model import LoadedModel


@dataclass(frozen=True, slots=True)
class SweepRequest:
    """Accuracy is measured on the first `images` test images of a data set; `content` as in `PatchesRequest`."""

    dataset: str
    images: int
    content: str = ""


@dataclass(frozen=True, slots=True)
class Sweep:
    """Accuracy (0 to 1) of the intact network, and without each block that can be bypassed."""

    whole: float
    without: Mapping[str, float]


def run(model: LoadedModel, request: SweepRequest, report: Report) -> None:
    """Evaluate the intact network first, then without each block; the accuracies are the reported values."""
    from explorer import datasets
    from explorer.units import accuracy, blocks_of, lesioned

    data, shape = datasets.load(request.dataset), model.input_shape
    images, labels = data.test_images[: request.images], data.test_labels[: request.images]
    blocks = blocks_of(model.net, model.trace())
    names = ["", *(block.module for block in blocks if block.way)]
    measured = {}
    for done, name in enumerate(names, 1):
        with lesioned(model.net, Lesion(blocks=(name,) if name else ()), blocks):
            measured[name] = accuracy(model.net, model.scale, images, labels, shape)
        report.value(measured[name])
        report.progress(done, len(names))
    report.put("result.json", json.dumps(measured).encode())


def result(files: Files) -> Sweep:
    """Parse the accuracies."""
    measured: dict[str, float] = json.loads(files["result.json"])
    return Sweep(measured.pop(""), measured)


SPECS = (TaskSpec("ablation-sweep", 1, SweepRequest, run, result),)
