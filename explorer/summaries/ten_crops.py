"""What the first visitor of *Ten crops, ensembles* sees: the softmax of three networks on views of a photograph."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from explorer import paths
from explorer.summaries import archive
from explorer.summaries.fingerprint import fingerprint
from explorer.summaries.traces import specs

if TYPE_CHECKING:
    import numpy as np

    from explorer.records import View

RECORD = Path(__file__).with_name("ten_crops.zip")
IMAGE = "cat"
NETWORKS = ("efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2")
_SOURCES = (
    *(f"averaging/{name}.py" for name in ("looking", "schemes", "views")),
    *("networks/efficientnet_lite.py", "networks/_same_padding.py", "images/bundled.py"),
    *("models/model.py", "models/packaged.py"),
)


def key() -> str:
    """Fingerprint of the sources and of the weights; "" where not all of these are on this machine."""
    known = [specs()[slug] for slug in NETWORKS if slug in specs()]
    files = [paths.weights_in_package(spec.package) for spec in known]
    if not all(files) or len(files) < len(NETWORKS):
        return ""
    digests = [hashlib.sha256(file.read_bytes()).hexdigest()[:16] for file in files if file]
    return " ".join((fingerprint(*_SOURCES), *digests))


def is_stale() -> bool:
    """Whether it is to be recorded again, and can be."""
    now = key()
    return bool(now) and not archive.is_current(RECORD, now)


@cache
def recorded() -> Mapping[str, Mapping[View, np.ndarray]]:
    """{model id: {view: softmax (1000,)}} for the photograph `IMAGE`; empty where the record is missing or stale."""
    import numpy as np

    from explorer.averaging import SCHEMES, views_of

    if not (now := key()) or not archive.is_current(RECORD, now):
        return {}
    found = {}
    for slug in NETWORKS:
        side = specs()[slug].input_shape[1]
        views = dict.fromkeys(view for scheme in SCHEMES for view in views_of(scheme, side))
        shares = np.frombuffer(archive.read(RECORD, slug), np.float32).reshape(len(views), -1)
        found[f"pretrained:{slug}"] = dict(zip(views, shares, strict=True))
    return found


def compute() -> dict[str, dict[View, np.ndarray]]:
    """Compute it: the networks look at all views of the photograph."""
    from explorer.averaging import SCHEMES, views_of
    from explorer.averaging.looking import softmax_of_views
    from explorer.images import load
    from explorer.models import pretrained_model

    found = {}
    for slug in NETWORKS:
        model = pretrained_model(slug)
        views = tuple(dict.fromkeys(view for scheme in SCHEMES for view in views_of(scheme, model.instance.size[0])))
        found[model.id] = dict(zip(views, softmax_of_views(model, load(IMAGE), views), strict=True))
    return found


def write(found: Mapping[str, Mapping[View, np.ndarray]]) -> None:
    """Record it under the present key."""
    import numpy as np

    files = {
        model_id.partition(":")[2]: np.stack(list(shares.values())).astype(np.float32).tobytes()
        for model_id, shares in found.items()
    }
    archive.write(RECORD, key(), files)
    recorded.cache_clear()
