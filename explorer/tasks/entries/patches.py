"""The images of a data set that activate each channel of a layer most."""

from __future__ import annotations

import io
from dataclasses import dataclass, fields

from explorer.records import TopActivations
from explorer.tasks.contract import Files, Report, TaskSpec
from explorer.tasks.model import LoadedModel


@dataclass(frozen=True, slots=True)
class PatchesRequest:
    """The first `images` training images of a data set are searched, the `k` strongest of each channel are kept.

    `content` identifies the version of the data set's content: "" for one that never changes.
    """

    layer: str
    dataset: str
    images: int
    k: int = 9
    content: str = ""


def run(model: LoadedModel, request: PatchesRequest, report: Report) -> None:
    """Find the top activations in one pass over the images."""
    import numpy as np

    from explorer.units import searched, top_activations, unit_layers

    layer = next(layer for layer in unit_layers(model.net, model.trace()) if layer.module == request.layer)
    images = searched(request.dataset, model.input_shape).train_images[: request.images]
    shape = model.input_shape
    top = top_activations(model.net, model.scale, images, layer, shape, k=request.k, on_progress=report.progress)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **{field.name: getattr(top, field.name) for field in fields(top)})
    report.put("result.npz", buffer.getvalue())


def result(files: Files) -> TopActivations:
    """Parse the top activations."""
    import numpy as np

    with np.load(io.BytesIO(files["result.npz"])) as stored:
        arrays = {name: stored[name] for name in stored.files}
    return TopActivations(**{**arrays, "searched": int(arrays["searched"])})


SPECS = (TaskSpec("patches", 2, PatchesRequest, run, result),)
