"""What is chosen on the page *Transfer learning*."""

from __future__ import annotations

from dataclasses import dataclass, field

from explorer.fields import Field, choice, flag, number, one_of, slug
from explorer.ui.widgets.image import ImageFields
from explorer.ui.widgets.model import ModelFields

MOST_CLASSES = 5


@dataclass(frozen=True, slots=True)
class TransferState:
    """Which part of the page is open, and what is chosen in each.

    Measured: the data that are learned, for how many images similarities are shown, and how many stages stay. Reused:
    the model that gives features, the data set, after which stage, how many images of each class. Taught: the images
    to start from, whether there is a class for neither, how many classes, and the image that is asked about.
    """

    view: Field[str] = choice("transferview", ("measured", "reused", "taught"))
    data: Field[str] = choice("learned", ("cifar10", "digits", "shapes"))
    amount: Field[int] = one_of("amount", (5, 50, 0), 50, label="transfer.amount")
    kept: Field[int] = number("kept", 0, 9, 6, label="transfer.kept")
    model: ModelFields = field(default_factory=ModelFields)
    target: Field[str] = slug("to", label="control.data")
    stage: Field[int] = number("after", 1, 20, 9, label="transfer.after")
    per_class: Field[int] = one_of("few", (1, 2, 5, 10, 20, 50), 10, label="transfer.amount")
    seed: Field[int] = number("seed", 0, 9_999)
    start: Field[str] = choice("start", ("photographs", "digits", "own"))
    neither: Field[bool] = flag("neither", True, label="transfer.neither")
    classes: Field[int] = number("taught", 2, MOST_CLASSES, 2, label="transfer.classes")
    image: ImageFields = field(default_factory=ImageFields)


STATE = TransferState()
