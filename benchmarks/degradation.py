"""The degradation preset on digits: four networks side by side against the same four one after the other.

Prints the seconds all four take (aim: at most 20 on two idle cores) and the ratio one after the other / side by side.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import torch

from explorer.records import TrainConfig, TrainPoint
from explorer.training import train
from explorer.training.presets import EXPERIMENTS


def run(config: TrainConfig) -> TrainPoint:
    """Train to the end."""
    return list(train(config, device="cpu"))[-1]


def main() -> None:
    torch.set_num_threads(1)
    configs = sorted(EXPERIMENTS["digits"].configs, key=lambda config: -int(dict(config.options)["depth"]))
    start = time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        points = list(pool.map(run, configs))
    together = time.perf_counter() - start
    start = time.perf_counter()
    for config in configs:
        run(config)
    apart = time.perf_counter() - start
    for config, point in zip(configs, points, strict=True):
        print(f"{dict(config.options)}: training error {100 * (1 - point.train_accuracy):.1f} %")
    print(f"all four, two at a time: {together:.1f} s (aim: at most 20); one after the other: {apart:.1f} s")
    print(f"one after the other / side by side = {apart / together:.2f}")


if __name__ == "__main__":
    main()
