"""Runs in words: a name for each curve, and what a configuration says, in the language of the session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from explorer.records import TrainConfig
from explorer.ui.cached import networks as cached_networks, runs as cached_runs
from explorer.ui.shell.words import dataset_name, group, plain, t

_OPTIMIZERS = {"sgd": "SGD", "adam": "Adam", "adamw": "AdamW"}


def network(slug: str) -> str:
    """What a network is called in a list of all: one of the compared ones as on their own page, Plain-56."""
    if compared := depth_and_skips(slug):
        return t("runs.any_depth") if "depth" in cached_networks.spec(slug).options() else _compared(*compared)
    return cached_runs.titles().get(slug, slug).partition(" (")[0]


def depth_and_skips(slug: str, options: Mapping[str, Any] = MappingProxyType({})) -> tuple[int, bool] | None:
    """(number of weight layers, whether it has skips) of one of the networks that are compared by depth, else None."""
    if slug not in cached_runs.titles():  # of a run that another version wrote
        return None
    spec = cached_networks.spec(slug)
    depth, skips = options.get("depth", spec.depth), options.get("residual", not spec.plain)
    return (int(depth), bool(skips)) if spec.depth else None


def _compared(depth: int, skips: bool) -> str:
    return t("lab.residual" if skips else "lab.plain", depth=depth)


def name(config: TrainConfig) -> str:
    """A run's short name: its title and its seed."""
    return title(config) + " · " + t("runs.seed", seed=config.seed)


def title(config: TrainConfig) -> str:
    """The network of a run, with its depth."""
    compared = depth_and_skips(config.network, dict(config.options))
    return _compared(*compared) if compared else network(config.network)


def names(configs: Sequence[TrainConfig]) -> list[str]:
    """A unique name for each run: duplicates get the settings they differ in, or a number."""
    titles, flats = [name(config) for config in configs], [flat(config) for config in configs]
    found = []
    for index, (title, own) in enumerate(zip(titles, flats, strict=True)):
        twins = [other for other, others in zip(flats, titles, strict=True) if others == title]
        differing = [key for key in own if any(twin.get(key) != own[key] for twin in twins)]
        extra = [f"{field_name(key)} {own[key]}" for key in differing[:2]]
        number = [f"#{flats[: index + 1].count(own)}"] if flats.count(own) > 1 else []
        found.append(" · ".join([title, *extra, *number]))
    return found


def flat(config: TrainConfig) -> dict[str, str]:
    """Every field of a configuration, and every option of its network, written out."""
    fields = {field: getattr(config, field) for field in TrainConfig.__dataclass_fields__ if field != "options"}
    fields |= {f"option.{option}": value for option, value in config.options}
    return {key: written(key, value) for key, value in fields.items()}


def written(key: str, value: Any) -> str:
    """The value of a field or an option as it is shown: a name where it has one."""
    if isinstance(value, bool):
        return t("runs.on") if value else t("runs.off")
    if not isinstance(value, str):
        return f"{value:g}" if isinstance(value, float) else f"{value:,}"
    names = {"network": cached_runs.titles(), "optimizer": _OPTIMIZERS, "dataset": {value: dataset_name(value)}}
    words = names[key] if key in names else group("choice" if key.startswith("option.") else key)
    return words.get(value) or plain(value)


def field_name(key: str) -> str:
    """The name of a configuration field or network option."""
    option = key.removeprefix("option.")
    return group("option").get(option, option) if option != key else t(f"field.{key}")


def recipe(config: TrainConfig) -> str:
    """Optimizer, learning rate and schedule."""
    return f"{_OPTIMIZERS[config.optimizer]} {config.lr:g} · " + t(f"schedule.{config.schedule}")


def options(config: TrainConfig) -> str:
    """The network's options but its depth, in words."""
    rest = {f"option.{key}": value for key, value in config.options if key not in {"depth", "residual"}}
    words = [
        written(key, value) if isinstance(value, str) else f"{field_name(key)} {written(key, value)}"
        for key, value in rest.items()
    ]
    if "residual" in dict(config.options):
        words.insert(0, t("runs.residual") if dict(config.options)["residual"] else t("runs.plain"))
    return " · ".join(words)
