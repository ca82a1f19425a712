"""Basic, bottleneck and pre-activation blocks of one width: what every layer costs, and what the shortcut does."""

from __future__ import annotations

import streamlit as st

from explorer.arithmetic.residual import KINDS, block_kind
from explorer.records.residual import BlockKind
from explorer.ui.parts.blocks.residual.state import STATE
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs


def show() -> None:
    """The four kinds at one width, as `networks` builds them, with parameters and multiply-adds."""
    from explorer.figures.residual_shapes import block_kinds

    layout.section(t("residual.kinds_title"), t("residual.kinds_note"))
    left, middle, right = st.columns([2, 2, 6], gap="medium", vertical_alignment="bottom")
    with left:
        width = inputs.select(STATE.width, named="{:d}".format)
    with middle:
        side = inputs.select(STATE.side, named="{0} × {0}".format)
    with right:
        change = inputs.segmented(STATE.change)
    same = change == "same"
    n_out, stride, option = (width, 1, "A") if same else (2 * width, 2, change)
    kinds = [block_kind(name, width, n_out, side, stride, option) for name in KINDS]
    named = {name: t(f"residual.kind.{name}") for name in (*KINDS, *_WORDS)}
    basic, narrow = kinds[0], kinds[1]
    sentence = t(
        f"residual.kinds_{change}",
        width=width,
        basic=f"{basic.parameters:,}",
        narrow=f"{narrow.parameters:,}",
        times=f"{basic.parameters / narrow.parameters:.1f}",
        shortcut=f"{basic.shortcut_parameters:,}",
    )
    drawn = block_kinds(kinds, theme=layout.theme(), words={**named, **_LAYERS}, label=exhibit.plain(sentence))
    rows = _rows(kinds)
    shown = Exhibit("residual-kinds", drawn, sentence, rows, code=_code)
    exhibit.show(shown, details=False)
    st.markdown(sentence)
    exhibit.twin(shown)


_WORDS = ("identity", "padding", "projection", "macs")
_LAYERS = {"norm": "BN", "relu": "ReLU"}


def _rows(kinds: list[BlockKind]) -> list[dict[str, object]]:
    return [
        {
            t("residual.kind.kind"): t(f"residual.kind.{kind.name}"),
            t("residual.kind.branch"): kind.parameters - kind.shortcut_parameters,
            t("residual.kind.shortcut"): kind.shortcut_parameters,
            t("residual.kind.total"): kind.parameters,
            t("residual.kind.macs"): kind.macs,
        }
        for kind in kinds
    ]


def _code() -> exhibit.Code:
    """The blocks as the networks of the catalogue have them."""
    from explorer.networks import network

    modules = [module for slug in _HOMES for module in network(slug).build().modules()]
    named = {kind.__name__: kind for module in modules for kind in type(module).__mro__}
    return tuple(named[name] for name in _CLASSES)


_HOMES = ("cifar-resnet20", "resnet50", "preact-resnet110-cifar")
_CLASSES = ("BasicBlock", "Bottleneck", "PreActBasic", "PreActUnit")
