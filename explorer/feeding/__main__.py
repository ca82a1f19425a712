"""Measure in this process: `python -m explorer.feeding PLAN [DATASET]`, with torch and torchvision only.

    python -m explorer.feeding here
    python -m explorer.feeding recorded own:cifar10 --save results

With --save each timeline is appended to FOLDER/feeding.jsonl, a line each, as soon as it is there: a stop loses none.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from explorer.errors import ExplorerError
from explorer.feeding.presets import PLANS
from explorer.feeding.trainer import measure
from explorer.records import FeedResult

FILE = "feeding.jsonl"


def main(arguments: Sequence[str]) -> int:
    """Do a plan; returns the exit status: a configuration that fails is said, and the others are measured."""
    parser = argparse.ArgumentParser("python -m explorer.feeding", description=__doc__, allow_abbrev=False)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("plan", choices=sorted(PLANS))
    parser.add_argument("dataset", nargs="?", help="slug; default: the plan's own")
    parser.add_argument("--device", default="auto", help="cuda, mps or cpu; default: the best there is")
    parser.add_argument("--save", metavar="FOLDER", help=f"append each timeline to {FILE} in this folder")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)  # the other cores are the workers'
    asked = [*filter(None, [options.plan, options.dataset])]  # wherever it is saved
    command, failed = f"python -m explorer.feeding {shlex.join(asked)}", False
    for config in PLANS[options.plan](*filter(None, [options.dataset])):
        try:
            result = measure(config, device=options.device, command=command)
            print(line_of(result), flush=True)
            if options.save:
                append(result, Path(options.save))
        except ExplorerError as problem:
            failed = True
            print(f"{config}: {problem}", file=sys.stderr, flush=True)
    return 1 if failed else 0


def append(result: FeedResult, folder: Path) -> None:
    """Add a line to the folder's file of timelines."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / FILE).open("a", encoding="utf-8") as file:
        file.write(result.to_json() + "\n")


def line_of(result: FeedResult) -> str:
    """A timeline in one line."""
    config, shares = result.config, result.shares
    loaders = "in memory" if config.source == "memory" else f"{config.workers} workers, prefetch {config.prefetch}"
    step = f"simulated steps of {config.step_ms:g} ms" if config.step_ms else config.network
    times = ", ".join(f"{name} {100 * share:.0f} %" for name, share in shares.items())
    return (
        f"{loaders}{', pinned' if config.pinned else ''}, {step}: {result.images_per_second:,.0f} images/s; {times}; "
        f"a batch loads in {1e3 * result.loading_seconds:.1f} ms; bottleneck: {result.bottleneck}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
