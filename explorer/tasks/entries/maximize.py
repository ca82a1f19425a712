"""A picture that excites a channel, a unit or a class most, sought step by step; see `explorer.units.dreaming`."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

from explorer.records import DreamSettings
from explorer.tasks.contract import Files, Report, TaskSpec
from explorer.tasks.model import Model

NEWEST = "frame.png"
"""The file of the newest frame, replaced with every step."""

_KEPT_FRAMES = 6


@dataclass(frozen=True, slots=True)
class Emerged:
    """The frames that were kept, (step, PNG), from noise to the end."""

    frames: tuple[tuple[int, bytes], ...]


def run(model: Model, request: DreamSettings, report: Report) -> None:
    """One frame a step; the objective before each is the value that is watched."""
    from PIL import Image

    from explorer.units import dream

    keep = {round(request.steps * (i / (_KEPT_FRAMES - 1)) ** 2) for i in range(_KEPT_FRAMES)}  # most early on
    for frame in dream(model.net, model.scale, model.input_shape, request):
        pixels = frame.picture[..., 0] if frame.picture.shape[2] == 1 else frame.picture
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


SPECS = (TaskSpec("maximize", 1, DreamSettings, run, result),)
