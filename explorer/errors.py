"""All errors that the explorer raises on purpose.

ExplorerError                 its message is one sentence that a user can act on
├── UnknownEntry              there is no entry of this name in a catalogue
├── CatalogueError            a catalogue is invalid: two entries share a slug, a file declares nothing
├── BadOption                 an option that does not exist, or a value that is not allowed
├── ShapeMismatch             an input does not fit a network
├── NotTraced                 a module cannot be traced
├── BadImage                  an image cannot be read
├── BadMatrix                 a text is no matrix, or a larger one than can be used
├── BadWeights                a file of weights cannot be read, does not fit, or cannot be downloaded
├── DatasetError              a data set is not available, or not in the expected format
├── TrainingDiverged          loss or gradients are no longer finite
├── OutOfMemory               a network and its batches do not fit into the memory of the device
├── NotCaptured               a step cannot be captured as a CUDA graph
├── FeedingFailed             loader workers failed, or there is no room for what they load
├── AttributionFailed         a network cannot be traced for attribution, or the result is not finite
├── NotAllowed                a visitor of a shared server asks for what is reserved, or for more than there is
├── BadSetting                an environment variable has a value that it cannot have
├── DataDirectoryError        the data directory cannot be created, or not written to
└── RunStoreError             the run store cannot do what was requested
    ├── RunStoreAway          it is temporarily unavailable: locked, restarting, its disk full
    └── RunDamaged            weights or a checkpoint are not the bytes that were stored
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches


class ExplorerError(Exception):
    """Base class; the message says what was requested, what exists, what to do."""


class CatalogueError(ExplorerError):
    """A catalogue cannot be built."""


class _Refused(ExplorerError):
    """What is refused, a file mostly. `reason` and `values` select and fill the translated message; "" for none."""

    def __init__(self, message: str, reason: str = "", **values: object) -> None:
        self.reason, self.values = reason, values
        super().__init__(message)


class BadImage(_Refused):
    """An image cannot be read."""


class BadMatrix(_Refused):
    """A text is no matrix, or a larger one than can be used."""


class BadWeights(_Refused):
    """A file of weights cannot be read, does not fit its network, or cannot be downloaded.

    `problems` lists every key that does not fit: (key, "missing" or "surplus" or "misshapen", shape in the file,
    expected shape), "" for a shape that does not exist.
    """

    problems: tuple[tuple[str, str, str, str], ...] = ()


class DatasetError(_Refused):
    """A data set is not available or cannot be read; the message says what would help."""


class NotAllowed(_Refused):
    """A visitor of a shared server asks for what is the lecturer's, or for more than a visitor gets.

    `reason` is an action of `rights.ACTIONS`, or the limit that is reached.
    """


class BadSetting(ExplorerError):
    """An environment variable has a value that it cannot have."""


class TrainingDiverged(ExplorerError):
    """Loss or gradients are no longer finite since `step`; `what` is one of them."""

    def __init__(self, step: int, what: str) -> None:
        self.step, self.what = step, what
        super().__init__(f"At step {step} the {what} is no longer finite. A lower learning rate may help.")


class OutOfMemory(ExplorerError):
    """A network, its gradients and batches of `batch` images do not fit into the memory of the device."""

    def __init__(self, batch: int) -> None:
        super().__init__(
            f"The memory of the device is too small for this network in batches of {batch:,} images. "
            "Smaller batches, smaller images or a smaller network fit."
        )


class NotCaptured(ExplorerError):
    """A step cannot be captured as a CUDA graph, because of a `problem`; it can be done as it is."""

    def __init__(self, problem: BaseException) -> None:
        first = " ".join(str(problem).split("\n")[0].split())[:120]
        super().__init__(f"Steps are done one by one, as they cannot be captured ({type(problem).__name__}: {first}).")


class FeedingFailed(ExplorerError):
    """Workers that load batches were ended or fell silent, or there is no memory for what they load."""

    def __init__(self, problem: object) -> None:
        first = " ".join(str(problem).split("\n")[0].split())[:160]
        super().__init__(f"Batches could not be loaded ({first}). Fewer workers or smaller batches may help.")


class AttributionFailed(ExplorerError):
    """A network cannot be traced for attribution, or an attribution is not finite."""


class DataDirectoryError(_Refused):
    """The data directory cannot be created, or nothing can be written there."""


class RunStoreError(_Refused):
    """A run does not exist, is not in a state that allows the request, or the store is damaged."""


class NotYours(RunStoreError):
    """A run is to be stopped, resumed or deleted by somebody who did not start it."""


class RunStoreAway(RunStoreError):
    """The run store is temporarily unavailable."""


class RunDamaged(RunStoreError):
    """Weights or a checkpoint are not the bytes that were stored."""


class UnknownEntry(ExplorerError, KeyError):
    """There is no entry of that name; the message suggests the nearest names."""

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
    """An input does not fit a network.

    `layer` is the first operation that failed. `reason` is "window" (a kernel larger than its input), "features" (a
    linear layer with weights for another grid) or "merge" (volumes of different size); `values` are its numbers, as
    text, keyed for the sentence of that reason. `smallest` is the smallest square input in pixels that works, or None.
    """

    def __init__(self, network: str, layer: str, reason: str, values: Mapping[str, str], smallest: int | None) -> None:
        self.network, self.layer, self.reason, self.values, self.smallest = network, layer, reason, values, smallest
        needs = _NEEDS[reason].format(**values)
        cure = f"The smallest square input that works is {smallest}x{smallest}." if smallest else "No input size works."
        super().__init__(f"{network} cannot take this input: layer {layer} {needs}. {cure}")


class NotTraced(ExplorerError):
    """A module cannot be traced.

    `reason` is "no_forward", "no_output" (nothing that comes out is a tensor that depends on the image) or "failed"
    (its forward pass raised, as it does where its flow depends on the values of an image: a trace has shapes alone).
    """

    def __init__(self, network: str, reason: str, problem: str = "") -> None:
        self.network, self.reason = network, reason
        short = " ".join(problem.split())[:160]
        super().__init__(f"{network} cannot be traced: {_UNTRACED[reason].format(problem=short)}")


_UNTRACED = {
    "no_forward": "it has no forward method. Give it one that takes a batch of images.",
    "no_output": "it returns {problem} without a tensor (1, classes) or (1, C, H, W) that depends on the image.",
    "failed": "its forward pass raised {problem}. It has to take shapes alone, without the values of an image.",
}


_NEEDS = {
    "window": "needs at least {needs} for its {kernel} window, but gets {got}",
    "features": "has weights for {needs} features, but gets {got}",
    "merge": "needs volumes of one size, but gets {got}",
}
