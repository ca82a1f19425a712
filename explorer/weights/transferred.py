"""The recorded runs of transfer learning, put together over their seeds; needs no torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from explorer.arithmetic import parameters_of
from explorer.records import LayerRecord, Segment, TransferResult
from explorer.weights import recorded_transfers

LITE, RESNET, SMALL = (
    "pretrained:efficientnet-lite0",
    "recorded:cifar-he-cifar-resnet20-seed0",
    "random:cifar-resnet20",
)
"""What was transferred: a network that knows ImageNet's photographs, one that knows CIFAR-10's, and one with initial
weights."""

NEAR, FAR = "own:cifar10", ("digits", "shapes")
"""Data sets as the runs name them: photographs, and what is drawn or written."""

AMOUNTS = (5, 50, 0)
"""Training images of each class; 0 is all of them."""

USUAL_RATE, GENTLE_RATE = 0.02, 0.005
"""Learning rates of fine-tuning: that of all figures, and the control."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Recorded runs that differ by their seed alone, at least one."""

    runs: tuple[TransferResult, ...]

    @property
    def accuracies(self) -> tuple[float, ...]:
        """Test accuracy of each run at its end, in percent."""
        return tuple(100 * run.test_accuracy for run in self.runs)

    @property
    def mean(self) -> float:
        """Of `accuracies`."""
        return fmean(self.accuracies)

    @property
    def parameters(self) -> int:
        """How many parameters were trained."""
        return self.runs[0].parameters


def recorded_spread(
    source: str, dataset: str, regime: str, per_class: int, stages: int | None = None, lr: float = USUAL_RATE
) -> Spread | None:
    """The runs of one experiment, by seed; None where it was not recorded.

    `stages` is how many stay; by default all of a frozen network, and none of another. `lr` counts for fine-tuning.
    """
    found = []
    for run in recorded_transfers():
        config = run.config
        asked = (source, dataset, regime, per_class) == (config.source, config.dataset, config.regime, config.per_class)
        usual = len(run.stage_names) if regime == "frozen" else 0
        fits = config.stages == (usual if stages is None else stages)
        if asked and fits and (regime != "finetune" or config.lr == lr):
            found.append(run)
    return Spread(tuple(sorted(found, key=lambda run: run.config.seed))) if found else None


def gains(dataset: str, per_class: int, regime: str = "frozen") -> tuple[float, ...]:
    """Percentage points that a network trained on ImageNet has over ResNet-20 from scratch, seed by seed.

    Runs of one seed learn the same images, so their difference is taken, not that of means. Empty where either was not
    recorded.
    """
    moved, alone = (
        recorded_spread(source, dataset, how, per_class) for source, how in ((LITE, regime), (SMALL, "scratch"))
    )
    if moved is None or alone is None:
        return ()
    base = {run.config.seed: 100 * run.test_accuracy for run in alone.runs}
    return tuple(100 * run.test_accuracy - base[run.config.seed] for run in moved.runs if run.config.seed in base)


def similar(dataset: str, per_class: int, stages: int = 0) -> TransferResult | None:
    """The fine-tuning whose representations were compared before and after; None where none was."""
    found = recorded_spread(LITE, dataset, "finetune", per_class, stages)
    return next((run for run in found.runs if run.similarity), None) if found else None


# --- how much is trained ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StageSize:
    """A stage of a network: the numbers that it gives for an image once its maps are averaged, and its parameters."""

    name: str
    features: int
    parameters: int


def stage_sizes(stages: Sequence[Segment]) -> tuple[StageSize, ...]:
    """The stages of a network, by its outline; the last one without the last weight layer, which is new in a transfer.

    The classes of the source are therefore not in it.
    """
    *others, last = stages
    classifier = _classifier(last)
    return (
        *(StageSize(each.stage, each.out_shape[0], each.parameters) for each in others),
        StageSize(last.stage, classifier.in_shape[-1], last.parameters - classifier.parameters),
    )


def trained_parameters(stages: Sequence[Segment], kept: int, classes: int) -> int:
    """Parameters that train where the first `kept` stages stay: those of the others, and of a new last layer."""
    sizes, classifier = stage_sizes(stages), _classifier(stages[-1])
    new = classifier._replace(out_shape=(classes,))
    formula = parameters_of(new)
    assert formula, "a linear layer has weights"
    return sum(each.parameters for each in sizes[kept:]) + formula.value


def softmax_parameters(features: int, classes: int) -> int:
    """Weights and biases of a softmax on so many features."""
    return (features + 1) * classes


def _classifier(stage: Segment) -> LayerRecord:
    return next(layer for layer in reversed(stage.layers) if layer.kind == "linear")
