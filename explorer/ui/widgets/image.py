"""Which image a page of "Looking inside" looks at: a photograph, a test image, one's own, or a drawing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import streamlit as st

from explorer.errors import BadImage, ExplorerError
from explorer.fields import Field, number, slug
from explorer.images import MOST_MEGABYTES, MOST_MEGAPIXELS, PHOTOGRAPHS, SUFFIXES, decode, load
from explorer.records import InputImage
from explorer.ui.cached import models as cached_models, own_sets
from explorer.ui.components import pad as drawing_pad
from explorer.ui.shell import state
from explorer.ui.shell.words import dataset_name, named_class, refusal, t
from explorer.ui.widgets import inputs, uploads
from explorer.ui.widgets.own_sets import note_read

_PHOTOGRAPHS = tuple(photograph.slug for photograph in PHOTOGRAPHS)
_LAST = "_image"


@dataclass(frozen=True, slots=True)
class ImageFields:
    """The fields of an image: of which kind it is, and which one of a data set."""

    pic: Field[str] = slug("pic", shared=True, label="control.image")
    set: Field[str] = slug("set", shared=True, label="control.data")
    number: Field[int] = number("number", 0, 59_999, shared=True)


def open_sample(dataset: str, number: int, channels: int) -> dict[str, str]:
    """Choose a test image on the pages that look at one; returns what their address then says of it."""
    fields = ImageFields()
    state.assign(fields.pic, "sample", owner=channels)
    state.assign(fields.set, dataset, owner=channels)
    state.assign(fields.number, number)
    usual = {fields.pic.name: _kind(channels), fields.set.name: _first_set(own_sets.present(), channels)}
    said = {fields.pic.name: "sample", fields.set.name: dataset, fields.number.name: str(number)}
    return dict(said.items() - {**usual, fields.number.name: str(fields.number.default)}.items())


def choose_image(fields: ImageFields, channels: int) -> InputImage:
    """Widgets for an image; for a model of one input channel, digits stand first.

    What a visitor uploads, photographs or draws stays in this session. When it cannot be read, one sentence says why,
    and the image that was there stays.
    """
    kinds = (*_PHOTOGRAPHS, "sample", "upload", "webcam", *(("draw",) if channels == 1 else ()))
    named = {kind: _kind_name(kind) for kind in kinds}
    kind = inputs.select(fields.pic, kinds, named.__getitem__, default=_kind(channels), owner=channels)
    image = _image_of(fields, kind, channels)
    if image is None:
        image = _last() or InputImage(_PHOTOGRAPHS[0], load(_PHOTOGRAPHS[0]))
        st.caption(t(f"looking.none_{kind}"))
    state.put(_LAST, image)
    return image


def _kind(channels: int) -> str:
    """What stands first for a model of so many input channels."""
    return "sample" if channels == 1 else _PHOTOGRAPHS[0]


def _kind_name(kind: str) -> str:
    return t(f"image.{kind}") if kind in _PHOTOGRAPHS else t(f"looking.{kind}")


def _last() -> InputImage | None:
    last: InputImage | None = state.get(_LAST, None)
    return last


def _image_of(fields: ImageFields, kind: str, channels: int) -> InputImage | None:
    """The image of a kind, with the widgets it needs; None while there is none."""
    if kind == "sample":
        return _test_image(fields, channels)
    if kind == "draw":
        return drawing("look-pad")
    if kind in ("upload", "webcam"):
        return _own(kind)
    return InputImage(kind, load(kind))


# --- of a data set ----------------------------------------------------------------------------------------------------


def _test_image(fields: ImageFields, channels: int) -> InputImage | None:
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    sets = own_sets.present()
    with left:
        dataset = inputs.select(fields.set, sets, dataset_name, default=_first_set(sets, channels), owner=channels)
    with right:
        number = inputs.number(fields.number)
    try:
        sample = cached_models.sample(dataset, number)
    except ExplorerError as problem:
        st.warning(t("looking.no_sample", problem=refusal(problem)), icon=":material/broken_image:")
        return None
    note_read(dataset)
    truth = named_class(sample.truth)
    st.caption(t("looking.truth", number=sample.number, title=dataset_name(dataset), truth=truth))
    return InputImage(f"{dataset}#{sample.number}", sample.pixels)


def _first_set(sets: tuple[str, ...], channels: int) -> str:
    fitting = ("mnist", "digits28") if channels == 1 else ("cifar10", "own:cifar10", "shapes")
    return next((slug for slug in fitting if slug in sets), sets[0])


# --- the visitor's own ------------------------------------------------------------------------------------------------


def _own(kind: str) -> InputImage | None:
    if kind == "upload":
        limits = t("upload.limits", size=MOST_MEGABYTES, pixels=MOST_MEGAPIXELS)
        file = uploads.ask(t("upload.image"), "look-file", SUFFIXES, MOST_MEGABYTES, limits)
    else:
        file = uploads.photograph(t("looking.camera_label"), "look-camera", label_visibility="collapsed")
        st.caption(t("upload.private"))
    key = f"_own-image.{kind}"
    before: tuple[str, InputImage] | None = state.get(key, None)
    if file is None or (before and before[0] == file.file_id):
        return before[1] if before else None
    try:
        with st.spinner(t("upload.reading")):
            image = _decoded(file)
    except BadImage as problem:
        st.warning(refusal(problem), icon=":material/broken_image:")
        return before[1] if before else _last()
    state.put(key, (file.file_id, image))
    return image


def _decoded(file: Any) -> InputImage:
    data = file.getvalue()
    return InputImage(hashlib.sha256(data).hexdigest()[:32], decode(data), own=True)


def drawing(key: str) -> InputImage | None:
    """The drawing on a pad, 28 x 28; None where it is empty."""
    import numpy as np

    try:
        grey = drawing_pad.pad(key)
    except BadImage:
        st.warning(t("pad.bad"))
        return None
    if not grey:
        return None
    side = drawing_pad.SIDE
    pixels = np.repeat(np.frombuffer(grey, np.uint8).reshape(side, side, 1), 3, 2)
    return InputImage(hashlib.sha256(grey).hexdigest()[:32], pixels, own=True)
