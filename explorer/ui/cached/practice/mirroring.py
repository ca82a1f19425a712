"""Cached calls around mirrored digits and letters."""

from __future__ import annotations

from explorer.records import MirroredSet
from explorer.ui.cached.keeping import kept
from explorer.ui.cached.models import model

_DIGITS = "digits28"


@kept(max_entries=1)
def mirrored() -> MirroredSet:
    """The bundled digits as they are and mirrored, read by the best LeNet-5 that is recorded on them."""
    from explorer import inspection
    from explorer.weights import trained_runs

    runs = [run for run in trained_runs("lenet5") if run.config.dataset == _DIGITS]
    best = max(runs, key=lambda run: run.shipped_accuracy)
    return inspection.mirrored_set(model(f"recorded:{best.name}"), _DIGITS)


@kept(max_entries=2)
def digit_tiles(*, turned: bool) -> tuple[bytes, ...]:
    """The first test image of each digit, as it is or mirrored."""
    from explorer.figures.augmentation import mirrored_tile

    return tuple(mirrored_tile(pixels, mirrored=turned) for pixels in mirrored().examples)


@kept(max_entries=1)
def letters(written: str) -> bytes:
    """Letters, and below them the same mirrored."""
    from explorer.figures.augmentation import letters as drawn

    return drawn(written)
