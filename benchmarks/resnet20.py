"""ResNet-20 on images of CIFAR-10's size: the lab's loop against the textbook loop on one core, turn about.

Both crop and mirror at random. Prints the ratios of their speeds in float32 (aim: at least 1.35) and, where the
processor has bfloat16 (it is ten times slower where it has not), in bfloat16 (aim: at least 1.8).
"""

from __future__ import annotations

import statistics
from dataclasses import replace
from unittest import mock

import torch
from torchvision import transforms

from benchmarks._size import size
from benchmarks._textbook import images_per_second, invented
from explorer.networks import network
from explorer.training import native_bf16, train
from explorer.training.presets import HE

ROUNDS, STEPS, BATCH = size((3, 12, 128), tiny=(1, 2, 8))


def main() -> None:
    torch.set_num_threads(1)
    data = invented(STEPS * BATCH * 2, 3, 32)
    every = {f"{what}_every": STEPS for what in ("log", "eval", "probe")}
    config = replace(HE, dataset="invented", steps=STEPS, batch=BATCH, precision="fp32", **every)
    transform = transforms.Compose(
        [
            transforms.RandomCrop(32, padding=4),
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
            transforms.Normalize((0.5,) * 3, (0.25,) * 3),
        ]
    )
    kinds = ["fp32"] + ["bf16"] * native_bf16(torch.device("cpu"))
    textbook: list[float] = []
    service: dict[str, list[float]] = {kind: [] for kind in kinds}
    for _ in range(ROUNDS):
        net = network("cifar-resnet20").build()
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
        textbook.append(images_per_second(net, data, optimizer, transform, BATCH, STEPS))
        for kind in kinds:
            with mock.patch("explorer.datasets.load", return_value=data):
                points = list(train(replace(config, precision=kind), device="cpu"))
            service[kind].append(points[-1].images_per_second)
    slow = statistics.median(textbook)
    print(f"ResNet-20: textbook {slow:,.0f} images/s on one core; medians of {ROUNDS} rounds")
    for kind, aim in zip(kinds, ("1.35", "1.8"), strict=False):
        fast = statistics.median(service[kind])
        print(f"{kind}: lab {fast:,.0f} images/s, lab / textbook = {fast / slow:.2f} (aim: at least {aim})")
    if "bf16" not in kinds:
        print("bf16: this processor has no native bfloat16; the lab trains in float32 here")


if __name__ == "__main__":
    main()
