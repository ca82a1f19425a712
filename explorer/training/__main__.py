"""The training lab without a browser: `python -m explorer.training EXPERIMENT [field=value ...]`.

    python -m explorer.training digits
    python -m explorer.training digits steps=400 option.norm=0
    python -m explorer.training lenet dataset=own:mnist --save results --half
    python -m explorer.training cifar-short network=cifar-resnet20 dataset=own:cifar10 --direct

An experiment is a set of configurations from `explorer.training.presets`; `field=value` changes a field of all of them,
`option.name=value` an option of the network. Runs go through the same queue and run store as those of the pages, so
they are seen there while they train, and go on when this command is interrupted twice; interrupted once, they stop.
`--direct` trains in this process and needs neither: on a machine with torch and torchvision only.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import Any

from explorer.errors import BadOption, ExplorerError
from explorer.networks import network
from explorer.records import Control, OptionValue, TrainConfig
from explorer.training.presets import EXPERIMENTS
from explorer.training.recording import Finished, save_run


def configurations(experiment: str, changes: Sequence[str]) -> tuple[TrainConfig, ...]:
    """The configurations of an experiment with `field=value` changed. Raises `BadOption`, `UnknownEntry`."""
    kinds = {field.name: field.type for field in fields(TrainConfig)}
    values: dict[str, Any] = {}
    options: dict[str, str] = {}
    for change in changes:
        name, equals, text = change.partition("=")
        if equals and name.startswith("option."):
            options[name.removeprefix("option.")] = text
        elif equals and name in kinds and name != "options":
            values[name] = _typed(name, text, str(kinds[name]))
        else:
            raise BadOption(f"{change!r} is not field=value; fields: {', '.join(sorted(kinds))}, option.<name>.")
    changed = [_changed(config, values, options) for config in EXPERIMENTS[experiment].configs]
    return tuple(dict.fromkeys(changed))


def _changed(config: TrainConfig, values: dict[str, Any], options: dict[str, str]) -> TrainConfig:
    spec = network(values.get("network", config.network))
    own = dict(config.options) if spec.slug == config.network else {}
    controls = {control.name: control for control in spec.controls}
    changed = {name: _option(controls.get(name), text) for name, text in options.items()}
    spec.options(changed)
    return replace(config, **values, options=tuple({**own, **changed}.items()))


def _typed(name: str, text: str, kind: str) -> Any:
    try:
        return _KINDS[kind](text)
    except ValueError:
        raise BadOption(
            f"{name} wants {'0 or 1' if kind == 'bool' else f'a value of type {kind}'}, not {text!r}."
        ) from None


_KINDS: dict[str, Callable[[str], Any]] = {"int": int, "float": float, "bool": lambda text: bool(int(text)), "str": str}


def _option(control: Control | None, text: str) -> OptionValue:
    """The value of a network's option; the network itself refuses what it does not take."""
    if control is not None and isinstance(control.default, bool):
        return {"1": True, "true": True, "0": False, "false": False}.get(text.lower(), text)
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m explorer.training", description=__doc__, allow_abbrev=False)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("experiment", choices=sorted(EXPERIMENTS))
    parser.add_argument("changes", nargs="*", metavar="field=value")
    parser.add_argument("--device", default="auto", help="cuda, mps or cpu; default: the best there is")
    parser.add_argument("--save", metavar="FOLDER", help="write each finished run there: card, curve and weights")
    parser.add_argument("--curve-only", action="store_true", help="with --save: no weights")
    parser.add_argument("--half", action="store_true", help="with --save: weights as float16, and their accuracy")
    parser.add_argument("--direct", action="store_true", help="train in this process, without run store and worker")
    return parser


def main(arguments: Sequence[str]) -> int:
    """Train; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        configs = configurations(options.experiment, options.changes)
        done = _direct(configs, options.device) if options.direct else _queued(configs, options.device)
        command = f"python -m explorer.training {shlex.join(arguments)}"
        for one in done:
            print(one.summary())
            if options.save and one.state == "finished":
                weights = None if options.curve_only else one.weights
                save_run(one, options.save, options.experiment, command, weights, half=options.half)
    except ExplorerError as problem:
        print(problem, file=sys.stderr)
        return 2
    return 0 if all(one.state == "finished" for one in done) else 1


def _direct(configs: Sequence[TrainConfig], device: str) -> list[Finished]:
    import torch

    from explorer.training.console import train_here

    torch.set_num_threads(1)  # the same curve on every machine; runs side by side do not fight
    return [train_here(config, device) for config in configs]


def _queued(configs: Sequence[TrainConfig], device: str) -> list[Finished]:
    from explorer.jobs.console import follow

    return follow(configs, device)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
