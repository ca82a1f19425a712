"""Transfer in this process: `python -m explorer.transfer PLAN [DATASET ...]`, with torch and torchvision only.

    python -m explorer.transfer near own:cifar10 --save results
    python -m explorer.transfer far digits --only finetune --device cpu

A plan is a list of configurations from `explorer.transfer.presets`. With --save each result is appended to
FOLDER/transfer.jsonl, a line each, as soon as it is there: a stop loses none. At the end means and spreads over seeds
are printed.
"""

from __future__ import annotations

import argparse
import shlex
import statistics
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import torch

from explorer.errors import ExplorerError
from explorer.records import REGIMES, TransferResult
from explorer.transfer.presets import PLANS
from explorer.transfer.running import Bench

FILE = "transfer.jsonl"


def main(arguments: Sequence[str]) -> int:
    """Do a plan; returns the exit status: a configuration that fails is said, and the others are done."""
    parser = argparse.ArgumentParser("python -m explorer.transfer", description=__doc__, allow_abbrev=False)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("plan", choices=sorted(PLANS))
    parser.add_argument("datasets", nargs="*", help="slugs, as the plan takes them")
    parser.add_argument("--only", choices=REGIMES, help="only this regime")
    parser.add_argument("--device", default="auto", help="cuda, mps or cpu; default: the best there is")
    parser.add_argument("--save", metavar="FOLDER", help=f"append each result to {FILE} in this folder")
    options = parser.parse_args(arguments)
    asked = [
        options.plan,
        *options.datasets,
        *(["--only", options.only] if options.only else []),
    ]
    bench = Bench(options.device, f"python -m explorer.transfer {shlex.join(asked)}")
    if bench.device.type == "cpu":
        torch.set_num_threads(1)
    results, failed = [], False
    for config in PLANS[options.plan](*options.datasets):
        if options.only not in (None, config.regime):
            continue
        try:
            results.append(bench.run(config))
            print(line_of(results[-1]), flush=True)
            if options.save:
                append(results[-1], Path(options.save))
        except (ExplorerError, RuntimeError) as problem:  # also what a GPU has to say
            failed = True
            print(f"{config.name}, seed {config.seed}: {problem}", file=sys.stderr, flush=True)
    print("\n".join(spreads(results)))
    return 1 if failed else 0


def append(result: TransferResult, folder: Path) -> None:
    """Add a line to the folder's file of results."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / FILE).open("a", encoding="utf-8") as file:
        file.write(result.to_json() + "\n")


def line_of(result: TransferResult) -> str:
    """A result in one line."""
    config, last = result.config, result.points[-1]
    features = f"features {result.feature_seconds:.1f} s, " if result.features else ""
    speed = config.steps * min(config.batch, result.images) / max(result.training_seconds, 1e-9)
    alike = " ".join(f"{row[at]:.2f}" for at, row in enumerate(result.similarity))
    return (
        f"{config.name}, seed {config.seed}: test {100 * result.test_accuracy:.1f} %, training loss "
        f"{last.train_loss:.3f}; {features}training {result.training_seconds:.1f} s, {speed:,.0f} images/s"
        + (f"; CKA by stage {alike}" if alike else "")
    )


def spreads(results: Iterable[TransferResult]) -> list[str]:
    """Mean test accuracy of the runs that differ by their seed alone, lowest and highest; a line each."""
    groups: dict[str, list[float]] = {}
    for result in results:
        groups.setdefault(result.config.name, []).append(100 * result.test_accuracy)
    return [
        f"{name}: {statistics.mean(found):.1f} % ({min(found):.1f} to {max(found):.1f}, {len(found)} seeds)"
        for name, found in groups.items()
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
