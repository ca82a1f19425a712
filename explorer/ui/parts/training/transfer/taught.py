"""Teach it your own classes: the images, the head that they make, and how far to trust it."""

from __future__ import annotations

import time
from collections.abc import Sequence

import streamlit as st

from explorer.figures.tiles import Tile
from explorer.records import InputImage
from explorer.ui.cached.transfer import teaching
from explorer.ui.cached.transfer.teaching import Taught
from explorer.ui.parts.training.transfer import answering
from explorer.ui.parts.training.transfer.collecting import OneClass, own_classes
from explorer.ui.parts.training.transfer.state import STATE
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.exhibit import Exhibit, Rows
from explorer.ui.shell.words import named_class, sentences, t
from explorer.ui.widgets import inputs

_HEAD = r"p = \mathrm{softmax}(W a + b),\quad \min_{W, b} \sum_i -\ln p_{y_i}(a_i) + \tfrac{\lambda}{2}\|W\|^2"
_FEW, _SURE = 5, 0.3  # images of a class that are too few; seconds before a bar is drawn


def show() -> None:
    """Images by class, then what a head says that was made of them."""
    layout.section(t("transfer.teach"), t("transfer.teach_note"))
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        start = inputs.segmented(STATE.start)
    with right:
        neither = inputs.toggle(STATE.neither, help=t("transfer.neither_help"))
    with layout.waiting():
        classes = own_classes(neither=neither) if start == "own" else _bundled(start, neither=neither)
    if start == "own":
        st.caption(t("transfer.private"))
    else:
        st.caption(t(f"transfer.start_{start}"))
    if not _can_be_taught(classes):
        _tiles(classes, None)
        st.info(t("transfer.too_few"), icon=":material/add_photo_alternate:")
        return
    given = tuple(each.images for each in classes)
    seconds = _featured([image for images in given for image in images])
    known = teaching.taught(given)
    _tiles(classes, known)
    _trust(classes, known, seconds)
    answering.show(classes, known, channels=1 if start == "digits" else 3)


def _bundled(start: str, *, neither: bool) -> tuple[OneClass, ...]:
    names = {"cat": t("image.cat"), "coffee": t("image.coffee"), "neither": t("transfer.nothing")}
    found = teaching.start(start, neither)
    return tuple(OneClass(names.get(code) or named_class(code), images) for code, images in found.items())


def _can_be_taught(classes: Sequence[OneClass]) -> bool:
    """Whether each class has an image, and one of them two."""
    return all(each.images for each in classes) and any(len(each.images) > 1 for each in classes)


def _featured(images: Sequence[InputImage]) -> float:
    """Compute the features that are not there, with a bar where that is seen; returns the seconds they took, once."""
    place, start, seconds = st.empty(), time.perf_counter(), 0.0
    for i, image in enumerate(images):
        seconds += teaching.featured(image).seconds
        if time.perf_counter() - start > _SURE:
            place.progress((i + 1) / len(images), t("transfer.featured", done=i + 1, total=len(images)))
    place.empty()
    return seconds


# --- what each image was said to be -----------------------------------------------------------------------------------


def _tiles(classes: Sequence[OneClass], known: Taught | None) -> None:
    """The images of each class, and below each what was said of it when it was left out."""
    number = 0
    for i, each in enumerate(classes):
        tiles = []
        for image in each.images:
            words = _verdict(classes, known.left_out[number], i) if known else ""
            alt = t("transfer.tile", name=each.name, verdict=words) if words else each.name
            tiles.append(Tile(teaching.thumbnail(image), words, alt))
            number += 1
        st.markdown(f"**{each.name}** · {len(each.images)}")
        if tiles:
            sentence = t("transfer.tiles_alt", name=each.name, count=len(tiles))
            exhibit.show(Exhibit(f"taught-class-{i}", tuple(tiles), sentence, width=88), details=False)


def _verdict(classes: Sequence[OneClass], shares: Sequence[float], truth: int) -> str:
    best = max(range(len(shares)), key=shares.__getitem__)
    share = f"{100 * shares[best]:.0f}"
    if best == truth:
        return f"✓ {share}%"
    return f"✗ {classes[best].name} {share}%"


def _trust(classes: Sequence[OneClass], known: Taught, seconds: float) -> None:
    """Leave-one-out accuracy, what it means with so many images, and what speaks against it."""
    from explorer.transfer import fit, leave_one_out, likely_range

    truths = [i for i, each in enumerate(classes) for _ in each.images]
    right = sum(
        max(range(len(shares)), key=shares.__getitem__) == truth
        for shares, truth in zip(known.left_out, truths, strict=True)
    )
    low, high = likely_range(right, len(truths))
    count, share = len(truths), f"{100 * right / len(truths):.0f}"
    layout.facts(
        [
            (t("transfer.fact_left_out"), f"{right} / {count}", f"{share}%"),
            (
                t("transfer.fact_features"),
                t("transfer.seconds", seconds=f"{seconds:.1f}"),
                t("transfer.fact_images", count=count),
            ),
            (
                t("transfer.fact_head"),
                t("transfer.seconds", seconds=f"{known.seconds:.3f}"),
                t("transfer.fact_numbers", numbers=f"{known.head.weight.numel() + known.head.bias.numel():,}"),
            ),
            (
                t("transfer.fact_heads", count=count),
                t("transfer.seconds", seconds=f"{known.left_out_seconds:.2f}"),
                t("transfer.fact_each"),
            ),
        ]
    )
    said = t(
        "transfer.left_out_words",
        right=right,
        count=count,
        others=count - 1,
        low=f"{100 * low:.0f}",
        high=f"{100 * high:.0f}",
    )
    st.markdown(sentences(said, *_doubts(classes)))
    rows = _rows(classes, known, truths)
    exhibit.twin(Exhibit("taught-left-out", None, said, rows, code=(fit, leave_one_out), formula=_HEAD))


def _doubts(classes: Sequence[OneClass]) -> list[str]:
    """What makes the accuracy worth less than it looks."""
    doubts = []
    fewest = min(len(each.images) for each in classes)
    if fewest == 1:
        doubts.append(t("transfer.doubt_one"))
    elif fewest < _FEW:
        doubts.append(t("transfer.doubt_few", count=fewest))
    keys = [image.key for each in classes for image in each.images]
    if len(set(keys)) < len(keys):
        doubts.append(t("transfer.doubt_same"))
    if any("~" in key and not key.startswith("digits") for key in keys):
        doubts.append(t("transfer.doubt_crops"))
    return doubts


def _rows(classes: Sequence[OneClass], known: Taught, truths: Sequence[int]) -> Rows:
    return [
        {
            t("transfer.column_truth"): classes[truth].name,
            **{f"{name} (%)": round(100 * share, 1) for name, share in zip(_told_apart(classes), shares, strict=True)},
        }
        for shares, truth in zip(known.left_out, truths, strict=True)
    ]


def _told_apart(classes: Sequence[OneClass]) -> list[str]:
    return answering.told_apart([each.name for each in classes])
