"""A visitor's own images, class by class: names, files, the camera. All of it stays in the session."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from explorer.errors import BadImage
from explorer.images import MOST_MEGABYTES, MOST_MEGAPIXELS, SUFFIXES, decode, thumbnail
from explorer.records import InputImage
from explorer.ui.cached.transfer import teaching
from explorer.ui.parts.training.transfer.state import MOST_CLASSES, STATE
from explorer.ui.shell import state
from explorer.ui.shell.words import plain, refusal, t
from explorer.ui.widgets import inputs, uploads

MOST = 12
"""Images of a class; `transfer.MOST_PER_CLASS` without torch, which a test holds equal."""

_SIDE = 512  # pixels: the network looks at 224, and a visitor's images stay in memory

Images = tuple[InputImage, ...]


@dataclass(frozen=True, slots=True)
class OneClass:
    """A class: its name as it is shown, what it is in a file, and its images."""

    name: str
    images: Images


def own_classes(*, neither: bool) -> tuple[OneClass, ...]:
    """The widgets of all classes, and what they hold by now; the last may be that of neither."""
    left, right = st.columns([3, 2], gap="medium", vertical_alignment="bottom")
    with left:
        count = inputs.slider(STATE.classes)
    camera = right.toggle(t("transfer.camera"), key="taught-camera-on")
    names = _names(count)
    found = []
    columns = st.columns(count + neither, gap="medium", border=True)
    for i, column in enumerate(columns):
        is_neither = i == count
        with column:
            name = t("transfer.nothing") if is_neither else _name_box(i, names[i])
            place = MOST_CLASSES if is_neither else i
            _add(place, name, bundled := _bundled(is_neither), camera=camera)
            found.append(OneClass(name, (*bundled, *_images(place))))
    if len(set(names)) < len(names):
        st.caption(t("transfer.same_name"))
    return tuple(found)


def _bundled(is_neither: bool) -> Images:
    return teaching.start("photographs", True)["neither"] if is_neither else ()


# --- names ------------------------------------------------------------------------------------------------------------


def _names(count: int) -> list[str]:
    """What the classes are called: what was typed, as plain words, or a number."""
    typed = [plain(str(state.get(f"_taught.name.{i}", "")), 40).strip() for i in range(count)]
    return [name or t("transfer.class_number", number=i + 1) for i, name in enumerate(typed)]


def _name_box(index: int, name: str) -> str:
    kept, key = f"_taught.name.{index}", f"taught-name-{index}"
    state.put(key, state.get(kept, ""))
    st.text_input(
        t("transfer.name", number=index + 1),
        key=key,
        max_chars=40,
        placeholder=t("transfer.class_number", number=index + 1),
        on_change=lambda: state.put(kept, state.get(key, "")),
    )
    return name


# --- images -----------------------------------------------------------------------------------------------------------


def _images(place: int) -> Images:
    found: Images = state.get(f"_taught.images.{place}", ())
    return found


def _add(place: int, name: str, bundled: Images, *, camera: bool) -> None:
    """Files or a photograph for a class, and what came of the last ones."""
    turn = state.get(f"_taught.turn.{place}", 0)
    label, key = t("transfer.upload", name=name), f"taught-files-{place}-{turn}"
    files = uploads.several(label, key, SUFFIXES, MOST_MEGABYTES, accept_multiple_files=True)
    photograph = camera and uploads.photograph(t("transfer.photograph", name=name), f"taught-camera-{place}")
    if photograph and photograph.file_id != state.get(f"_taught.photograph.{place}", ""):
        state.put(f"_taught.photograph.{place}", photograph.file_id)
        files = [*files, photograph]
    if files:
        with st.spinner(t("upload.reading")):
            _take(place, files, MOST - len(bundled))
        state.put(f"_taught.turn.{place}", turn + 1)  # a new uploader, without the files that were taken
        st.rerun()
    for said in state.get(f"_taught.said.{place}", ()):
        st.warning(said, icon=":material/broken_image:")
    if images := _images(place):
        with st.container(horizontal=True):
            for which, label, left in (("last", t("transfer.drop_last"), images[:-1]), ("all", t("transfer.drop"), ())):
                key = f"taught-drop-{which}-{place}"
                st.button(label, key=key, type="tertiary", on_click=_put, args=(place, left))
    elif not bundled:
        st.caption(t("upload.limits", size=MOST_MEGABYTES, pixels=MOST_MEGAPIXELS))


def _put(place: int, images: Images) -> None:
    state.put(f"_taught.images.{place}", images)
    state.put(f"_taught.said.{place}", ())


def _take(place: int, files: Sequence[Any], most: int) -> None:
    """Add what can be read, once each, as long as there is room; keep a sentence for everything else."""
    images, said = list(_images(place)), []
    for file in files:
        data, name = file.getvalue(), plain(file.name, 40)
        key = hashlib.sha256(data).hexdigest()[:32]
        if any(image.key == key for image in images):
            said.append(t("transfer.twice", name=name))
        elif len(images) >= most:
            said.append(t("transfer.full", name=name, most=MOST))
        else:
            try:
                images.append(InputImage(key, thumbnail(decode(data), 3, _SIDE), own=True))
            except BadImage as problem:
                said.append(t("transfer.unread", name=name, problem=refusal(problem)))
    _put(place, tuple(images))
    state.put(f"_taught.said.{place}", tuple(said))
