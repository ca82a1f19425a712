"""Which images of a data set excite each channel of a layer most."""

from __future__ import annotations

import io
from dataclasses import dataclass, fields

from explorer.records import TopActivations
from explorer.tasks.contract import Files, Report, TaskSpec
from explorer.tasks.model import LoadedModel


@dataclass(frozen=True, slots=True)
class PatchesRequest:
    """The first `images` training images of a data set are asked, the `keep` strongest of each channel are kept.

    `content` tells apart what a data set of that name has held: "" for one that never changes.
    """

    layer: str
    dataset: str
    images: int
    k: int = 9
    content: str = ""


def run(model: LoadedModel, request: PatchesRequest, report: Report) -> None:
    """One pass over the images."""
    import numpy as np

    from explorer import datasets
    from explorer.units import top_activations, unit_layers

    layer = next(each for each in unit_layers(model.net, model.trace()) if each.module == request.layer)
    images = datasets.load(request.dataset).train_images[: request.images]
    shape = model.input_shape
    found = top_activations(model.net, model.scale, images, layer, shape, k=request.k, on_progress=report.at)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **{field.name: getattr(found, field.name) for field in fields(found)})
    report.put("result.npz", buffer.getvalue())


def result(files: Files) -> TopActivations:
    """What was found."""
    import numpy as np

    with np.load(io.BytesIO(files["result.npz"])) as found:
        arrays = {name: found[name] for name in found.files}
    return TopActivations(**{**arrays, "searched": int(arrays["searched"])})


SPECS = (TaskSpec("patches", 2, PatchesRequest, run, result),)
