"""Ready-made plans: what is transferred where, in which regimes, with which recipes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from explorer.datasets import available
from explorer.networks import network
from explorer.records import TransferConfig

LITE, RESNET = "pretrained:efficientnet-lite0", "recorded:cifar-he-cifar-resnet20-seed0"
SMALL = "random:cifar-resnet20"
"""From scratch only: the network that is made for images of 32 x 32, a fair opponent for a large one."""

FEW, SOME, ALL = 5, 50, 0
"""Images of each class."""

SEEDS = (0, 1, 2)
_SLUGS = {LITE: "efficientnet-lite0", RESNET: "cifar-resnet20", SMALL: "cifar-resnet20"}
_MIRRORED = ("cifar", "shapes")
"""In the names of data sets whose classes a mirror leaves alone: a mirrored digit is none."""


def recipe(
    source: str, dataset: str, regime: str, per_class: int, *, stages: int | None = None, seed: int = 0
) -> TransferConfig:
    """The usual configuration of a regime. `stages`: all of them if frozen, else none.

    Rates are of the size that Kornblith et al. 2019 (arXiv:1805.08974, appendix A) found best for SGD with Nesterov's
    momentum: 0.01 to 0.1 for fine-tuning, more from scratch.
    """
    count = len(network(_SLUGS[source]).stages)
    kept = stages if stages is not None else count if regime == "frozen" else 0
    small, augmentable = _SLUGS[source] != "efficientnet-lite0", any(name in dataset for name in _MIRRORED)
    batch, steps = _budget(regime, per_class, small)
    return TransferConfig(
        source=source,
        dataset=dataset,
        regime=regime,
        per_class=per_class,
        stages=kept,
        steps=steps,
        batch=batch,
        lr={"frozen": 0.01, "finetune": 0.02, "scratch": 0.1}[regime],
        weight_decay=1e-3 if regime == "frozen" else 1e-4,
        warmup=0 if regime == "frozen" else steps // 10,
        augment="crop-flip" if augmentable and regime != "frozen" else "none",
        seed=seed,
        evaluations=10 if regime == "frozen" or small else 1,
        similarity=seed == 0 and regime == "finetune",
    )


def _budget(regime: str, per_class: int, small: bool) -> tuple[int, int]:
    """Images of a batch, and steps: two epochs of everything for a large network, more for a small one."""
    if regime == "frozen":
        return (500, 1_000) if per_class == ALL else (50, 500)
    if per_class != ALL:
        return 50, {FEW: 100, SOME: 300}.get(per_class, 300) * (4 if regime == "scratch" and small else 1)
    return (500, 1_500) if small else (250, 400)


def near(dataset: str = "own:cifar10") -> Iterator[TransferConfig]:
    """Photographs to photographs: three regimes, three sizes, three seeds."""
    for per_class in (FEW, SOME, ALL):
        for seed in SEEDS:
            yield recipe(LITE, dataset, "frozen", per_class, seed=seed)
    for per_class in (FEW, SOME):
        for seed in SEEDS:
            yield recipe(LITE, dataset, "finetune", per_class, seed=seed)
    yield recipe(LITE, dataset, "finetune", ALL)
    for per_class in (FEW, SOME, ALL):
        for seed in SEEDS:
            yield recipe(SMALL, dataset, "scratch", per_class, seed=seed)
    for seed in SEEDS[1:]:
        yield recipe(LITE, dataset, "finetune", ALL, seed=seed)
    for per_class in (FEW, SOME):
        for seed in SEEDS:
            yield recipe(LITE, dataset, "scratch", per_class, seed=seed)


def by_stage(dataset: str = "own:cifar10", per_class: int = SOME) -> Iterator[TransferConfig]:
    """Which layers transfer: a softmax on the features of each stage but the last, which `near` has."""
    for seed in SEEDS:
        for stages in range(1, len(network(_SLUGS[LITE]).stages)):
            yield recipe(LITE, dataset, "frozen", per_class, stages=stages, seed=seed)


def thawed(dataset: str = "own:cifar10", per_class: int = SOME) -> Iterator[TransferConfig]:
    """How many stages should stay: fine-tuning of what follows them; `near` has none and all."""
    for seed in SEEDS:
        for stages in range(2, len(network(_SLUGS[LITE]).stages), 2):
            yield recipe(LITE, dataset, "finetune", per_class, stages=stages, seed=seed)


def large(dataset: str = "own:cifar10") -> Iterator[TransferConfig]:
    """What takes longest: the large network on everything, from scratch, as many epochs as fine-tuning has."""
    for seed in SEEDS:
        yield recipe(LITE, dataset, "scratch", ALL, seed=seed)


def gentle(dataset: str = "own:cifar10", lr: float = 0.005) -> Iterator[TransferConfig]:
    """Whether fine-tuning on few images only wants a lower rate."""
    for seed in SEEDS:
        for per_class in (FEW, SOME):
            yield replace(recipe(LITE, dataset, "finetune", per_class, seed=seed), lr=lr)


def far(dataset: str = "digits") -> Iterator[TransferConfig]:
    """Photographs to something else: from a large network, and from one that knows CIFAR-10's photographs only."""
    for seed in SEEDS:
        for per_class in (FEW, SOME):
            for source in (LITE, RESNET):
                yield recipe(source, dataset, "frozen", per_class, seed=seed)
                yield recipe(source, dataset, "finetune", per_class, seed=seed)
            yield recipe(SMALL, dataset, "scratch", per_class, seed=seed)


def recorded(dataset: str = "own:cifar10", digits: str = "own:mnist") -> Iterator[TransferConfig]:
    """All of it, by worth: what a stop would cut off comes last. `digits` are left out where they are not there."""
    yield from near(dataset)
    yield from by_stage(dataset)
    yield from far("digits")
    yield from gentle(dataset)
    yield from thawed(dataset)
    yield from large(dataset)
    yield from far("shapes")
    if available(digits):
        yield from far(digits)


def tiny(dataset: str = "shapes") -> Iterator[TransferConfig]:
    """Each regime once, in seconds on any processor: that it works."""
    for source, regime in ((RESNET, "frozen"), (RESNET, "finetune"), (SMALL, "scratch")):
        usual = recipe(source, dataset, regime, FEW)
        yield replace(usual, steps=4, batch=16, warmup=0, evaluations=1, precision="fp32")


PLANS: Mapping[str, Callable[..., Iterator[TransferConfig]]] = {
    "near": near,
    "by-stage": by_stage,
    "thawed": thawed,
    "gentle": gentle,
    "far": far,
    "large": large,
    "recorded": recorded,
    "tiny": tiny,
}
"""By name; each takes the slug of a data set."""
