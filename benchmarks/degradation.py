"""The degradation preset on digits: four networks side by side, in turns, against the same four one after the other.

Prints the seconds all four take (aim: at most 20 on two idle cores), how far one was ever ahead of another, and the
ratio one after the other / side by side.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import torch

from benchmarks._size import size
from explorer.jobs.step_scheduler import StepScheduler
from explorer.records import TrainConfig, TrainPoint
from explorer.training import train
from explorer.training.presets import EXPERIMENTS

STEPS = size(200, tiny=4)
CORES = 2


def run(config: TrainConfig) -> TrainPoint:
    """Train to the end."""
    return list(train(config, device="cpu"))[-1]


def run_all(configs: list[TrainConfig]) -> tuple[list[TrainPoint], int]:
    """Train as a worker does, the least advanced first; returns the last points and the largest lead in steps."""
    scheduler = StepScheduler([config.key for config in configs], CORES)
    steps, leads = {config.key: 0 for config in configs}, [0]

    def run_in_turn(config: TrainConfig) -> TrainPoint:
        def stop(step: int) -> bool:
            steps[config.key] = step
            leads.append(max(steps.values()) - min(steps.values()))
            scheduler.wait(config.key, step, config.steps)
            return False

        try:
            return list(train(config, device="cpu", stop=stop))[-1]
        finally:
            steps[config.key] = config.steps
            scheduler.leave(config.key)

    with ThreadPoolExecutor(len(configs)) as pool:
        return list(pool.map(run_in_turn, configs)), max(leads)


def main() -> None:
    torch.set_num_threads(1)
    configs = [replace(config, steps=STEPS) for config in EXPERIMENTS["digits"].configs]
    start = time.perf_counter()
    points, lead = run_all(configs)
    together = time.perf_counter() - start
    start = time.perf_counter()
    for config in configs:
        run(config)
    apart = time.perf_counter() - start
    for config, point in zip(configs, points, strict=True):
        print(f"{dict(config.options)}: training error {100 * (1 - point.train_accuracy):.1f} %")
    print(f"all four, two at a time: {together:.1f} s (aim: at most 20); one after the other: {apart:.1f} s")
    print(f"the largest lead of one over another: {lead} steps of {STEPS}")
    print(f"one after the other / side by side = {apart / together:.2f}")


if __name__ == "__main__":
    main()
