"""What a taught head says of another image: probabilities, the nearest images, where it looks; and the head itself."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from explorer.errors import ExplorerError
from explorer.figures.confusion import answer_bars
from explorer.figures.tiles import Tile
from explorer.records import InputImage
from explorer.ui.cached.transfer import teaching
from explorer.ui.cached.transfer.teaching import Said, Taught
from explorer.ui.parts.training.transfer.collecting import OneClass
from explorer.ui.parts.training.transfer.state import STATE
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import listed, refusal, t
from explorer.ui.widgets.image import choose_image


def show(classes: Sequence[OneClass], known: Taught, channels: int) -> None:
    """An image to ask about, the answer, and the button that hands the head out.

    With one channel, digits and a pad to draw on stand first.
    """
    layout.section(t("transfer.ask"), t("transfer.ask_note"))
    left, right = st.columns([2, 3], gap="large")
    with left:
        image = choose_image(STATE.image, channels)
    names = told_apart([each.name for each in classes])
    with st.spinner(t("frame.loading")):
        said = teaching.said(known, tuple(each.images for each in classes), image)
    with left:
        alt = t("transfer.asked_alt", name=names[_best(said)])
        shown = Exhibit("taught-asked", teaching.thumbnail(image, 224), alt, width=224)
        exhibit.show(shown, details=False)
    with right:
        _bars(names, said)
        _nearest(classes, said)
    _maps(names, known, image)
    _export(names, known)


def told_apart(names: Sequence[str]) -> list[str]:
    """The names, with a number where one has been there before."""
    found: list[str] = []
    for name in names:
        again, shown = 1, name
        while shown in found:
            again += 1
            shown = f"{name} ({again})"
        found.append(shown)
    return found


def _best(said: Said) -> int:
    return max(range(len(said.shares)), key=said.shares.__getitem__)


def _bars(names: Sequence[str], said: Said) -> None:
    from explorer.transfer import probabilities

    title = t("transfer.answer")
    drawn = answer_bars(said.shares, names, theme=layout.theme(), title=title)
    sentence = t(
        "transfer.answer_alt",
        list=listed(f"{name} {100 * share:.1f}%" for name, share in zip(names, said.shares, strict=True)),
    )
    rows = [
        {t("transfer.column_truth"): name, "%": round(100 * share, 1)}
        for name, share in zip(names, said.shares, strict=True)
    ]
    height = 80 + 34 * len(names)
    exhibit.show(Exhibit("taught-answer", drawn, sentence, rows, code=(probabilities,), height=height))


def _nearest(classes: Sequence[OneClass], said: Said) -> None:
    st.markdown(t("transfer.nearest"))
    tiles = tuple(
        Tile(teaching.thumbnail(classes[i].images[j]), f"{classes[i].name} · {cosine:.2f}")
        for i, j, cosine in said.nearest
    )
    exhibit.show(Exhibit("taught-nearest", tiles, listed(tile.words for tile in tiles), width=88), details=False)


def _maps(names: Sequence[str], known: Taught, image: InputImage) -> None:
    """Grad-CAM of every class through the new head."""
    st.markdown(t("transfer.maps"))
    tiles, missing = [], []
    with st.spinner(t("why.working", method=t("why.method.grad-cam"))):
        for target, name in enumerate(names):
            try:
                png = teaching.class_map(known, image, target)
            except ExplorerError as problem:
                missing.append(f"{name}: {refusal(problem)}")
                continue
            tiles.append(Tile(png, name, t("transfer.map_alt", name=name)))
    if tiles:
        sentence = t("transfer.maps_alt", list=listed(names))
        exhibit.show(Exhibit("taught-maps", tuple(tiles), sentence, width=200), details=False)
    for said in missing:
        st.caption(said)


def _export(names: Sequence[str], known: Taught) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            t("transfer.export"),
            partial(teaching.export, known, tuple(names)),
            "head.zip",
            "application/zip",
            icon=":material/download:",
            on_click="ignore",
            key="taught-export",
        )
        st.caption(t("transfer.export_note"), width="content")
