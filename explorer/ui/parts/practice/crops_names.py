"""What members of an ensemble are called, and how numbers about them are written."""

from __future__ import annotations

from explorer.records import TrainConfig
from explorer.ui.cached import models as cached_models, networks as cached
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs
from explorer.weights import recorded_run


def member_name(model_id: str) -> str:
    """A member in a few words: its network, and what tells it from others."""
    kind, _, name = model_id.partition(":")
    if kind == "pretrained":
        return cached.spec(name).title.replace("EfficientNet-", "")
    if kind == "run":
        config = cached_models.config_of_run(name)
        return t("crops.own_run", name=_lenet(config), seed=config.seed)
    run = recorded_run(name)
    if run.config.network == "lenet5":
        return _lenet(run.config)
    title, epochs = cached.spec(run.config.network).title, f"{run.points[-1].epoch:.0f}"
    return t("crops.trained_for", title=title.partition(" (")[0], epochs=epochs)


def _lenet(config: TrainConfig) -> str:
    options = dict(config.options)
    said = f"{inputs.choice_name(options['activation'])}, {inputs.choice_name(options['pooling'])}"
    return said if config.pixels == "standard" else f"{said}, {t(f'pixels.{config.pixels}')}"


def members_name(count: int) -> str:
    """An average by how many members it has."""
    return t("crops.one_member") if count == 1 else t("crops.all_members", count=count)


def percent(share: float) -> str:
    """A share in percent, with a decimal where it is small."""
    return f"{100 * share:.0f}" if share >= 0.1 else f"{100 * share:.1f}"


def one_decimal(share: float) -> str:
    """A share in percent with one decimal."""
    return f"{100 * share:.1f}"


def millions(macs: float) -> str:
    """Multiply-adds in millions, to two digits at least."""
    return f"{macs / 1e6:,.0f}" if macs >= 1e7 else f"{macs / 1e6:.2g}"


def points(share: float, digits: int = 1) -> str:
    """A share in percentage points."""
    return f"{100 * share:.{digits}f}"


def signed(share: float, digits: int = 1) -> str:
    """A difference in percentage points, with its sign."""
    return f"{100 * share:+.{digits}f}".replace("-", "−")
