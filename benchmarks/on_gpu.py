"""All that can only be known on a GPU, in one go: `python -m benchmarks.on_gpu [PART ...] [--out FOLDER]`.

With torch and torchvision only. Each part is a process with a time limit of its own; what a part has printed and saved
before it failed, or was stopped, is kept in the folder. Measured are the machine's ceilings; whether presets train,
resume and fail as they should; images/s of the textbook loop, of steps one by one and of captured steps. Then runs are
trained and saved as `explorer/weights` has them: He et al.'s ResNet-20, LeNet-5, and He et al.'s plain and residual
networks with a fast recipe; then several networks side by side against one after the other; last, transfer learning,
training with and without augmentation, the feeding of the device and averaged answers, whose results are lines of
`transfer.jsonl`, of the archive `augmentation-cifar.jsonl.gz`, of `feeding.jsonl` and `averaging.jsonl`. CIFAR-10 and
MNIST are read from the datasets directory (`own:cifar10`, `own:mnist`), or wherever --cifar and --mnist say.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from benchmarks._size import TINY, size

CIFAR, MNIST = size(("own:cifar10", "own:mnist"), tiny=("digits", "digits28"))
FEW = size((), tiny=("steps=6", "batch=16", "eval_every=6", "probe_every=3", "lr=0.01"))
FEWER = size((), tiny=("per_class=5",))
DEEPEST = size(110, tiny=20)


@dataclass(frozen=True)
class Part:
    """A part: its name, its seconds, and the module that is run with which arguments."""

    name: str
    limit: float
    module: str
    arguments: tuple[str, ...]


def parts(cifar: str, mnist: str, runs: str) -> tuple[Part, ...]:
    """All parts, in order."""

    def measured(name: str, limit: float) -> Part:
        return Part(name, limit, "benchmarks._on_gpu_measured", (name, cifar, mnist))

    def trained(name: str, limit: float, *arguments: str, also: tuple[str, ...] = ("--half",)) -> Part:
        return Part(name, limit, "explorer.training", (*arguments, *FEW, "--save", runs, *also))

    fast, curve = ("cifar-fast", f"dataset={cifar}"), ("--curve-only",)
    return (
        measured("machine", 30),
        measured("smoke", 90),
        measured("speed", 120),
        trained("he-20", 180, "cifar-he", "network=cifar-resnet20", f"dataset={cifar}"),
        trained("fast", 150, *fast),
        trained("lenet", 30, "lenet", f"dataset={mnist}"),
        trained("deepest-residual", 100, *fast, f"network=cifar-resnet{DEEPEST}", also=curve),
        trained("deepest-plain", 100, *fast, f"network=cifar-plain{DEEPEST}", also=curve),
        measured("side_by_side", 60),
        Part(
            "transfer", 330, "explorer.transfer", (*size(("recorded", cifar, mnist), ("tiny", cifar)), "--save", runs)
        ),
        Part(
            "augmentation",
            150,
            "explorer.training",
            ("augmentation-cifar", f"dataset={cifar}", *FEW, *FEWER, "--pack", runs, "--curve-only"),
        ),
        Part("feeding", size(80, tiny=240), "explorer.feeding", (size("recorded", "tiny"), cifar, "--save", runs)),
        Part(
            "averaging",
            120,
            "explorer.averaging",
            (*size(("cifar", "lite", "--dataset", cifar), ("tiny",)), "--save", runs),
        ),
    )


def run(part: Part, out: Path) -> bool:
    """Run a part within its limit, printing as it does; whether it ended well."""
    start, log = time.monotonic(), out / f"{part.name}.log"
    print(f"--- {part.name} (at most {part.limit:g} s)", flush=True)
    command = [sys.executable, "-u", "-m", part.module, *part.arguments]
    with log.open("w", encoding="utf-8") as file:
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT)
        try:
            ended = "" if process.wait(part.limit) == 0 else f"failed with status {process.returncode}"
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            ended = "stopped at its limit"
    print("\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-60:]))
    print(f"    {part.name}: {ended or 'done'} after {time.monotonic() - start:.1f} s", flush=True)
    return not ended


def main(arguments: Sequence[str]) -> int:
    """The command line; the exit status says whether every part ended well."""
    parser = argparse.ArgumentParser("python -m benchmarks.on_gpu", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("parts", nargs="*", help="all, if none is named")
    parser.add_argument(
        "--out",
        default=size("build/gpu", tiny="build/gpu-tiny"),
        help="folder for logs, and for runs in a folder of it",
    )
    parser.add_argument("--cifar", default=CIFAR, help="slug of the data set")
    parser.add_argument("--mnist", default=MNIST, help="slug of the data set")
    options = parser.parse_args(arguments)
    out = Path(options.out)
    (out / "runs").mkdir(parents=True, exist_ok=True)
    known = {part.name: part for part in parts(options.cifar, options.mnist, str(out / "runs"))}
    unknown = set(options.parts) - set(known)
    if unknown:
        parser.error(f"no part is called {', '.join(sorted(unknown))}; parts: {', '.join(known)}")
    if not TINY and not torch.cuda.is_available():
        print("There is no GPU here. With BENCHMARKS=tiny each part does the least it can, on any processor.")
        return 0
    ended_well = [run(known[name], out) for name in options.parts or known]
    return 0 if all(ended_well) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
