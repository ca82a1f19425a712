"""Features of a network's stages for a data set: computed once, and kept on disk."""

from __future__ import annotations

import json
from dataclasses import dataclass

from explorer.tasks.contract import Files, Report, TaskSpec
from explorer.tasks.model import LoadedModel


@dataclass(frozen=True, slots=True)
class FeaturesRequest:
    """Features for the images of a data set that `transfer.reusing` keeps; `content` as in `PatchesRequest`.

    `again` counts how often an entry was lost (cleared, dropped, damaged) after it had been made: a task that is done
    is not done a second time.
    """

    dataset: str
    content: str = ""
    again: int = 0


@dataclass(frozen=True, slots=True)
class KeptFeatures:
    """The name of the entry, and the seconds that it took: for all images; 0 where it was there already."""

    entry: str
    seconds: float


def run(model: LoadedModel, request: FeaturesRequest, report: Report) -> None:
    """Compute the features, unless they are there already."""
    from explorer import datasets
    from explorer.transfer import compute, feature_cache, key_of

    data = datasets.load(request.dataset)
    weights = feature_cache.digest_of(model.net.state_dict())
    entry = key_of(model.meta, weights, request.dataset, request.content, data).name
    seconds = 0.0
    if feature_cache.read(entry) is None:
        features = compute(model.net, model.meta, data, report.progress)
        feature_cache.write(entry, features)
        seconds = features.train_seconds + features.test_seconds
    report.put("result.json", json.dumps({"entry": entry, "seconds": seconds}).encode())


def result(files: Files) -> KeptFeatures:
    """Parse what was kept."""
    return KeptFeatures(**json.loads(files["result.json"]))


SPECS = (TaskSpec("features", 1, FeaturesRequest, run, result),)
