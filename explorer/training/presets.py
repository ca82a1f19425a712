"""Ready-made experiments: configurations that are compared, and the sources of their recipes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from explorer.records import PIXELS, OptionValue, TrainConfig


@dataclass(frozen=True, slots=True)
class Experiment:
    """Runs that are compared: same data, same batches, same initial weights."""

    slug: str
    configs: tuple[TrainConfig, ...]


def _thin(depth: int, residual: bool) -> tuple[tuple[str, OptionValue], ...]:
    return ("depth", depth), ("residual", residual)


DIGITS = TrainConfig(
    network="thin-resnet",
    options=_thin(20, True),
    dataset="digits",
    batch=64,
    steps=200,
    lr=0.05,
    warmup=10,
    eval_every=25,
)
"""Small enough for a laptop, deep enough to fail: 8 x 8 digits, 8-16-32 channels, 200 steps of 64 (9 epochs).

With batches of 128 the same 200 steps end the same way and take half as long again.
"""

LENET = TrainConfig(
    network="lenet5",
    options=(("activation", "tanh"), ("pooling", "max")),
    dataset="mnist",
    pixels="raw",
    steps=468 * 30,
    lr=0.01,
    optimizer="sgd",
    momentum=0.0,
    nesterov=False,
    weight_decay=0.0,
    schedule="constant",
    init="glorot",
    log_every=468,
    eval_every=468,
    probe_every=468,
    checkpoint_every=468,
)
"""The notebook's experiment: SGD 0.01, batches of 128, 30 epochs, raw pixels, initial weights as in Keras."""

HE = TrainConfig(
    network="cifar-resnet20",
    dataset="cifar10",
    augment="crop-flip",
    steps=64_000,
    lr=0.1,
    nesterov=False,
    schedule="step",
    precision="bf16",
    log_every=100,
    eval_every=1_000,
    probe_every=1_000,
    checkpoint_every=2_000,
)
"""He et al. 2015, section 4.2: 64k steps of 128 images, divided by 10 at 32k and 48k."""

FAST = replace(
    HE,
    batch=512,
    lr=0.4,
    nesterov=True,
    warmup=147,
    schedule="cosine",
    steps=2_910,
    log_every=20,
    eval_every=97,
    probe_every=97,
    checkpoint_every=970,
)
"""Thirty epochs of 97 large batches, for a demonstration on a GPU."""

SHORT = replace(
    HE,
    nesterov=True,
    warmup=200,
    schedule="cosine",
    weight_decay=5e-4,
    steps=4_680,
    log_every=39,
    eval_every=390,
    probe_every=390,
    checkpoint_every=390,
)
"""Twelve epochs of 128 images: half an hour on one processor core with bfloat16."""

SHAPES = replace(SHORT, dataset="shapes", steps=744, warmup=31, log_every=31, eval_every=93, probe_every=93)
"""Twenty-four epochs of the generated shapes: minutes on one core, and the data set is always available."""

DENSE = replace(
    SHAPES,
    network="densenet-bc-100-12",
    options=(("depth", 40), ("growth", 12)),
    dataset="digits",
    augment="none",
    precision="fp32",
    batch=32,
    weight_decay=5e-3,
    steps=2_480,
    warmup=124,
    log_every=62,
    eval_every=310,
    probe_every=2_480,
)
"""Eighty-odd epochs of digits for a DenseNet-BC with three blocks of six layers: a few minutes on one core.

Many steps and a strong weight decay: what no layer reads has time to shrink, as in the 300 epochs of the paper.
"""

GATES = replace(
    SHAPES,
    network="mobilenet-v3-small",
    options=(("width", 0.5),),
    init="torch",
    precision="fp32",
    steps=2_976,
    warmup=124,
    log_every=62,
    eval_every=372,
    probe_every=2_976,
)
"""A small network with squeeze-and-excitation, 96 epochs of the generated shapes: two minutes on one core."""

CIFAR_GATES = replace(
    GATES, dataset="cifar10", steps=3_900, warmup=200, log_every=39, eval_every=390, probe_every=3_900
)
"""The same on photographs of 32 x 32, ten epochs: three minutes on one core."""


FEW = replace(
    SHORT,
    per_class=200,
    batch=100,
    steps=1_500,
    warmup=100,
    log_every=20,
    eval_every=100,
    probe_every=1_500,
    checkpoint_every=1_500,
)
"""Two hundred photographs of each class of CIFAR-10, 75 times: few enough to be learned by heart."""

