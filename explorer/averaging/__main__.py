"""Measure in this process: `python -m explorer.averaging PLAN [PLAN ...]`, with torch and torchvision only.

    python -m explorer.averaging digits
    python -m explorer.averaging cifar lite --dataset own:cifar10 --save results

With --save each plan's answers are appended to FOLDER/averaging.jsonl, a line each, as soon as it is done.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch

from explorer.averaging.measuring import measure
from explorer.averaging.presets import PLANS
from explorer.errors import ExplorerError
from explorer.records import AveragedSet

FILE = "averaging.jsonl"


def main(arguments: Sequence[str]) -> int:
    """Do the plans; returns the exit status: one that fails is said, and the others are measured."""
    parser = argparse.ArgumentParser("python -m explorer.averaging", description=__doc__, allow_abbrev=False)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("plans", nargs="+", choices=sorted(PLANS), metavar="plan", help=", ".join(sorted(PLANS)))
    parser.add_argument("--dataset", help="slug; default: the plan's own")
    parser.add_argument("--images", type=int, help="so many test images instead of the plan's")
    parser.add_argument("--device", default="auto", help="cuda, mps or cpu; default: the best there is")
    parser.add_argument("--save", metavar="FOLDER", help=f"append each plan's answers to {FILE} in this folder")
    options = parser.parse_args(arguments)
    said, failed = partial(print, flush=True), False
    command = _command(options)
    if options.device == "cpu" or not torch.cuda.is_available():
        torch.set_num_threads(1)
    for name in options.plans:
        plan = PLANS[name]
        if options.images is not None:
            plan = replace(plan, images=options.images)
        try:
            dataset = options.dataset or plan.dataset
            found = measure(plan, dataset, device=options.device, command=command, said=said)
        except (ExplorerError, RuntimeError, ValueError) as problem:  # also what a GPU has to say
            failed = True
            print(f"{name}: {problem}", file=sys.stderr, flush=True)
            continue
        if options.save:
            append(found, Path(options.save))
    return 1 if failed else 0


def _command(options: argparse.Namespace) -> str:
    """What measures the same again, wherever it is saved."""
    given = {"--dataset": options.dataset, "--images": options.images}
    said = [part for name, value in given.items() if value is not None for part in (name, str(value))]
    return f"python -m explorer.averaging {shlex.join([*options.plans, *said])}"


def append(found: AveragedSet, folder: Path) -> None:
    """Add a line to the folder's file of answers."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / FILE).open("a", encoding="utf-8") as file:
        file.write(found.to_json() + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
