"""LeNet-5 on images of MNIST's size: the lab's loop against the textbook loop, turn about, in one run.

Both train the same network (tanh, max pooling, SGD 0.01, batches of 128) on the CPU. Prints the ratio of their speeds
(aim: at least 2.5 on two cores) and what an epoch of 60,000 images takes.
"""

from __future__ import annotations

import os
import statistics
from dataclasses import replace
from unittest import mock

import torch
from torchvision.transforms import ToTensor

from benchmarks._size import size
from benchmarks._textbook import images_per_second, invented
from explorer.networks import network
from explorer.training import train
from explorer.training.presets import LENET

ROUNDS, STEPS, BATCH = size((5, 60, 128), tiny=(1, 2, 64))


def main() -> None:
    data = invented(STEPS * BATCH * 2, 1, 28)
    every = {f"{what}_every": STEPS for what in ("log", "eval", "probe", "checkpoint")}
    config = replace(LENET, steps=STEPS, batch=BATCH, **every)
    textbook, service = [], []
    for _ in range(ROUNDS):
        torch.set_num_threads(os.cpu_count() or 1)  # the textbook's default: all cores
        net = network("lenet5").build(activation="tanh", pooling="max")
        optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
        textbook.append(images_per_second(net, data, optimizer, ToTensor(), BATCH, STEPS))
        torch.set_num_threads(1)
        with mock.patch("explorer.datasets.load", return_value=data):
            service.append(list(train(config, device="cpu"))[-1].images_per_second)
    slow, fast = statistics.median(textbook), statistics.median(service)
    print(f"LeNet-5: textbook {slow:,.0f} images/s ({60_000 / slow:.1f} s an epoch), lab {fast:,.0f} images/s", end=" ")
    print(f"({60_000 / fast:.1f} s an epoch); medians of {ROUNDS} rounds")
    print(f"lab / textbook = {fast / slow:.2f} (aim: at least 2.5)")


if __name__ == "__main__":
    main()
