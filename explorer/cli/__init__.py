"""The command line, `python -m explorer COMMAND ...`: what the pages do, in a terminal.

Law: on the top floor, beside the pages; nothing imports it, and it computes nothing. A command is a module with
`add(parser)` and `run(options, command) -> exit status`, where `command` is the command line. To add one, write it and
list it in `_COMMANDS`.
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
    """Run the command given by `arguments`; returns the exit status."""
    parser = argparse.ArgumentParser("python -m explorer", description=__doc__.partition("\n")[0], allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, module in _COMMANDS.items():
        text = module.__doc__ or ""
        subparser = commands.add_parser(name, help=text.partition("\n")[0], description=text, allow_abbrev=False)
        subparser.formatter_class = argparse.RawDescriptionHelpFormatter
        module.add(subparser)
    options = parser.parse_args(arguments)
    try:
        status: int = _COMMANDS[options.command].run(options, f"python -m explorer {shlex.join(arguments)}")
    except ExplorerError as problem:
        print(problem, file=sys.stderr)
        return 2
    return status
