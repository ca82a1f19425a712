"""The result of each task, compared with a direct computation."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save
from torch import nn

from explorer import datasets, tasks
from explorer.datasets import select
from explorer.networks import network
from explorer.records import FeatureVisConfig, Lesion, ModelMeta, NetworkInstance, Normalize
from explorer.tasks import LoadedModel, load_model
from explorer.tasks.entries.ablation_sweep import SweepRequest
from explorer.tasks.entries.features import FeaturesRequest
from explorer.tasks.entries.feeding import TIMELINES, FeedRequest, configurations
from explorer.tasks.entries.maximize import NEWEST
from explorer.tasks.entries.patches import PatchesRequest
from explorer.transfer import feature_cache
from explorer.units import blocks_of, lesioned
from tests.units.conftest import built

MEAN, STD = 120.0, 60.0


class Collected:
    """A report that keeps everything; `ends` is called with every step."""

    def __init__(self, ends: Callable[[int], None] = lambda done: None) -> None:
        self.steps: list[tuple[int, int]] = []
        self.values: list[float] = []
        self.files: dict[str, bytes] = {}
        self.put_times: list[str] = []
        self._ends = ends

    def progress(self, done: int, total: int) -> None:
        self._ends(done)
        self.steps.append((done, total))

    def value(self, value: float) -> None:
        self.values.append(value)

    def put(self, name: str, content: bytes) -> None:
        self.files[name] = content
        self.put_times.append(name)


def model_of(slug: str) -> tuple[LoadedModel, nn.Module]:
    """A model as it arrives in a worker, and the network that it came from."""
    net, _ = built(slug)
    spec = network(slug)
    channels = spec.input_shape[0]
    names = tuple(map(str, range(spec.classes)))
    meta = ModelMeta(NetworkInstance.of(spec), names, Normalize((MEAN,) * channels, (STD,) * channels))
    return load_model(meta.to_json(), save(net.state_dict())), net


def scaled(images: torch.Tensor) -> torch.Tensor:
    return (images.float() - MEAN) / STD


def test_a_model_arrives_as_it_was_sent() -> None:
    model, net = model_of("cifar-resnet20")
    x = torch.rand(2, 3, 32, 32)
    with torch.inference_mode():
        assert torch.equal(model.net(x), net(x))
    assert not any(parameter.requires_grad for parameter in model.net.parameters())
    assert model.trace().layers[-1].out_shape == (10,)


def test_patches_are_the_largest_activations_there_are() -> None:
    model, net = model_of("lenet5")
    report = Collected()
    spec = tasks.task("patches")
    spec.run(model, PatchesRequest("a3", "digits28", 100, k=3), report)
    found = spec.result(report.files)
    assert report.steps[-1] == (100, 100)
    maps: list[torch.Tensor] = []
    with torch.inference_mode():
        net.get_submodule("a3").register_forward_hook(lambda _module, _inputs, output: maps.append(output))
        net(scaled(datasets.load("digits28").train_images[:100]))
    volume = maps[0].numpy()  # (N, C, h, w)
    best = volume.max((2, 3))  # (N, C)
    assert found.searched == 100
    assert np.allclose(found.values, -np.sort(-best, axis=0)[:3].T, atol=1e-5)
    assert np.allclose(found.mean, volume.mean((0, 2, 3)), atol=1e-5)
    for channel in range(volume.shape[1]):
        for rank in range(3):
            at = found.images[channel, rank], channel, found.rows[channel, rank], found.columns[channel, rank]
            assert volume[at] == pytest.approx(found.values[channel, rank], abs=1e-5)


def test_an_image_emerges_that_excites_the_class_more_and_more() -> None:
    model, net = model_of("lenet5")
    report, spec = Collected(), tasks.task("maximize")
    spec.run(model, FeatureVisConfig("class", "", 4, steps=25, jitter=False, rotate=False, scale=False), report)
    frames = spec.result(report.files).frames
    assert report.steps == [(step, 25) for step in range(26)]
    assert [step for step, _ in frames] == [0, 1, 4, 9, 16, 25]
    assert report.put_times.count(NEWEST) == 26
    assert report.files[NEWEST] == frames[-1][1]
    assert report.values[-1] > report.values[0]
    with Image.open(io.BytesIO(frames[-1][1])) as image:
        pixels = torch.from_numpy(np.array(image))[None, None]
    with torch.inference_mode():
        assert float(net(scaled(pixels))[0, 4]) == pytest.approx(report.values[-1], abs=0.05), (
            "stored in steps of 1/255"
        )


def test_a_sweep_measures_the_network_without_each_block() -> None:
    model, net = model_of("cifar-resnet20")
    report, spec = Collected(), tasks.task("ablation-sweep")
    spec.run(model, SweepRequest("shapes", 60), report)
    sweep = spec.result(report.files)
    data = datasets.load("shapes")
    x, labels = scaled(data.test_images[:60]), data.test_labels[:60]
    blocks = blocks_of(net, model.trace())
    ways = [block.module for block in blocks if block.way]
    assert list(sweep.without) == ways
    assert len(ways) == 9
    for name in ("", *ways):
        with lesioned(net, Lesion(blocks=(name,) if name else ()), blocks), torch.inference_mode():
            right = int((net(x).argmax(1) == labels).sum()) / 60
        assert (sweep.without[name] if name else sweep.whole) == pytest.approx(right, abs=1.5 / 60)
    assert report.values == [sweep.whole, *sweep.without.values()]
    assert report.steps[-1] == (10, 10)


def test_features_are_kept_on_disk_and_computed_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CONVNET_ATLAS_DATA", str(tmp_path))
    model, net = model_of("cifar-resnet20")
    digits = datasets.load("digits")
    spec, first, second = tasks.task("features"), Collected(), Collected()
    spec.run(model, FeaturesRequest("digits"), first)
    found = spec.result(first.files)
    assert first.steps[0] == (0, 800)
    assert first.steps[-1] == (800, 800)
    assert found.seconds > 0
    kept = feature_cache.read(found.entry)
    assert kept
    x = scaled(digits.train_images[select(digits.train_labels, 50, 0)[:3]]).expand(-1, 3, -1, -1)
    x = nn.functional.interpolate(x, (32, 32), mode="bilinear", align_corners=False)
    maps: list[torch.Tensor] = []
    net.get_submodule("layer2").register_forward_hook(lambda _module, _inputs, output: maps.append(output))
    with torch.inference_mode():
        net(x)
    torch.testing.assert_close(kept.train[2][:3], maps[0].mean((2, 3)), atol=1e-5, rtol=1e-4)
    spec.run(model, FeaturesRequest("digits", again=1), second)
    assert spec.result(second.files) == replace(found, seconds=0)
    assert not second.steps, "they were there"


class Ended(Exception):
    pass


@pytest.mark.parametrize(
    ("slug", "net", "request_"),
    [
        ("patches", "lenet5", PatchesRequest("a3", "digits28", 200)),
        ("maximize", "lenet5", FeatureVisConfig("channel", "a3", 1, steps=50)),
        ("ablation-sweep", "cifar-resnet20", SweepRequest("shapes", 10)),
        ("features", "cifar-resnet20", FeaturesRequest("digits")),
    ],
)
def test_a_report_that_raises_leaves_the_network_as_it_was(
    slug: str, net: str, request_: object, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def ends(done: int) -> None:
        if done > 0:
            raise Ended

    monkeypatch.setenv("CONVNET_ATLAS_DATA", str(tmp_path))
    model, _ = model_of(net)
    kinds = [type(module) for module in model.net.modules()]
    report = Collected(ends)
    with pytest.raises(Ended):
        tasks.task(slug).run(model, request_, report)
    assert len(report.steps) <= 1
    assert [type(module) for module in model.net.modules()] == kinds
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.net.modules())


# --- feeding ----------------------------------------------------------------------------------------------------------


def test_feeding_is_measured_without_a_worker_and_from_memory() -> None:
    model, _ = model_of("lenet5")
    report, request = Collected(), FeedRequest("shapes", 0, 4, 3, 1.0, 2, 1)
    spec = tasks.task("feeding")
    spec.run(model, request, report)
    found = spec.result(report.files)
    assert [result.config for result in found] == list(configurations(request))
    assert [result.config.source for result in found] == ["jpeg", "memory"]
    assert all(len(result.batches) == 3 for result in found)
    assert report.values == pytest.approx([result.images_per_second for result in found], rel=1e-2)
    assert report.put_times == [TIMELINES] * 2, "what is measured is shown before the rest is"
    assert report.steps[-1] == (12, 12)
    assert [done for done, _ in report.steps] == sorted(done for done, _ in report.steps)


def test_feeding_stops_between_two_batches() -> None:
    class StoppedError(Exception):
        pass

    def ends(done: int) -> None:
        if done == 2:
            raise StoppedError

    model, _ = model_of("lenet5")
    report = Collected(ends)
    with pytest.raises(StoppedError):
        tasks.task("feeding").run(model, FeedRequest("shapes", 0, 4, 3, 1.0, 2, 1), report)
    assert report.steps == [(1, 12)]
    assert not report.files
