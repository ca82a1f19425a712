"""Activation maximisation of a channel, a unit or a class, step by step; see `explorer.units.maximizing`."""

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
class KeptFrames:
    """Some frames of the optimisation, (step, PNG), from the initial noise to the final image."""

    frames: tuple[tuple[int, bytes], ...]


def run(model: LoadedModel, request: FeatureVisConfig, report: Report) -> None:
    """One frame per step; the objective before each step is the reported value."""
    from PIL import Image

    from explorer.units import maximize_activation

    kept_steps = {round(request.steps * (i / (_KEPT_FRAMES - 1)) ** 2) for i in range(_KEPT_FRAMES)}  # most early on
    for frame in maximize_activation(model.net, model.scale, model.input_shape, request):
        pixels = frame.image[..., 0] if frame.image.shape[2] == 1 else frame.image
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "PNG")
        report.put(NEWEST, buffer.getvalue())
        if frame.step in kept_steps:
            report.put(f"frame-{frame.step:04}.png", buffer.getvalue())
        report.value(float(f"{frame.objective:.5g}"))
        report.progress(frame.step, request.steps)


def result(files: Files) -> KeptFrames:
    """The kept frames in order of their steps."""
    kept = {int(match[1]): files[name] for name in files if (match := re.fullmatch(r"frame-(\d+)\.png", name))}
    return KeptFrames(tuple(sorted(kept.items())))


SPECS = (TaskSpec("maximize", 2, FeatureVisConfig, run, result),)
