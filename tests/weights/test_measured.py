"""What was measured on a GPU ships with its commands, and the README's tables say what the records say."""

from __future__ import annotations

import statistics
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from explorer.feeding import PLANS as FEEDS
from explorer.records import FeedResult
from explorer.transfer import PLANS
from explorer.transfer.presets import LITE, SMALL
from explorer.weights import recorded_averages, recorded_feeds, recorded_transfers

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
NEAR = "own:cifar10"


def accuracies(source: str, regime: str, per_class: int) -> list[float]:
    """In percent, by seed: nothing stays but in the regime that freezes everything; fine-tuning at the usual rate."""
    return [
        100 * run.test_accuracy
        for run in recorded_transfers()
        if (run.config.source, run.config.regime, run.config.per_class) == (source, regime, per_class)
        and run.config.dataset == NEAR
        and run.config.stages == (9 if regime == "frozen" else 0)
        and run.config.lr != 0.005
    ]


def on_the_gpu() -> list[FeedResult]:
    """The timelines from the machine of the README's tables."""
    return [feed for feed in recorded_feeds() if feed.device == recorded_transfers()[0].device]


def test_all_that_was_planned_was_recorded_once() -> None:
    planned = {config.name: 0 for config in PLANS["recorded"](NEAR, "own:nothing")}
    for run in recorded_transfers():
        planned[run.config.name] += 1
    assert set(planned.values()) == {3}, "three seeds of each"
    assert all(run.command.startswith("python -m explorer.transfer ") for run in recorded_transfers())
    assert len({run.device for run in (*recorded_transfers(), *on_the_gpu())}) == 1


def test_feeding_was_recorded_as_planned_on_a_gpu_and_on_two_cores() -> None:
    planned = {"recorded": [*FEEDS["recorded"](NEAR)], "here": [*FEEDS["here"]()]}
    assert [feed.config for feed in on_the_gpu()] == planned["recorded"]
    here = [feed for feed in recorded_feeds() if feed not in on_the_gpu()]
    assert [feed.config for feed in here] == [replace(config, pinned=False) for config in planned["here"]]
    assert {feed.cores for feed in here} == {2}
    assert all(feed.command.startswith("python -m explorer.feeding ") for feed in recorded_feeds())


@pytest.mark.parametrize(("per_class", "name"), [(5, "5"), (50, "50"), (0, "5,000")])
def test_the_readme_has_the_means_and_ranges(per_class: int, name: str) -> None:
    columns = [(LITE, "frozen"), (LITE, "finetune"), (SMALL, "scratch"), (LITE, "scratch")]
    found = [accuracies(*column, per_class) for column in columns]
    assert [len(each) for each in found] == [3] * 4
    cells = [f"{statistics.mean(each):.1f}% ({min(each):.1f} to {max(each):.1f})" for each in found]
    assert f"| {name} | {' | '.join(cells)} |" in README


def test_the_readme_has_the_images_a_second() -> None:
    usual = {
        feed.config.workers: f"{feed.images_per_second:,.0f}"
        for feed in on_the_gpu()
        if feed.config.source != "memory"
        and feed.config.pinned
        and feed.config.prefetch == 2
        and not feed.config.step_ms
    }
    rates = ", ".join(usual[workers] for workers in (2, 4, 8)) + f", {usual[12]} and {usual[16]}"
    [memory] = [f"{feed.images_per_second:,.0f}" for feed in on_the_gpu() if feed.config.source == "memory"]
    said = " ".join(README.split())
    assert f"{usual[0]} images/s without a worker, {usual[1]} with one, {rates} with 2, 4, 8, 12 and 16" in said
    assert f"{memory} from images in memory" in said


@pytest.mark.parametrize(
    ("name", "model", "row"),
    [
        ("cifar", "recorded:cifar-he-cifar-resnet20-seed0", "ResNet-20, He et al.'s recipe"),
        ("cifar", "recorded:cifar-fast-cifar-resnet56-seed0", "ResNet-56, 30 epochs"),
        ("lite", "pretrained:efficientnet-lite0", "EfficientNet-Lite0,"),
        ("lite", "pretrained:efficientnet-lite2", "EfficientNet-Lite2,"),
    ],
)
def test_the_readme_has_what_more_views_gain(name: str, model: str, row: str) -> None:
    found = recorded_averages()[name]
    labels = np.frombuffer(found.labels, np.uint8)
    [member] = [each for each in found.members if each.model == model]
    said = [np.frombuffer(member.schemes[scheme].shares, np.uint8) for scheme in ("one", "flip", "ten", "multi")]
    right = [100 * float((each.reshape(len(labels), -1).argmax(1) == labels).mean()) for each in said]
    [line] = [line for line in README.splitlines() if line.startswith(f"| {row}") and line.count("|") == 6]
    assert line.endswith(" | " + " | ".join(f"{share:.1f}%" for share in right) + " |")


def test_a_batch_is_trained_after_it_was_loaded() -> None:
    for feed in recorded_feeds():
        assert len(feed.batches) == feed.config.batches
        assert all(batch.loading[1] <= batch.step[0] for batch in feed.batches)


def test_what_is_said_of_pinned_memory_is_so_in_both_records() -> None:
    both = [
        feed
        for feed in on_the_gpu()
        if (feed.config.source, feed.config.workers, feed.config.prefetch, feed.config.step_ms) == ("jpeg", 8, 2, 0)
    ]
    assert {feed.config.pinned for feed in both} == {True, False}
    assert all(feed.shares["waiting"] > 0.5 for feed in both)
