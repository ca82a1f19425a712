"""Every error the explorer raises on purpose.

ExplorerError                 one sentence a person can act on
├── UnknownEntry              a catalogue was asked for something it does not hold
├── CatalogueError            a catalogue itself is wrong: two entries share a slug, a file declares nothing
├── BadOption                 a network was given an option it does not take, or a value outside its choices
├── ShapeMismatch             an input does not fit a network
├── BadImage                an image cannot be read
├── DatasetError              a data set cannot be had: no network, not there, or not in the expected form
├── TrainingDiverged          loss or gradients are no longer finite
├── AttributionFailed         a method cannot look into a network, or finds nothing finite
└── RunStoreError             the run store was asked for something it cannot do
    └── RunStoreAway          it does not answer just now: locked, restarting, its disk full
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches


class ExplorerError(Exception):
    """Base of all of them; its text says what was asked, what exists, what to do."""


class CatalogueError(ExplorerError):
    """A catalogue cannot be built."""


class _Refused(ExplorerError):
    """A file, or data, not taken. `reason` and its `values` name the same sentence for other languages; "" for none."""

    def __init__(self, message: str, reason: str = "", **values: object) -> None:
        self.reason, self.values = reason, values
        super().__init__(message)


class BadImage(_Refused):
    """An image cannot be read."""


class BadWeights(_Refused):
    """A file of weights cannot be read, does not fit its network, or cannot be fetched.

    `problems` names every key that does not fit: (key, "missing" or "surplus" or "misshapen", shape found, shape
    wanted), a shape that does not exist as "".
    """

    problems: tuple[tuple[str, str, str, str], ...] = ()


class DatasetError(_Refused):
    """A data set that cannot be had, with what would help."""


class TrainingDiverged(ExplorerError):
    """Loss or gradients that are no longer finite, and the step at which they were seen."""

    def __init__(self, step: int, what: str) -> None:
        self.step, self.what = step, what
        super().__init__(f"At step {step} the {what} is no longer finite. A lower learning rate may help.")


class AttributionFailed(ExplorerError):
    """A method that cannot look into a network, or whose map is not finite."""


class RunStoreError(ExplorerError):
    """A run that does not exist, or is not in a state that allows what was asked."""


class RunStoreAway(RunStoreError):
    """The run store does not answer; it may do so a moment later."""


class UnknownEntry(ExplorerError, KeyError):
    """No entry of that name; the nearest names are offered."""

    def __init__(self, kind: str, asked: str, known: Iterable[str]) -> None:
        self.asked, self.known = asked, tuple(known)
        near = get_close_matches(asked, self.known, n=3)
        hint = f"Did you mean {', '.join(near)}?" if near else f"Available: {', '.join(self.known)}."
        super().__init__(f"Unknown {kind} {asked!r}. {hint}")

    def __str__(self) -> str:  # KeyError would print the repr
        return str(self.args[0])


class BadOption(ExplorerError):
    """An option that does not exist, or a value outside its choices."""


class ShapeMismatch(ExplorerError):
    """An input that does not fit a network.

    `layer` is the first operation that failed. `reason` is "window" (a kernel larger than its input), "features" (a
    linear layer with weights for another grid) or "merge" (volumes of different size); `values` are its numbers, as
    text, keyed for the sentence of that reason. `smallest` is the smallest square input in pixels that works, or None.
    """

    def __init__(self, network: str, layer: str, reason: str, values: Mapping[str, str], smallest: int | None) -> None:
        self.network, self.layer, self.reason, self.values, self.smallest = network, layer, reason, values, smallest
        needs = _NEEDS[reason].format(**values)
        cure = f"The smallest square input that works is {smallest}x{smallest}." if smallest else "No input size works."
        super().__init__(f"{network} cannot take this input: layer {layer} {needs}. {cure}")


_NEEDS = {
    "window": "needs at least {needs} for its {kernel} window, but gets {got}",
    "features": "has weights for {needs} features, but gets {got}",
    "merge": "needs volumes of one size, but gets {got}",
}
