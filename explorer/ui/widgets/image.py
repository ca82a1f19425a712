"""Which picture a page of "Looking inside" looks at: a photograph, a test picture, one's own, or a drawing."""

from __future__ import annotations

import hashlib
from typing import Any

import streamlit as st

from explorer.errors import BadPicture, ExplorerError
from explorer.pictures import MOST_MEGABYTES, MOST_MEGAPIXELS, PICTURES, SUFFIXES, decode, load
from explorer.records import InputImage
from explorer.ui.cached import models as cached_models
from explorer.ui.components import pad as drawing_pad
from explorer.ui.shell import state
from explorer.ui.shell.words import dataset_name, named_class, t
from explorer.ui.widgets import uploads

_PHOTOGRAPHS = tuple(picture.slug for picture in PICTURES)
_LAST, _MOST_NUMBER = "_picture", 59_999


def choose_image(channels: int) -> InputImage:
    """Widgets for an image; a model of one input channel is offered digits first.

    What a visitor uploads, photographs or draws stays in this session. When it cannot be read, one sentence says why,
    and the picture that was there stays.
    """
    kinds = (*_PHOTOGRAPHS, "sample", "upload", "webcam", *(("draw",) if channels == 1 else ()))
    key, default = f"look-pic.{channels}", "sample" if channels == 1 else _PHOTOGRAPHS[0]
    state.seed(key, default, state.one_of(kinds), parameter="pic")
    st.selectbox(t("control.picture"), kinds, format_func=_kind_name, key=key)
    kind = str(state.publish(key, default, parameter="pic"))
    seen = _ask(kind, channels)
    if seen is None:
        seen = _last() or InputImage(_PHOTOGRAPHS[0], load(_PHOTOGRAPHS[0]))
        st.caption(t(f"looking.none_{kind}"))
    state.put(_LAST, seen)
    return seen


def _kind_name(kind: str) -> str:
    return t(f"picture.{kind}") if kind in _PHOTOGRAPHS else t(f"looking.{kind}")


def _last() -> InputImage | None:
    last: InputImage | None = state.get(_LAST, None)
    return last


def _ask(kind: str, channels: int) -> InputImage | None:
    """The picture of a kind, asking what else must be known; None while there is none."""
    if kind == "sample":
        return _sample(channels)
    if kind == "draw":
        return drawing("look-pad")
    if kind in ("upload", "webcam"):
        return _own(kind)
    return InputImage(kind, load(kind))


# --- of a data set ----------------------------------------------------------------------------------------------------


def _sample(channels: int) -> InputImage | None:
    sets = cached_models.sample_sets()
    key, default = f"look-set.{channels}", _first_set(sets, channels)
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        state.seed(key, default, state.one_of(sets), parameter="set")
        if state.get(key, default) not in sets:
            state.put(key, default)
        st.selectbox(t("control.data"), sets, format_func=set_name, key=key)
    chosen = str(state.publish(key, default, parameter="set"))
    with right:
        state.seed("look-number", 0, state.number(0, _MOST_NUMBER), parameter="number")
        st.number_input(t("control.number"), 0, _MOST_NUMBER, key="look-number", step=1)
    number = int(state.publish("look-number", 0, parameter="number"))
    try:
        found = cached_models.sample(chosen, number)
    except ExplorerError as problem:
        st.warning(t("looking.no_sample", problem=problem), icon=":material/broken_image:")
        return None
    truth = named_class(found.truth)
    st.caption(t("looking.truth", number=found.number, title=set_name(chosen), truth=truth))
    return InputImage(f"{chosen}#{found.number}", found.pixels)


def _first_set(sets: tuple[str, ...], channels: int) -> str:
    wanted = ("mnist", "digits28") if channels == 1 else ("cifar10", "own:cifar10", "shapes")
    return next((slug for slug in wanted if slug in sets), sets[0])


def set_name(slug: str) -> str:
    """A data set's name in the present language."""
    return dataset_name(slug)


# --- the visitor's own ------------------------------------------------------------------------------------------------


def _own(kind: str) -> InputImage | None:
    if kind == "upload":
        limits = t("upload.limits", size=MOST_MEGABYTES, pixels=MOST_MEGAPIXELS)
        file = uploads.ask(t("upload.picture"), "look-file", SUFFIXES, MOST_MEGABYTES, limits)
    else:
        file = st.camera_input(t("looking.camera_label"), key="look-camera", label_visibility="collapsed")
        st.caption(t("upload.private"))
    known = f"_own-picture.{kind}"
    before: tuple[str, InputImage] | None = state.get(known, None)
    if file is None or (before and before[0] == file.file_id):
        return before[1] if before else None
    try:
        with st.spinner(t("upload.reading")):
            seen = _decoded(file)
    except BadPicture as problem:
        st.warning(uploads.sentence(problem), icon=":material/broken_image:")
        return before[1] if before else _last()
    state.put(known, (file.file_id, seen))
    return seen


def _decoded(file: Any) -> InputImage:
    data = file.getvalue()
    return InputImage(hashlib.sha256(data).hexdigest()[:32], decode(data), own=True)


def drawing(key: str) -> InputImage | None:
    """What is drawn on the pad of this key, 28 x 28; None where nothing is."""
    import numpy as np

    try:
        grey = drawing_pad.pad(key)
    except BadPicture:
        st.warning(t("pad.bad"))
        return None
    if not grey:
        return None
    side = drawing_pad.SIDE
    pixels = np.repeat(np.frombuffer(grey, np.uint8).reshape(side, side, 1), 3, 2)
    return InputImage(hashlib.sha256(grey).hexdigest()[:32], pixels, own=True)
