"""The page Ten crops, ensembles: its state, and the views of one image with what a network says of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import streamlit as st

from explorer.errors import ExplorerError, ShapeMismatch
from explorer.fields import Field, choice, number, several
from explorer.figures import averaging as figures
from explorer.figures.tiles import Tile
from explorer.records import InputImage
from explorer.ui.cached import models as cached_models, networks as cached
from explorer.ui.cached.practice import crops as cached_crops
from explorer.ui.parts.practice.crops_names import millions, percent
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import refusal, t
from explorer.ui.widgets import inputs
from explorer.ui.widgets.image import ImageFields
from explorer.ui.widgets.model import ModelFields
from explorer.ui.widgets.model_words import class_name

if TYPE_CHECKING:
    from explorer.averaging.looking import Running
    from explorer.records import ModelCard

SCHEMES, PHOTO_SCHEMES = ("one", "flip", "ten", "multi"), ("ten", "multi", "flip", "one")
TESTS = ("cifar", "lite", "digits")
_MOST_VIEWS, _TILE = 10, 112


@dataclass(frozen=True, slots=True)
class CropsState:
    """What is chosen on the page: a model and an image; how the image is cut, and how many views are averaged.

    Below: the measured test set, its members, which views each member is shown, and which kind of images to look at.
    """

    model: ModelFields = field(default_factory=ModelFields)
    image: ImageFields = field(default_factory=ImageFields)
    scheme: Field[str] = choice("scheme", PHOTO_SCHEMES, named="crops.scheme", label="crops.how")
    averaged: Field[int] = number("averaged", 1, _MOST_VIEWS, _MOST_VIEWS, label="crops.averaged")
    test: Field[str] = choice("test", TESTS, named="crops.test", label="crops.test_set")
    members: Field[tuple[str, ...]] = several("members", label="crops.members")
    views: Field[str] = choice("views", SCHEMES, named="crops.scheme", label="crops.member_views")
    kind: Field[str] = choice("kind", ("mended", "spoiled", "shared"), named="crops.kind", label="crops.images")


STATE = CropsState()


def show(model_id: str, image: InputImage) -> bool:
    """The views of an image, the softmax of each, and the average as they are added; false where there is none."""
    model = cached_models.card(model_id)
    left, right = st.columns([3, 2], gap="medium", vertical_alignment="bottom")
    with left:
        scheme = inputs.segmented(STATE.scheme)
    side = model.instance.size[0]
    count = len(cached_crops.views(side, scheme))
    with right:
        shown = inputs.slider(STATE.averaged, high=count, default=count, owner=scheme) if count > 1 else 1
    try:
        found = cached_crops.running(model_id, image, side, scheme)
    except ShapeMismatch:
        title = cached.spec(model.instance.slug).title
        st.warning(t("crops.one_size", network=title), icon=":material/block:")
        return False
    except ExplorerError as problem:
        st.warning(refusal(problem), icon=":material/block:")
        return False
    _cut(model, image, scheme, found, shown)
    _running(model, found, scheme, shown)
    return True


def _cut(model: ModelCard, image: InputImage, scheme: str, found: Running, shown: int) -> None:
    """The picture with its crops outlined, and each of them with its answer; those not yet averaged are left out."""
    side = model.instance.size[0]
    views = cached_crops.views(side, scheme)
    picture, pieces = st.columns([2, 5], gap="medium")
    canvas = max(view.canvas for view in views)
    said = t(f"crops.cut_{scheme}", canvas=canvas, side=side, count=len(views))
    with picture:
        drawn = cached_crops.framed(image, side, scheme)
        exhibit.show(Exhibit("crops-picture", drawn, said, note=said), details=False)
    with pieces:
        pngs = cached_crops.thumbnails(image, side, scheme)
        tiles = tuple(
            Tile(png, f"{number}. {_answer(model, *answer)}")
            for number, (png, answer) in enumerate(zip(pngs, found.answers, strict=True), start=1)
        )[:shown]
        exhibit.show(Exhibit("crops-views", tiles, said, width=_TILE), details=False)


def _running(model: ModelCard, found: Running, scheme: str, shown: int) -> None:
    from explorer.averaging.looking import running

    names, title = [class_name(model, index) for index in found.classes], t("crops.running")
    words = {"views": t("crops.views_axis"), "share": t("crops.share_axis")}
    option = figures.running(names, found.each, found.mean, shown=shown, theme=layout.theme(), words=words, title=title)
    now = found.mean[shown - 1]
    best = max(range(len(names)), key=now.__getitem__)
    alone = {index for index, _ in found.answers[:shown]}
    sentence = t(
        f"crops.views_{'differ' if len(alone) > 1 else 'agree'}",
        count=shown,
        best=names[best],
        share=percent(now[best]),
        answers=len(alone),
        low=percent(min(row[best] for row in found.each[:shown])),
        high=percent(max(row[best] for row in found.each[:shown])),
    )
    cost = cached_crops.macs(model.id, model.instance.size[0], scheme)
    st.markdown(sentence)
    rows: list[dict[str, object]] = [
        {t("crops.view"): number, **dict(zip(names, map(_rounded, each), strict=True))}
        for number, each in enumerate(found.each, start=1)
    ]
    rows.append({t("crops.view"): t("crops.mean"), **dict(zip(names, map(_rounded, found.mean[-1]), strict=True))})
    note = t("crops.cost_note", count=len(found.each), macs=millions(cost))
    exhibit.show(
        Exhibit("crops-running", option, f"{sentence}  \n{note}", rows, note=note, code=(running,), formula=_MEAN)
    )


_MEAN = r"\bar p_c = \frac{1}{V}\sum_{v=1}^{V} \mathrm{softmax}(z^{(v)})_c"


def _answer(model: ModelCard, index: int, share: float) -> str:
    return f"{class_name(model, index)} · {percent(share)}%"


def _rounded(share: float) -> float:
    return round(100 * share, 2)


def show_lites(image: InputImage) -> None:
    """EfficientNet-Lite0, 1 and 2 on the same image: each by itself, and the mean of their softmaxes."""
    from explorer.averaging import averaged

    layout.section(t("crops.lites"), t("crops.lites_note"))
    try:
        classes, rows = cached_crops.lites(image, "one")
    except ExplorerError as problem:
        st.warning(refusal(problem), icon=":material/block:")
        return
    card = cached_models.card(cached_crops.LITES[0])
    names = [class_name(card, index) for index in classes]
    members = [*(f"Lite{number}" for number in range(len(rows) - 1)), t("crops.mean")]
    shown = list(zip(members, rows, strict=True))
    option = figures.grouped_bars(names, shown, theme=layout.theme(), title=t("crops.lites_title"))
    sentence = t(
        "crops.lites_say",
        best=names[0],
        shares=_listed(members[:-1], [row[0] for row in rows[:-1]]),
        share=percent(rows[-1][0]),
    )
    st.markdown(sentence)
    table = [
        {t("crops.class"): name, **{member: _rounded(row[place]) for member, row in shown}}
        for place, name in enumerate(names)
    ]
    exhibit.show(Exhibit("crops-lites", option, sentence, table, code=(averaged,), height=340))


def _listed(names: Sequence[str], shares: Sequence[float]) -> str:
    return " · ".join(f"{name} {percent(share)}%" for name, share in zip(names, shares, strict=True))
