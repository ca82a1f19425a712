"""A spiral through a random expansion, an activation, and back: what is lost, by the number of dimensions."""

from __future__ import annotations

from functools import partial

import streamlit as st

from explorer.blocks.spiral import through
from explorer.figures import efficient as figures
from explorer.figures.efficient import Line
from explorer.ui.cached.blocks import efficient as cached
from explorer.ui.parts.blocks.efficient.state import STATE
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.boundary import fragment
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs

_SHOWN = (2, 3, 5, 15, 30)
"""The dimensions of the paper's figure."""


def show() -> None:
    """The figure of the paper with the chosen number of dimensions, and the error over all numbers."""
    named = {"relu": "ReLU", "relu6": "ReLU6", "linear": t("efficient.no_activation")}
    after = inputs.segmented(STATE.after, named=named.__getitem__)
    fragment(partial(_through, after))
    _errors(after)


def _through(after: str) -> None:
    """What the sliders change, and nothing below it."""
    with layout.row():
        n = inputs.slider(STATE.n)
        seed = inputs.slider(STATE.seed)
    found = cached.spiral(n, after, seed)
    sentence = t(
        f"efficient.spiral_{'linear' if after == 'linear' else 'bent'}",
        n=n,
        error=f"{100 * found.error:.0f}",
        lost=f"{100 * found.lost:.0f}",
    )
    st.markdown(sentence)
    several = [(f"n = {each}", cached.spiral(each, after, seed).back) for each in sorted({*_SHOWN, n})]
    panels = [(t("efficient.spiral_input"), found.points), *several]
    title, label = t("efficient.spiral_title"), exhibit.plain(sentence)
    drawn = figures.curves(panels, theme=layout.theme(), title=title, label=label)
    exhibit.show(Exhibit("efficient-spiral", drawn, sentence, code=(through,), formula=_BACK))


_BACK = r"\hat x = c\, T^{+} g(T x), \qquad T \in \mathbb{R}^{n \times 2}"


def _errors(after: str) -> None:
    rows = cached.spiral_errors(after)
    means = [(float(m), 100 * sum(errors) / len(errors)) for m, errors, _ in rows]
    lost = [(float(m), 100 * sum(shares) / len(shares)) for m, _, shares in rows]
    series = [
        Line(t("efficient.error_mean"), 0, means),
        Line(t("efficient.lost_mean"), 1, lost, "dash"),
    ]
    title = t("efficient.error_title")
    drawn = figures.lines(series, theme=layout.theme(), across="n", upright="%", title=title, low=(2, 0))
    sentence = t(
        "efficient.errors_say",
        two=f"{means[0][1]:.0f}",
        fifteen=f"{means[13][1]:.0f}",
        thirty=f"{means[28][1]:.0f}",
        lost_two=f"{lost[0][1]:.0f}",
        lost_fifteen=f"{lost[13][1]:.1f}",
    )
    table = [
        {"n": int(m), t("efficient.error_mean"): round(error, 1), t("efficient.lost_mean"): round(share, 1)}
        for (m, error), (_, share) in zip(means, lost, strict=True)
    ]
    exhibit.show(Exhibit("efficient-errors", drawn, sentence, table, height=280, note=sentence))
