"""Train in this process: `python -m explorer.training EXPERIMENT [field=value ...]`, with torch and torchvision only.

    python -m explorer.training digits
    python -m explorer.training digits steps=400 option.norm=0
    python -m explorer.training lenet dataset=own:mnist --save results --half
    python -m explorer.training cifar-short network=cifar-resnet20 dataset=own:cifar10

An experiment is a set of configurations from `explorer.training.presets`; `field=value` changes a field of all of them,
`option.name=value` an option of the network. They are trained one after the other, to the end or to Ctrl-C. With
`python -m explorer train` and the same arguments they run side by side through the run store, visible on the pages.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence

import torch

from explorer.errors import ExplorerError
from explorer.training.console import train_here
from explorer.training.parsing import add_arguments, conclude, configurations


def main(arguments: Sequence[str]) -> int:
    """Train; returns the exit status."""
    parser = argparse.ArgumentParser("python -m explorer.training", description=__doc__, allow_abbrev=False)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    add_arguments(parser)
    parser.add_argument("--direct", action="store_true", help="train in this process, as it does without")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)  # the same curve on every machine
    try:
        configs = configurations(options.experiment, options.changes)
        runs = (train_here(config, options.device) for config in configs)  # each is saved before the next begins
        return conclude(runs, options, f"python -m explorer.training {shlex.join(arguments)}")
    except ExplorerError as problem:
        print(problem, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
