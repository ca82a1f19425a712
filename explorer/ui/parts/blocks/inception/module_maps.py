"""A real image through a module: its maps coloured by branch, and what is lost without each branch."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from explorer.figures.inception import branch_sheet
from explorer.figures.inception_curves import BRANCH_COLOURS, bars
from explorer.figures.tiles import Tile
from explorer.records.inception import BranchMaps
from explorer.ui.cached.blocks import inception as cached
from explorer.ui.cached.models import sample
from explorer.ui.parts.blocks.inception.state import STATE
from explorer.ui.parts.blocks.inception.words import percent
from explorer.ui.shell import exhibit, layout, state
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import listed, named_class, t
from explorer.ui.widgets import inputs
from explorer.ui.widgets.image import choose_image

_SET = "shapes"


def show() -> None:
    """Whose maps, of which image."""
    layout.section(t("inception.maps"), t("inception.maps_note"))
    if inputs.segmented(STATE.module.painter) == "small":
        _small()
    else:
        _googlenet()


def _names() -> dict[str, str]:
    return {name: t(f"inception.branch.{name}") for name in BRANCH_COLOURS}


def _legend() -> None:
    """The colours of the branches, in words."""
    chips = "".join(
        f'<span style="white-space:nowrap"><i style="display:inline-block;width:.8em;height:.8em;margin:0 .35em 0 .9em;'
        f'background:{BRANCH_COLOURS[name]}"></i>{words}</span>'
        for name, words in _names().items()
    )
    st.html(f"<p>{chips}</p>")


def _sheet(found: BranchMaps, drawn: bytes, said: str, key: str) -> None:
    _legend()
    rows = [
        {t("inception.branch_column"): _names()[name], t("inception.channels"): len(maps)}
        for name, maps in found.branches
    ]
    exhibit.show(Exhibit(key, drawn, said, rows, note=said, code=(branch_sheet,)))


# --- the small network ------------------------------------------------------------------------------------------------


def _small() -> None:
    from explorer.blocks.small_inception import facts

    left, right = st.columns([2, 1], gap="medium", vertical_alignment="bottom")
    with left:
        which = inputs.segmented(STATE.module.which)
    with right:
        number = inputs.number(STATE.module.example)
    with layout.waiting():
        found = cached.small_maps(which, number)
        image = sample(_SET, number)
    recorded = facts()
    st.caption(
        t(
            "inception.small_facts",
            accuracy=percent(recorded.accuracy),
            torch=recorded.torch,
            command=recorded.command,
        )
    )
    picture, maps = st.columns([1, 4], gap="medium")
    truth, answer = named_class(image.truth), named_class(found.answer)
    with picture:
        said = t("inception.small_answer", truth=truth, answer=answer, share=percent(found.share, 0))
        exhibit.show(
            Exhibit("inception-example", (Tile(cached.example_png(number), said),), said, width=168), details=False
        )
    with maps:
        counts = listed(f"{_names()[name]} {len(each)}" for name, each in found.branches)
        said = t("inception.sheet_say", counts=counts, total=sum(len(each) for _, each in found.branches))
        _sheet(found, cached.small_sheet(which, number), said, "inception-maps")
    _lesions(recorded.accuracy, recorded.without[which])


def _lesions(whole: float, measured: Mapping[str, float]) -> None:
    """The accuracy without each branch."""
    from explorer.blocks.small_inception import lesions

    title = t("inception.lesions")
    names = [_names()[name] for name in measured]
    groups = [(t("inception.accuracy_line"), BRANCH_COLOURS["1x1"], [100 * value for value in measured.values()])]
    colours = [BRANCH_COLOURS[name] for name in measured]
    option = bars(names, groups, theme=layout.theme(), upright="%", title=title, colours=colours)
    worst = min(measured, key=measured.__getitem__)
    said = t(
        "inception.lesions_say",
        whole=percent(whole),
        branch=_names()[worst],
        least=percent(measured[worst]),
    )
    rows = [
        {t("inception.branch_column"): name, t("inception.accuracy_line"): round(100 * value, 1)}
        for name, value in zip(names, measured.values(), strict=True)
    ]
    exhibit.show(Exhibit("inception-lesions", option, said, rows, note=said, code=(lesions,), height=260))


# --- GoogLeNet --------------------------------------------------------------------------------------------------------


def _googlenet() -> None:
    image = choose_image(STATE.image, 3)
    with layout.waiting():
        model_id = cached.googlenet_id()
        module = state.peek(STATE.module.name)
        found = cached.googlenet_maps(model_id, image, module)
    if model_id.startswith("random"):
        st.info(t("inception.random_maps"), icon=":material/casino:")
    counts = listed(f"{_names()[name]} {len(each)}" for name, each in found.branches)
    said = t("inception.google_say", module=module, counts=counts)
    _sheet(found, cached.googlenet_sheet(model_id, image, module), said, "inception-google")
