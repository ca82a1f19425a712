"""Parse configurations from `field=value` arguments; options shared by the commands that train."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields, replace
from typing import Any

from explorer.errors import BadOption
from explorer.networks import network
from explorer.records import Control, OptionValue, TrainConfig
from explorer.training.augmenting import canonical, chain_of
from explorer.training.presets import EXPERIMENTS
from explorer.training.recording import Finished, pack, save_run


def configurations(experiment: str, changes: Sequence[str]) -> tuple[TrainConfig, ...]:
    """The configurations of an experiment with `field=value` changed. Raises `BadOption`, `UnknownEntry`, also for a
    chain of transforms that says nothing or that no batch can have.
    """
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
    if "augment" in values:
        values["augment"] = canonical(values["augment"])
    changed = [_changed(config, values, options) for config in EXPERIMENTS[experiment].configs]
    return tuple(dict.fromkeys(changed))


def _changed(config: TrainConfig, values: dict[str, Any], options: dict[str, str]) -> TrainConfig:
    spec = network(values.get("network", config.network))
    base = dict(config.options) if spec.slug == config.network else {}
    controls = {control.name: control for control in spec.controls}
    changed = {name: _option(controls.get(name), text) for name, text in options.items()}
    spec.options(changed)  # raises `BadOption`
    config = replace(config, **values, options=tuple({**base, **changed}.items()))
    chain_of(config)
    return config


def _typed(name: str, text: str, kind: str) -> Any:
    try:
        return _KINDS[kind](text)
    except ValueError:
        raise BadOption(
            f"{name} wants {'0 or 1' if kind == 'bool' else f'a value of type {kind}'}, not {text!r}."
        ) from None


_KINDS: dict[str, Callable[[str], Any]] = {"int": int, "float": float, "bool": lambda text: bool(int(text)), "str": str}


def _option(control: Control | None, text: str) -> OptionValue:
    """Parse the value of a network's option; the network's `options` validate it."""
    if control is not None and isinstance(control.default, bool):
        return {"1": True, "true": True, "0": False, "false": False}.get(text.lower(), text)
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of every command that trains: experiment, changes, where to save the runs."""
    parser.add_argument("experiment", choices=sorted(EXPERIMENTS))
    parser.add_argument("changes", nargs="*", metavar="field=value")
    parser.add_argument("--device", default="auto", help="cuda, mps or cpu; default: the best there is")
    parser.add_argument("--save", metavar="FOLDER", help="write each finished run there: its record (JSON) and weights")
    parser.add_argument("--curve-only", action="store_true", help="with --save: no weights")
    parser.add_argument("--half", action="store_true", help="with --save: weights as float16, and their accuracy")
    parser.add_argument("--pack", metavar="FOLDER", help="write all runs there as one archive, with half weights")


def conclude(runs: Iterable[Finished], options: argparse.Namespace, command: str) -> int:
    """Print how runs ended and save them according to `options`; returns the exit status."""
    if options.pack:
        packed = list(_printed(runs))
        kept = [run for run in packed if run.state == "finished" or run.diverged]
        pack(kept, options.pack, options.experiment, command, curve_only=options.curve_only)
        return 0 if len(kept) == len(packed) else 1
    all_finished = True
    for run in _printed(runs):
        all_finished &= run.state == "finished"
        if options.save and run.state == "finished":
            weights = None if options.curve_only else run.weights
            save_run(run, options.save, options.experiment, command, weights, half=options.half)
    return 0 if all_finished else 1


def _printed(runs: Iterable[Finished]) -> Iterator[Finished]:
    """The runs, each with a line on the screen as it ends."""
    for run in runs:
        print(run.summary(), flush=True)
        yield run
