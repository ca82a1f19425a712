"""Runs in words and numbers: a name for each curve, what a configuration says, and the rows behind a figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from explorer.figures.runs import Curve, measured
from explorer.records import TrainConfig
from explorer.ui.cached import networks as cached_networks, runs as cached_runs
from explorer.ui.shell.words import dataset_name, group, listed, plain, t

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
    if key == "per_class" and not value:
        return t("runs.all_images")
    if not isinstance(value, str):
        return f"{value:g}" if isinstance(value, float) else f"{value:,}"
    names = {"network": cached_runs.titles(), "optimizer": _OPTIMIZERS, "dataset": {value: dataset_name(value)}}
    words = names[key] if key in names else group("choice" if key.startswith("option.") else key)
    return words.get(value) or (_chain(value) if key == "augment" else plain(value))


def _chain(text: str) -> str:
    """The text of a chain of transforms in words: each transform, and in brackets what is not the default.

    It has letters, digits and hyphens only, or there were no configuration with it.
    """
    names, options = group("transform"), group("augmentation.option")
    said = []
    for step in text.split("_"):
        slug, *settings = step.split("*")
        pairs = [setting.partition("-") for setting in settings]
        details = [f"{value} p" if name == "p" else f"{options.get(name, name)} {value}" for name, _, value in pairs]
        name = names.get(slug, slug)
        said.append(f"{name} [{listed(details)}]" if details else name)
    return " → ".join(said)


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


# --- the numbers behind figures of runs, a column for each curve ------------------------------------------------------


def by_step(curves: Sequence[Curve], measures: Sequence[str]) -> list[dict[str, Any]]:
    """Measures of runs, a row for each step that one of them has a point at."""
    points = {curve.name: {point.step: point for point in curve.points} for curve in curves}
    return [
        {t("lab.step"): step}
        | {
            f"{name} · {t(f'lab.{measure}')}": measured(own[step], measure) if step in own else None
            for measure in measures
            for name, own in points.items()
        }
        for step in sorted({step for own in points.values() for step in own})
    ]


def by_layer(curves: Sequence[Curve], *, last: bool = False) -> list[dict[str, Any]]:
    """Gradient norms at the first probe, or the last, a row for each weight layer from the input on."""
    probes = [[point.gradient_norms for point in curve.points if point.gradient_norms] for curve in curves]
    norms = [found[-1 if last else 0] if found else () for found in probes]
    return [
        {t("lab.layer"): layer + 1}
        | {curve.name: own[layer] if layer < len(own) else None for curve, own in zip(curves, norms, strict=True)}
        for layer in range(max(map(len, norms), default=0))
    ]


def by_probe(curve: Curve) -> list[dict[str, Any]]:
    """Gradient norms of all probes of a run, a row for each step and weight layer."""
    return [
        {t("lab.step"): point.step, t("lab.layer"): layer, t("lab.gradient_norm"): norm}
        for point in curve.points
        for layer, norm in enumerate(point.gradient_norms or (), 1)
    ]
