"""A chain of the transforms' catalogue for a whole batch of 32 x 32, against the same chain image by image.

Prints, for the chain that papers use on CIFAR-10 and for one of many steps, the milliseconds an image costs singly and
in a batch of 128, drawing included, and singly / in batches.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import torch

from benchmarks._size import size
from explorer.records import Given
from explorer.transforms import apply, draw, read_chain
from explorer.transforms.batched import apply_batch, draw_batch

CHAINS = {
    "crop and mirror": "crop_mirror",
    "eight steps": "resized-crop_mirror_rotation*p-0.5_jitter*p-0.8_grey_blur_noise*p-0.3_erasing",
}
BATCH, ROUNDS = size((128, 9), tiny=(8, 1))


def milliseconds(work: Callable[[], object]) -> float:
    """Of one call, for each image of a batch."""
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start) / BATCH


def compare(text: str) -> tuple[float, float]:
    """Median milliseconds an image costs singly and in batches, measured in turn."""
    chain, given, generator = read_chain(text), Given((3, 32, 32)), torch.Generator().manual_seed(0)
    images = torch.randint(256, (BATCH, 3, 32, 32), dtype=torch.uint8, generator=generator)

    def singly() -> None:
        for image in images:
            apply(image, draw(chain, given, generator))

    def together() -> None:
        apply_batch(chain, given, images, draw_batch(chain, given, BATCH, generator))

    singly(), together()
    times = [(milliseconds(singly), milliseconds(together)) for _ in range(ROUNDS)]
    one, many = zip(*times, strict=True)
    return statistics.median(one), statistics.median(many)


def main() -> None:
    torch.set_num_threads(1)
    for name, text in CHAINS.items():
        single, batch = compare(text)
        print(f"{name}: {single:.3f} ms an image singly, {batch:.3f} ms in batches of {BATCH}")
        print(f"{name}: singly / in batches = {single / batch:.2f}")


if __name__ == "__main__":
    main()
