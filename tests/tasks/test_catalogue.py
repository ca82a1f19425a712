"""Every task of the catalogue: its request is plain values, and its key identifies exactly one result."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, fields, replace
from typing import Any

import pytest

from explorer import tasks
from explorer.errors import UnknownEntry
from explorer.records import FeatureVisConfig, ModelMeta, NetworkInstance, Normalize
from explorer.tasks import TaskSpec, contract, order
from explorer.tasks.entries.ablation_sweep import SweepRequest
from explorer.tasks.entries.dying import DyingRequest
from explorer.tasks.entries.features import FeaturesRequest
from explorer.tasks.entries.feeding import FeedRequest
from explorer.tasks.entries.patches import PatchesRequest

INSTANCE = NetworkInstance("lenet5", (("activation", "tanh"), ("pooling", "max")), 10, (1, 28, 28))
META = ModelMeta(INSTANCE, tuple("0123456789"), Normalize((0.0,), (255.0,)))
REQUESTS: dict[str, Any] = {
    "patches": PatchesRequest("a3", "digits28", 64),
    "maximize": FeatureVisConfig("channel", "a3", 1),
    "ablation-sweep": SweepRequest("shapes", 100),
    "features": FeaturesRequest("shapes"),
    "feeding": FeedRequest("shapes", 1, 4, 3, 1.5, 2, 1),
    "dying": DyingRequest(0.1, 3),
}
OTHER = {str: "other", int: 7, float: 0.125, bool: None}


def test_every_task_is_tried_here() -> None:
    assert set(REQUESTS) == set(tasks.tasks())
    with pytest.raises(UnknownEntry, match="patches"):
        tasks.task("patch")


def changed(record: Any, name: str) -> Any:
    value = getattr(record, name)
    return replace(record, **{name: not value if isinstance(value, bool) else OTHER[type(value)]})


@pytest.mark.parametrize("slug", REQUESTS)
def test_a_request_is_plain_and_comes_back_from_json(slug: str) -> None:
    request, spec = REQUESTS[slug], tasks.task(slug)
    assert all(isinstance(value, str | int | float | bool) for value in asdict(request).values())
    assert spec.request(**json.loads(order(slug, request, META, "w").request)) == request


def test_what_a_model_is_comes_back_from_json() -> None:
    assert ModelMeta.from_json(order("patches", REQUESTS["patches"], META, "w").model) == META


@pytest.mark.parametrize("slug", REQUESTS)
def test_whatever_decides_the_result_decides_the_key(slug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    request = REQUESTS[slug]
    first = order(slug, request, META, "weights")
    assert order(slug, replace(request), replace(META), "weights") == first
    others = [order(slug, changed(request, field.name), META, "weights") for field in fields(request)]
    metas = [replace(META, instance=replace(INSTANCE, slug="alexnet")), replace(META, categories=tuple("abcdefghij"))]
    shorter, wider = replace(INSTANCE, options=()), replace(INSTANCE, classes=11)
    metas += [replace(META, instance=shorter), replace(META, instance=wider)]
    metas += [replace(META, instance=replace(INSTANCE, input_shape=(1, 32, 32)))]
    metas += [replace(META, normalize=Normalize((1.0,), (255.0,))), replace(META, normalize=Normalize((0.0,), (1.0,)))]
    others += [order(slug, request, meta, "weights") for meta in metas]
    others.append(order(slug, request, META, "other weights"))
    spec = tasks.task(slug)
    newer = TaskSpec(slug, spec.version + 1, spec.request, spec.run, spec.result)
    monkeypatch.setattr(contract, "tasks", lambda: {slug: newer, "twin": replace(newer, slug="twin")})
    others += [order(slug, request, META, "weights"), order("twin", request, META, "weights")]
    keys = [first.key, *(other.key for other in others)]
    assert len(set(keys)) == len(keys)
    assert all(len(key) == 32 for key in keys)


def test_a_task_is_ordered_without_torch() -> None:
    code = """
import sys
from explorer.records import ModelMeta, NetworkInstance, Normalize
from explorer.tasks import order
from explorer.tasks.entries.dying import DyingRequest
from explorer.tasks.entries.features import FeaturesRequest
from explorer.tasks.entries.feeding import FeedRequest
from explorer.tasks.entries.patches import PatchesRequest
meta = ModelMeta(NetworkInstance("c", (), 1, (1, 1, 1)), ("d",), Normalize((0.0,), (1.0,)))
order("patches", PatchesRequest("a", "b", 1), meta, "w")
print("torch" in sys.modules, "numpy" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
