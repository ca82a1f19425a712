"""Configurations from words, and what a command line that trains may be told."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, replace
from typing import Any

from explorer.errors import BadOption
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


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What every command that trains takes: an experiment, changes, and where its runs are saved."""
    parser.add_argument("experiment", choices=sorted(EXPERIMENTS))
    parser.add_argument("changes", nargs="*", metavar="field=value")
    parser.add_argument("--device", default="auto", help="cuda, mps or cpu; default: the best there is")
    parser.add_argument("--save", metavar="FOLDER", help="write each finished run there: card, curve and weights")
    parser.add_argument("--curve-only", action="store_true", help="with --save: no weights")
    parser.add_argument("--half", action="store_true", help="with --save: weights as float16, and their accuracy")


def conclude(done: Iterable[Finished], options: argparse.Namespace, command: str) -> int:
    """Say how runs ended and save them as `options` ask; returns the exit status."""
    well = True
    for each in done:
        print(each.summary())
        well &= each.state == "finished"
        if options.save and each.state == "finished":
            weights = None if options.curve_only else each.weights
            save_run(each, options.save, options.experiment, command, weights, half=options.half)
    return 0 if well else 1
