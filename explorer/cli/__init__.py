"""The command line, `python -m explorer COMMAND ...`: what the pages do, in a terminal.

Law: on top of the house, beside the pages; nothing below imports it, and it computes nothing. A command is a module
with `add(parser)` and `run(options, command) -> exit status`, where `command` is the line as it was typed. To add one,
write it and name it in `_COMMANDS`.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Mapping, Sequence
from types import ModuleType

from explorer.cli import follow, summaries, train
from explorer.errors import ExplorerError

__all__ = ["main"]

_COMMANDS: Mapping[str, ModuleType] = {"train": train, "follow": follow, "summaries": summaries}


def main(arguments: Sequence[str]) -> int:
    """Do what the words say; returns the exit status."""
    parser = argparse.ArgumentParser("python -m explorer", description=__doc__.partition("\n")[0], allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, module in _COMMANDS.items():
        said = module.__doc__ or ""
        one = commands.add_parser(name, help=said.partition("\n")[0], description=said, allow_abbrev=False)
        one.formatter_class = argparse.RawDescriptionHelpFormatter
        module.add(one)
    options = parser.parse_args(arguments)
    try:
        status: int = _COMMANDS[options.command].run(options, f"python -m explorer {shlex.join(arguments)}")
    except ExplorerError as problem:
        print(problem, file=sys.stderr)
        return 2
    return status