FEW_SHAPES = replace(
    FEW,
    network="thin-resnet",
    options=(*_thin(14, True), ("base", 8)),
    dataset="shapes",
    per_class=40,
    batch=50,
    steps=400,
    warmup=40,
    log_every=8,
    eval_every=40,
    probe_every=400,
    checkpoint_every=40,
)
"""Forty generated figures of each class, fifty times, and a small network: half a minute on one core."""

AUGMENTATIONS = (
    "none",
    "crop_mirror",
    "resized-crop*low-0.02_rotation*degrees-180_jitter*brightness-1*contrast-1*saturation-1*hue-0.5"
    "_erasing*p-1*high-0.8",
)
"""Nothing; what the papers do with images of 32 x 32; and so much that the label is no longer true."""

SEEDS = 4


def augmentations(config: TrainConfig, seeds: int) -> tuple[TrainConfig, ...]:
    """Without augmentation, with it, and with too much of it; each with several seeds, so with several selections."""
    return tuple(replace(config, augment=augment, seed=seed) for augment in AUGMENTATIONS for seed in range(seeds))


def degradation(config: TrainConfig, depths: tuple[int, int]) -> tuple[TrainConfig, ...]:
    """Plain and residual at a shallow and a deep setting, all else equal."""
    return tuple(
        replace(config, options=tuple({**dict(config.options), **dict(_thin(depth, residual))}.items()))
        for depth in depths
        for residual in (False, True)
    )


def cifar(config: TrainConfig, depths: tuple[int, ...]) -> tuple[TrainConfig, ...]:
    """The paper's plain and residual networks at several depths."""
    pairs = [(depth, kind) for depth in depths for kind in ("plain", "resnet")]
    return tuple(replace(config, network=f"cifar-{kind}{depth}") for depth, kind in pairs)


def lenet_lab() -> tuple[TrainConfig, ...]:
    """LeNet-5 on the bundled digits, with every activation, pooling and scale of the pixels that its page offers."""
    epoch = 11  # batches
    base = replace(LENET, dataset="digits28", steps=30 * epoch, log_every=epoch, eval_every=epoch)
    base = replace(base, probe_every=epoch, checkpoint_every=epoch)
    return tuple(
        replace(base, options=(("activation", activation), ("pooling", pooling)), pixels=pixels)
        for activation in ("sigmoid", "tanh", "relu")
        for pooling in ("avg", "max")
        for pixels in PIXELS
    )


def digits_lab() -> tuple[TrainConfig, ...]:
    """What two presses on the page of plain and residual networks lead to, on digits.

    Every depth, start, with and without batch normalisation and skips; and the strengths of the skip at 20 and 56.
    """
    grid = [
        (init, {"depth": depth, "norm": norm, "residual": residual, "strength": 1.0})
        for depth in range(8, 57, 6)
        for init in ("he", "dirac", "zero", "torch")
        for norm in (True, False)
        for residual in (False, True)
    ]
    strengths = [step / 4 for step in range(9) if step != 4]
    grid += [
        ("he", {"depth": depth, "norm": True, "residual": True, "strength": strength})
        for depth in (20, 56)
        for strength in strengths
    ]
    return tuple(replace(DIGITS, init=init, options=(("base", 8), *options.items())) for init, options in grid)


_WITHOUT_BN = replace(DIGITS, options=(*DIGITS.options, ("norm", False)))

_ALL = (
    Experiment("digits", degradation(DIGITS, (20, 56))),
    # At this rate, and at 14 to 26 layers, the skip alone makes the difference; deeper, the sum itself grows too large.
    Experiment("bare-digits", degradation(replace(_WITHOUT_BN, lr=0.01), (8, 20))),
    Experiment("zero-digits", degradation(replace(_WITHOUT_BN, init="zero"), (20, 56))),
    Experiment("digits-lab", digits_lab()),
    Experiment("lenet", (LENET,)),
    Experiment("lenet-lab", lenet_lab()),
    Experiment("cifar-he", cifar(HE, (20, 32, 44, 56, 110))),
    Experiment("cifar-short", cifar(SHORT, (20,))),
    Experiment("cifar-fast", cifar(FAST, (20, 56))),
    Experiment("shapes-short", cifar(SHAPES, (20,))),
    Experiment("digits-dense", (DENSE,)),
    Experiment("shapes-gates", (GATES,)),
    Experiment("cifar-gates", (CIFAR_GATES,)),
    Experiment("augmentation-cifar", augmentations(FEW, SEEDS)),
    Experiment("augmentation-shapes", augmentations(FEW_SHAPES, SEEDS)),
)
EXPERIMENTS: Mapping[str, Experiment] = {experiment.slug: experiment for experiment in _ALL}
