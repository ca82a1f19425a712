"""The loop: one configuration, one curve; stopped and resumed; side by side with others; errors when it fails."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load
from torch import nn

from explorer.errors import TrainingDiverged
from explorer.networks import network
from explorer.records import TrainConfig, TrainPoint
from explorer.training import StartInfo, build_for, train, weight_layers, weights_of
from explorer.training.presets import DIGITS, degradation

QUICK = replace(DIGITS, options=(("depth", 8), ("base", 4)), steps=30, eval_every=10, checkpoint_every=7)
CLASSIC = replace(
    QUICK,
    network="lenet5",
    dataset="shapes",
    options=(("padding", 0),),
    pixels="unit",
    steps=6,
    log_every=2,
    eval_every=6,
)


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def timeless(points: list[TrainPoint]) -> list[TrainPoint]:
    """Points without their times."""
    return [replace(point, seconds=0.0, images_per_second=0.0) for point in points]


def curve(config: TrainConfig) -> list[TrainPoint]:
    return timeless(list(train(config, device="cpu")))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"optimizer": "adamw", "lr": 0.003, "schedule": "onecycle"},
        {"augment": "crop-flip", "label_smoothing": 0.1},
        {"augment": "mirror_crop*padding-0.25_rotation*p-0.5_blur_cutmix*p-0.7", "label_smoothing": 0.1},
        {"dataset": "shapes", "augment": "jitter_pca-colour_erasing", "per_class": 12, "batch": 16},
        {"mixup": 0.2, "clip": 1.0, "schedule": "step"},
        {"options": (("depth", 8), ("base", 4), ("norm", False), ("strength", 0.5)), "init": "dirac"},
    ],
)
def test_the_same_configuration_gives_the_same_curve_also_when_resumed(changes: dict[str, object]) -> None:
    config = replace(QUICK, **changes)  # type: ignore[arg-type]
    whole = curve(config)
    blobs: dict[int, bytes] = {}
    before: list[TrainPoint] = []
    for point in train(config, device="cpu", on_checkpoint=blobs.__setitem__, stop=lambda step: step >= 10):
        before.append(point)
    assert max(blobs) == before[-1].step == 10
    after = list(train(config, device="cpu", resume=blobs[max(blobs)]))
    assert timeless(before + after) == whole
    # A checkpoint in the middle of an interval, as a killed worker leaves it: later points come again, the same.
    again = timeless(list(train(config, device="cpu", resume=blobs[7])))
    assert again == [point for point in whole if point.step > 7]


def test_points_come_when_they_are_due() -> None:
    points = curve(replace(QUICK, log_every=4, probe_every=15, eval_every=10))
    assert [p.step for p in points] == [0, 4, 8, 10, 12, 15, 16, 20, 24, 28, 30]
    assert [p.step for p in points if p.test_loss is not None] == [0, 10, 20, 30]
    assert [p.step for p in points if p.gradient_norms] == [0, 15, 30]
    assert all(len(p.gradient_norms) == len(p.activations) == 8 for p in points if p.gradient_norms and p.activations)
    assert points[-1].epoch == pytest.approx(30 * QUICK.batch / 1437)


def test_runs_side_by_side_are_what_they_are_alone() -> None:
    configs = [replace(QUICK, seed=seed, steps=10) for seed in range(3)]
    alone = [curve(config) for config in configs]
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(curve, configs)) == alone
    assert alone[0] != alone[1]


def test_plain_and_residual_see_the_same_batches_from_the_same_weights() -> None:
    """Without skips in play yet, the loss of the first batch differs; the data and the weights do not."""
    plain, residual = degradation(replace(QUICK, steps=1), (8, 8))[:2]
    assert replace(plain, options=()) == replace(residual, options=())
    first, second = curve(plain)[0], curve(residual)[0]
    assert first.train_loss != second.train_loss
    assert first.activations is not None
    assert second.activations is not None
    assert first.activations[0] == second.activations[0]  # the first convolution, before any skip


def test_the_norms_of_weights_are_those_of_the_network_as_it_starts() -> None:
    net = build_for(QUICK, (1, 8, 8), 10)
    wanted = [float(layer.weight.detach().double().square().sum().sqrt()) for layer in weight_layers(net).values()]
    assert curve(replace(QUICK, steps=1))[0].weight_norms == pytest.approx(wanted, rel=1e-5)


def test_a_network_learns() -> None:
    points = curve(replace(QUICK, options=(("depth", 8), ("base", 8)), steps=60))
    assert points[-1].train_accuracy > 0.9
    assert points[-1].test_accuracy is not None
    assert points[-1].test_accuracy > 0.85
    assert points[0].train_accuracy < 0.4


def test_a_run_that_diverges_says_where() -> None:
    config = replace(QUICK, options=(("depth", 20), ("norm", False), ("strength", 2.0)), lr=10.0, clip=0.0)
    with pytest.raises(TrainingDiverged, match="no longer finite") as caught:
        list(train(config, device="cpu"))
    assert caught.value.step <= config.steps


def test_start_and_weights_are_handed_over() -> None:
    infos: list[StartInfo] = []
    blobs: dict[int, bytes] = {}
    list(train(QUICK, device="cpu", on_start=infos.append, on_checkpoint=blobs.__setitem__))
    (info,) = infos
    assert info.device == "cpu"
    assert info.layers[0] == "conv1"
    assert info.layers[-1] == "fc"
    assert sorted(blobs) == [7, 14, 21, 28, 30]
    net = network("thin-resnet").build(depth=8, base=4, channels=1)
    net.load_state_dict(load(weights_of(blobs[30])))
    assert sum(p.numel() for p in net.parameters()) == info.parameters


@pytest.mark.parametrize("step", [0, 5, 7])
def test_a_stop_hands_the_state_over_once(step: int) -> None:
    saved: list[int] = []
    asked: list[int] = []
    config = replace(QUICK, log_every=1)
    points = list(
        train(
            config,
            device="cpu",
            on_checkpoint=lambda at, blob: saved.append(at),
            stop=lambda done: asked.append(done) or done >= step,  # type: ignore[func-returns-value]
        )
    )
    assert saved == [step]
    assert asked == list(range(step + 1)), "asked once before each step, with the number of those that are done"
    assert [point.step for point in points] == (list(range(step + 1)) if step else [])


def test_a_network_for_colour_keeps_its_own_names_on_grey_images() -> None:
    config = replace(QUICK, network="cifar-resnet20", options=(), steps=1)
    blobs: dict[int, bytes] = {}
    list(train(config, device="cpu", on_checkpoint=blobs.__setitem__))
    network("cifar-resnet20").build(channels=1).load_state_dict(load(weights_of(blobs[1])))


def test_two_halves_are_the_whole_batch() -> None:
    """LeNet-5 has no batch normalisation: its batches are worked on by two threads, and nothing else changes."""
    from explorer.training import stepping

    whole = [p.train_loss for p in curve(CLASSIC)]
    original = stepping.make_step
    assert isinstance(original(network("lenet5").build(), CLASSIC, torch.device("cpu"), False), stepping.ShardedStep)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("explorer.training.learner.make_step", stepping.Step)
        single = [p.train_loss for p in curve(CLASSIC)]
    assert whole == pytest.approx(single, rel=1e-5)


def test_no_hook_and_no_thread_survive_a_run_that_is_dropped() -> None:
    import threading

    before = threading.active_count()
    points = train(CLASSIC, device="cpu")
    next(points)
    assert threading.active_count() > before
    points.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before


def test_batch_normalisation_keeps_a_batch_together() -> None:
    from explorer.training import stepping

    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))
    assert type(stepping.make_step(net, CLASSIC, torch.device("cpu"), False)) is stepping.Step
