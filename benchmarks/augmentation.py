"""A sheet of 24 draws at 224 x 224: drawing and applying apart against the textbook loop, the same chain.

Prints sheet / textbook, the textbook being `v2.Compose` on 24 images of Pillow, one by one; and the seconds of the
sheet, drawn and applied (aim: under 0.5), for the chains that the page offers to start from.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import torch
from PIL import Image
from torchvision.transforms import v2

from benchmarks._size import size
from explorer.images import fitted, load
from explorer.inspection import SIDE, augmented_sheet
from explorer.records import Given
from explorer.transforms import read_chain
from explorer.ui.parts.practice.augmentation import PRESETS

COUNT, ROUNDS = size(24, tiny=4), size(15, tiny=1)
GIVEN = Given((3, SIDE, SIDE))
TEXTBOOK = v2.Compose(
    [
        v2.RandomResizedCrop(SIDE),
        v2.RandomHorizontalFlip(),
        v2.ColorJitter(brightness=0.4, contrast=0.4, saturation=0.4, hue=0.1),
    ]
)


def seconds(work: Callable[[], object]) -> float:
    """Of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    torch.set_num_threads(1)  # as the app computes
    cat, coffee = load("cat"), load("coffee")
    image = Image.fromarray(fitted(cat, (SIDE, SIDE)))

    def textbook() -> list[Image.Image]:
        return [TEXTBOOK(image) for _ in range(COUNT)]

    def sheet(name: str) -> Callable[[], object]:
        return lambda: augmented_sheet(cat, coffee, read_chain(PRESETS[name]), GIVEN, 1, COUNT)

    for work in (textbook, sheet("inception")):
        work()
    times = [(seconds(textbook), seconds(sheet("inception"))) for _ in range(ROUNDS)]
    theirs, ours = (statistics.median(each) for each in zip(*times, strict=True))
    print(f"{COUNT} draws of crop, mirror and colours at {SIDE} x {SIDE}: textbook {theirs:.3f} s, sheet {ours:.3f} s")
    print(f"sheet / textbook = {statistics.median(ours / theirs for theirs, ours in times):.2f}")
    for name in PRESETS:
        sheet(name)()
        print(f"  {name}: {seconds(sheet(name)):.3f} s (aim: under 0.5)")


if __name__ == "__main__":
    main()
