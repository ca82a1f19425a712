"""The live experiment from its start to its first points: with a worker started for it, and with one that waits.

A page starts the worker while its visitor still reads, so that the second is what is waited for. Prints the seconds
until all four networks have a point (aim: at most 4 on two cores, whether a worker waits or not), those until they are
done, and the ratio of the two waits.
"""

from __future__ import annotations

import os
import tempfile
import time
from dataclasses import replace

from benchmarks._size import size
from explorer.jobs import LocalExecutor, RunService, RunStore
from explorer.records import TrainConfig
from explorer.training.presets import EXPERIMENTS

STEPS = size(200, tiny=2)


def waited(service: RunService, configs: list[TrainConfig]) -> tuple[float, float]:
    """Seconds from the start of runs until each has a point, and until all are done."""
    start = time.perf_counter()
    ids = {run.id for run in service.start(configs)}
    while len(service.latest(ids)) < len(ids):
        time.sleep(0.02)
    first = time.perf_counter() - start
    while any(run.is_open for run in service.runs(ids)):
        time.sleep(0.05)
    return first, time.perf_counter() - start


def main() -> None:
    configs = [replace(config, steps=STEPS) for config in EXPERIMENTS["digits"].configs]
    with tempfile.TemporaryDirectory() as data:
        os.environ["CONVNET_ATLAS_DATA"] = data  # of the worker's log
        with RunStore(f"sqlite:///{data}/runs.sqlite") as store:
            executor = LocalExecutor(store)
            try:
                service = RunService(store, executor)
                cold, cold_done = waited(service, configs)
                warm, warm_done = waited(service, [replace(config, seed=1) for config in configs])
            finally:
                executor.shutdown()
    print(f"four first points after {cold:.1f} s (aim: at most 4), all done after {cold_done:.1f} s: no worker yet")
    print(f"four first points after {warm:.1f} s (aim: at most 4), all done after {warm_done:.1f} s: a worker waits")
    print(f"no worker yet / a worker waits = {cold / warm:.2f}")


if __name__ == "__main__":
    main()
