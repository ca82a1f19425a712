"""Which pictures of a data set excite each channel of a layer most."""

from __future__ import annotations

import io
from dataclasses import dataclass, fields

from explorer.records import Excitement
from explorer.tasks.contract import Files, Report, TaskSpec
from explorer.tasks.model import Model


@dataclass(frozen=True, slots=True)
class PatchesRequest:
    """The first `pictures` training pictures of a data set are asked, the `keep` strongest of each channel are kept.

    `content` tells apart what a data set of that name has held: "" for one that never changes.
    """

    layer: str
    dataset: str
    pictures: int
    keep: int = 9
    content: str = ""


def run(model: Model, request: PatchesRequest, report: Report) -> None:
    """One pass over the pictures."""
    import numpy as np

    from explorer import datasets
    from explorer.units import strongest, unit_layers

    layer = next(one for one in unit_layers(model.net, model.trace()) if one.module == request.layer)
    images = datasets.load(request.dataset).train_images[: request.pictures]
    shape = model.input_shape
    found = strongest(model.net, model.scale, images, layer, shape, keep=request.keep, told=report.at)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **{field.name: getattr(found, field.name) for field in fields(found)})
    report.put("result.npz", buffer.getvalue())


def result(files: Files) -> Excitement:
    """What was found."""
    import numpy as np

    with np.load(io.BytesIO(files["result.npz"])) as found:
        arrays = {name: found[name] for name in found.files}
    return Excitement(**{**arrays, "seen": int(arrays["seen"])})


SPECS = (TaskSpec("patches", 1, PatchesRequest, run, result),)
