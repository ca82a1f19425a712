"""One operation of a network beside whatever was clicked: what it is, its formulas, its map, its code, and links.

The same on every page. Its number, counted from 1, is a field of the page; 0 is none, and nothing is computed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st

from explorer.fields import Field, number, written
from explorer.records import InputImage, LayerRecord, NetworkInstance
from explorer.ui.cached import models as cached_models, networks as cached, operations
from explorer.ui.components import opening
from explorer.ui.shell import navigation, present, state
from explorer.ui.shell.words import t
from explorer.ui.widgets import operation_words as words
from explorer.ui.widgets.onward import address

OPERATION: Field[int] = number("op", 0, 100_000)
"""The field of a page that opens operations."""

_PANEL = "operation"

_MAP, _BESIDE_A_MAP = 160, 185  # pixels


@dataclass(frozen=True, slots=True)
class Opened:
    """What operations are opened of: a network, and for their maps a model of it ("" where there is none) and an image.

    `seen` gives these two when they are asked for. `choose` shows all maps of a layer on the page itself; a page
    without it links to the one that does.
    """

    instance: NetworkInstance
    seen: Callable[[], tuple[str, InputImage]]
    choose: Callable[[str], None] | None = None

    @property
    def layers(self) -> Sequence[LayerRecord]:
        """All operations, in order. Traces the network."""
        return cached.trace(self.instance).layers


def open_beside(instance: NetworkInstance, index: int) -> None:
    """Open an operation from a callback; `index` counts from 0."""
    _open(instance, index + 1)
    st.rerun(_PANEL)


def _open(instance: NetworkInstance, chosen: int) -> None:
    state.assign(OPERATION, chosen, owner=instance.slug)


@st.fragment(key=_PANEL)  # a click draws nothing else anew
def panel(opened: Opened) -> None:
    """What a click on the page opens; while nothing is, a button that opens the first operation."""
    if present.now():
        return
    owner = opened.instance.slug
    bound = state.bind(OPERATION, allowed=lambda chosen: not chosen or chosen <= len(opened.layers), owner=owner)
    with st.container(gap=None):  # only the button takes room
        label, note, other = t("opened.step"), t("opened.step_help"), (opened.instance, 0 if bound.value else 1)
        st.button(label, key="step", icon=":material/function:", type="tertiary", help=note, on_click=_open, args=other)
        opening.listen(partial(_open, opened.instance), key="_opening")
        if bound.value:
            with st.container(key=_PANEL, gap="small"):
                _head(opened, bound.key)
                _show(opened, opened.layers[bound.value - 1])
    bound.commit()


def _head(opened: Opened, key: str) -> None:
    """The number to step through; the other side of the window, which `components.opening` sees to; and the end."""
    last, label = len(opened.layers), t(OPERATION.words)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.number_input(label, 1, last, key=key, label_visibility="collapsed", width=150)
        st.markdown(t("opened.of", last=last), width="stretch")
        st.button(t("opened.side"), key="other-side", icon=":material/swap_horiz:", type="tertiary")
        shut = partial(_open, opened.instance, 0)
        st.button(t("opened.close"), key="shut", icon=":material/close:", shortcut="Esc", on_click=shut)


def _show(opened: Opened, layer: LayerRecord) -> None:
    st.markdown(words.what_it_is(layer))
    st.caption(f"{words.sizes(layer)}  \n{words.shares(opened.layers, layer)}")
    st.markdown(words.formulas(opened.layers, layer.index))
    _map(opened, layer)
    st.code(f"# {layer.name}\n{operations.code(opened.instance, layer.index)}", language="python", wrap_lines=True)
    _links(opened, layer)
    st.caption(t("opened.symbols"))


def _map(opened: Opened, layer: LayerRecord) -> None:
    """The mean map of the image at this point, where there are weights and it is a grid."""
    if not _is_grid(layer):
        return
    model_id, image = opened.seen()
    found = operations.mean_map(model_id, image, layer.name) if model_id else None
    if found is None:
        return
    png, low, high = found
    said = t("opened.map", count=layer.out_shape[0], low=f"{low:.3g}", high=f"{high:.3g}")
    weights = t("opened.trained") if cached_models.model(model_id).trained else t("opened.untrained")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.image(png, width=_MAP, output_format="PNG", alt=said)
        st.caption(f"{said} {weights}", width=_BESIDE_A_MAP)


def _is_grid(layer: LayerRecord) -> bool:
    return len(layer.out_shape) == 3 and layer.out_shape[1:] != (1, 1)


def _links(opened: Opened, layer: LayerRecord) -> None:
    """The other pages at this very operation."""
    here = opened.choose
    with st.container(horizontal=True):
        if here and _is_grid(layer):
            if st.button(t("opened.to_maps"), key="all-maps", icon=navigation.spec_of("maps").icon, type="tertiary"):
                here(layer.name)
                st.rerun()
        elif _is_grid(layer):
            _link("maps", t("opened.to_maps"), to_maps(opened.instance, layer))
        if state.page() != "pipeline":
            _link("pipeline", t("opened.to_pipeline"), to_pipeline(opened.instance, layer))


def _link(slug: str, label: str, query: dict[str, str]) -> None:
    page = navigation.spec_of(slug)
    st.page_link(navigation.page_of(page), label=label, icon=page.icon, query_params=query, width="content")


def to_maps(instance: NetworkInstance, layer: LayerRecord) -> dict[str, str]:
    """The address of Feature maps at a layer; with its number if the network is as declared: weights fit that one."""
    named = address(instance.slug) | {"layer": layer.name}
    as_declared = instance == NetworkInstance.of(cached.spec(instance.slug))
    return named | ({OPERATION.name: str(layer.index + 1)} if as_declared else {})


def to_pipeline(instance: NetworkInstance, layer: LayerRecord) -> dict[str, str]:
    """The address of the Shape pipeline at an operation, of this network with its options."""
    spec = cached.spec(instance.slug)
    (_, *usual), (_, *size) = spec.input_shape, instance.input_shape
    sides = {name: str(side) for name, side, other in zip("hw", size, usual, strict=True) if side != other}
    classes = {"classes": str(instance.classes)} if instance.classes != spec.classes else {}
    declared = spec.options()
    options = {f"o.{name}": written(value) for name, value in instance.options if value != declared.get(name)}
    return address(instance.slug) | sides | classes | options | {OPERATION.name: str(layer.index + 1)}
