"""The page that asks what units want: its state, which unit is asked, and the filters of the first layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from explorer.fields import Field, choice, flag, number, one_of, several, slug
from explorer.records import MOST_CLASSES, FirstFilters, UnitLayer
from explorer.ui.cached import models as cached_models, units as cached_units
from explorer.ui.components import pointing
from explorer.ui.shell import exhibit, navigation, state
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs
from explorer.ui.widgets.image import ImageFields
from explorer.ui.widgets.model import ModelFields
from explorer.ui.widgets.onward import address

if TYPE_CHECKING:
    from explorer.figures.maps import Sheet

VIEWS = ("filters", "patches", "dream", "lesion")
_MOST_CHANNELS = 100_000
_DEEP = 0.85  # of the blocks
_LARGEST_FIELD = 0.75  # a layer whose field is smaller than this share of the image has patches worth cutting


@dataclass(frozen=True, slots=True)
class RegulariserFields:
    """What holds a search to images; the names are those of `FeatureVisConfig`."""

    fourier: Field[bool] = flag("dream-fourier", True, label="units.reg_fourier")
    decorrelate: Field[bool] = flag("dream-decorrelate", True, label="units.reg_decorrelate")
    jitter: Field[bool] = flag("dream-jitter", True, label="units.reg_jitter")
    rotate: Field[bool] = flag("dream-rotate", True, label="units.reg_rotate")
    scale: Field[bool] = flag("dream-scale", True, label="units.reg_scale")


@dataclass(frozen=True, slots=True)
class UnitsState:
    """What is chosen on the page: a model and one of four questions; a unit; and what each question asks besides."""

    model: ModelFields = field(default_factory=ModelFields)
    view: Field[str] = choice("unitview", VIEWS)
    layer: Field[str] = slug("layer", label="units.layer")
    channel: Field[int] = number("channel", 0, _MOST_CHANNELS)
    sort: Field[str] = choice("unitsort", ("norm", "index"))
    dataset: Field[str] = slug("patchset", label="control.data")
    objective: Field[str] = choice("dreamfor", ("channel", "unit", "class"))
    target: Field[int] = number("dreamclass", 0, MOST_CLASSES, label="units.class")
    steps: Field[int] = one_of("dreamsteps", (64, 128, 256, 512), 128)
    seed: Field[int] = number("dreamseed", 0, 9_999)
    regularisers: RegulariserFields = field(default_factory=RegulariserFields)
    ablated: Field[str] = choice("lesionof", ("block", "channel"))
    blocks: Field[tuple[str, ...]] = several("bypass", label="units.bypass")
    channels: Field[tuple[str, ...]] = several("off", label="units.off")
    image: ImageFields = field(default_factory=ImageFields)


STATE = UnitsState()


def show_filters(model_id: str) -> None:
    """The filters of the first convolution as images, in words, and as a table."""
    by_norm = inputs.segmented(STATE.sort) == "norm"
    found, sheet = cached_units.filters(model_id, by_norm)
    channel = _chosen_filter(model_id, found)
    kind = "colour" if found.weights.shape[1] == 3 else "grey"
    side = found.weights.shape[2]
    sentence = t(
        f"units.filters_{kind}",
        count=len(found.order),
        size=f"{side}×{side}",
        layer=found.layer,
        first=found.order[0],
        norm=f"{found.norms[0]:.2f}",
        last=found.order[-1],
        least=f"{found.norms[-1]:.2f}",
    )
    rows = [
        {t("units.col_channel"): channel, t("units.col_norm"): round(norm, 3)}
        for channel, norm in zip(found.order, found.norms, strict=True)
    ]
    name = f"filters-{cached_models.card(model_id).instance.slug}"
    drawing = channels_to_choose(sheet, found.order, channel, f"filters.{model_id}.{by_norm}", sentence)
    with st.container(key="filters"):  # which a phone scrolls: their numbers are to be read
        exhibit.show(Exhibit(name, drawing, sentence, note=sentence), details=False)
    norm = f"{found.norms[found.order.index(channel)]:.2f}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(t("units.filter", channel=channel, norm=norm), width="content")
        query = address(cached_models.card(model_id).instance.slug) | {"layer": found.layer, "ch": str(channel)}
        st.page_link(navigation.page("maps"), label=t("units.filter_map"), query_params=query, width="content")
    exhibit.twin(Exhibit(name, sheet.png, sentence, rows, code=cached_units.filters_code))


def _chosen_filter(model_id: str, found: FirstFilters) -> int:
    """The filter that was chosen, or the first; a choice for another layer is kept."""
    bound = state.bind(STATE.channel)
    return bound.commit() if bound.value in found.order else found.order[0]


def channels_to_choose(sheet: Sheet, channels: Sequence[int], chosen: int, key: str, label: str) -> Callable[..., None]:
    """A sheet of images of channels, as an exhibit draws it: a click chooses the channel."""

    def pick(row: int, column: int) -> None:
        state.assign(STATE.channel, channels[row * sheet.columns + column])
        st.rerun()  # its number stands elsewhere on the page

    return partial(
        pointing.point,
        sheet.png,
        sheet.rows,
        sheet.columns,
        divmod(channels.index(chosen), sheet.columns) if chosen in channels else None,
        key=key,
        label=label,
        pick=pick,
        gap=sheet.gap / sheet.pitch[1],
        width=sheet.width,
        names=[t("units.channel_alt", number=channel) for channel in channels],
    )


# --- which unit -------------------------------------------------------------------------------------------------------


def pick_layer(model_id: str, layers: Sequence[UnitLayer]) -> UnitLayer:
    """Select a layer, named with its shape and the receptive field of its units."""
    model = cached_models.model(model_id)
    by_name = {layer.module: layer for layer in layers}
    named = {name: _layer_name(layer) for name, layer in by_name.items()}
    default = _default(model.input_shape[1], layers)
    return by_name[inputs.select(STATE.layer, list(by_name), named.__getitem__, default=default, owner=model.spec.slug)]


def _layer_name(layer: UnitLayer) -> str:
    channels, height, width = layer.shape
    kind = t("units.block") if layer.kind == "block" else t(f"kind.{layer.kind}")
    size = t("units.field", size="×".join(map(str, layer.rf.size)))
    return f"{layer.module} · {kind} · {height}×{width}×{channels} · {size}"


def _default(side: int, layers: Sequence[UnitLayer]) -> str:
    blocks = [layer for layer in layers if layer.kind == "block"] or list(layers)
    local = [layer for layer in blocks if max(layer.rf.size) <= _LARGEST_FIELD * side and layer.rectified]
    if local and local[-1] is not blocks[0]:
        return local[-1].module
    # A network of linear bottlenecks has a rectified block at either end only: what it wants shows before the last.
    return blocks[int(_DEEP * len(blocks)) if local else -1].module


def pick_channel(layer: UnitLayer) -> int:
    """Select a channel of a layer."""
    last = layer.shape[0] - 1
    return inputs.number(STATE.channel, high=last, label=t("units.channel", last=last))
