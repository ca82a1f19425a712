"""An image that excites a channel, a unit or a class most, sought step by step; see `explorer.units.maximizing`."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

from explorer.records import FeatureVisConfig
from explorer.tasks.contract import Files, Report, TaskSpec
from explorer.tasks.model import LoadedModel

NEWEST = "frame.png"
"""The file of the newest frame, replaced with every step."""

_KEPT_FRAMES = 6


@dataclass(frozen=True, slots=True)
class Emerged:
    """The frames that were kept, (step, PNG), from noise to the end."""

    frames: tuple[tuple[int, bytes], ...]


def run(model: LoadedModel, request: FeatureVisConfig, report: Report) -> None:
    """One frame a step; the objective before each is the value that is watched."""
    from PIL import Image

    from explorer.units import maximize_activation

    keep = {round(request.steps * (i / (_KEPT_FRAMES - 1)) ** 2) for i in range(_KEPT_FRAMES)}  # most early on
    for frame in maximize_activation(model.net, model.scale, model.input_shape, request):
        pixels = frame.image[..., 0] if frame.image.shape[2] == 1 else frame.image
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "PNG")
        report.put(NEWEST, buffer.getvalue())
        if frame.step in keep:
            report.put(f"frame-{frame.step:04}.png", buffer.getvalue())
        report.value(float(f"{frame.objective:.5g}"))
        report.at(frame.step, request.steps)


def result(files: Files) -> Emerged:
    """The kept frames in order."""
    kept = {int(found[1]): files[name] for name in files if (found := re.fullmatch(r"frame-(\d+)\.png", name))}
    return Emerged(tuple(sorted(kept.items())))


SPECS = (TaskSpec("maximize", 1, FeatureVisConfig, run, result),)
