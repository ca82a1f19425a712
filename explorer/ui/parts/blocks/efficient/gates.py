"""Squeeze-and-excitation: the gates of an image, and what is lost when they no longer depend on it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from explorer.errors import ExplorerError
from explorer.figures import efficient as figures
from explorer.figures.efficient import Line
from explorer.records.efficient import GateLayer
from explorer.ui.cached import models as cached_models, networks as cached_networks
from explorer.ui.cached.blocks import efficient as cached
from explorer.ui.parts.blocks.efficient.state import STATE
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.boundary import fragment
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import dataset_name, refusal, t
from explorer.ui.widgets import inputs
from explorer.ui.widgets.image import choose_image


def show() -> None:
    """A model, an image, a module; its gates, and the accuracies without."""
    layout.section(t("efficient.gates"), t("efficient.gates_note"))
    fragment(_chosen)


def _chosen() -> None:
    with st.spinner(t("frame.loading")):
        models = cached.gated_models()
        names = {model_id: _name(model_id) for model_id in models}
    left, middle, right = st.columns(3)
    with left:
        model_id = inputs.select(STATE.gated, models, names.__getitem__)
    with middle:
        image = choose_image(STATE.image, 3)
    try:
        found = cached.gates(model_id, image)
    except ExplorerError as problem:
        st.warning(refusal(problem), icon=":material/block:")
        return
    with right:
        number = inputs.slider(STATE.module, high=len(found), default=_liveliest(found), owner=model_id)
    _gates(found, number)
    _accuracy(model_id)


def _liveliest(found: Sequence[GateLayer]) -> int:
    """The module whose gates differ most from image to image, counted from 1."""
    return 1 + max(range(len(found)), key=lambda place: float(found[place].deviation.mean()))


def _name(model_id: str) -> str:
    card = cached_models.card(model_id)
    title = cached_networks.spec(card.instance.slug).title
    if not model_id.startswith("recorded:"):
        return t("efficient.published_weights", network=title)
    data = "shapes" if "shapes" in model_id else "cifar10"
    return t("efficient.trained_here", network=title, data=dataset_name(data))


def _gates(found: Sequence[GateLayer], number: int) -> None:
    layer = found[number - 1]
    order = sorted(range(len(layer.mean)), key=lambda channel: float(layer.mean[channel]))
    mean, here = (each[order].tolist() for each in (layer.mean, layer.here))
    places = [float(place) for place in range(1, len(order) + 1)]
    series = [
        Line(t("efficient.gate_here"), 1, list(zip(places, here, strict=True)), "dots"),
        Line(t("efficient.gate_mean"), 0, list(zip(places, mean, strict=True))),
        *(
            Line(t("efficient.gate_spread"), 7, list(zip(places, edge, strict=True)), "dash")
            for edge in ((layer.mean - layer.deviation)[order].tolist(), (layer.mean + layer.deviation)[order].tolist())
        ),
    ]  # fmt: skip
    drawn = figures.lines(
        series,
        theme=layout.theme(),
        across=t("efficient.gate_axis"),
        upright=t("efficient.gate"),
        title=t("efficient.gates_title", module=layer.name),
        low=(0, None),
    )
    by_module = [float(each.deviation.mean()) for each in found]
    low, high = min(here), max(here)
    sentence = t(
        "efficient.gates_say",
        number=number,
        of=len(found),
        channels=len(order),
        low=f"{low:.2f}",
        high=f"{high:.2f}",
        spread=f"{by_module[number - 1]:.3f}",
        first=f"{by_module[0]:.3f}",
        last=f"{by_module[-1]:.3f}",
    )
    st.markdown(sentence)
    rows = [
        {
            t("efficient.column.channel"): channel + 1,
            t("efficient.gate_here"): round(float(layer.here[channel]), 4),
            t("efficient.gate_mean"): round(float(layer.mean[channel]), 4),
            t("efficient.gate_spread"): round(float(layer.deviation[channel]), 4),
        }
        for channel in range(len(order))
    ]
    exhibit.show(Exhibit("efficient-gates", drawn, sentence, rows, code=cached.gates_code, height=300, formula=_GATE))


_GATE = r"s = \sigma(W_2\, \mathrm{ReLU}(W_1\, \bar x + b_1) + b_2), \qquad y_c = s_c\, x_c"


def _accuracy(model_id: str) -> None:
    with st.spinner(t("frame.loading")):
        found = cached.gated_accuracy(model_id)
    if found is None:
        st.caption(t("efficient.no_test_set"))
        return
    ways = {way: 100 * getattr(found, way) for way in ("free", "mean", "shuffled", "opened")}
    names = [t(f"efficient.gates_{way}") for way in ways]
    drawn = figures.bars(
        names,
        [(t("efficient.accuracy"), 0, [round(value, 1) for value in ways.values()])],
        theme=layout.theme(),
        across=t("efficient.accuracy_axis"),
        title=t("efficient.accuracy_title"),
        stacked=False,
    )
    sentence = t(
        "efficient.accuracy_say",
        images=found.images,
        free=f"{ways['free']:.1f}",
        mean=f"{ways['mean']:.1f}",
        shuffled=f"{ways['shuffled']:.1f}",
        opened=f"{ways['opened']:.1f}",
    )
    rows = [
        {t("efficient.column.gates"): name, t("efficient.accuracy_axis"): round(value, 2)}
        for name, value in zip(names, ways.values(), strict=True)
    ]
    exhibit.show(Exhibit("efficient-gated", drawn, sentence, rows, height=240, note=sentence))
