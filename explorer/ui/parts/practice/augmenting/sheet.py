"""The sheet of draws, each with the numbers that were drawn; then what the network says of each."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from explorer.errors import ExplorerError
from explorer.figures.tiles import Tile
from explorer.records import Answer, Chain
from explorer.ui.cached import models as cached_models
from explorer.ui.cached.practice import augmentation as cached
from explorer.ui.components import opening
from explorer.ui.parts.practice.augmentation import STATE, Drawing
from explorer.ui.parts.practice.augmenting import words
from explorer.ui.shell import exhibit, present, state
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import listed, refusal, t
from explorer.ui.widgets import inputs
from explorer.ui.widgets.model_words import class_name

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

_ANSWERED = "_answered-sheet"
_TILE = 110  # pixels

Place = tuple["DeltaGenerator", "DeltaGenerator"]
"""Where the sheet is drawn, and what is said of its answers."""

Found = tuple[Answer, tuple[Answer, ...]]
"""The answer to the image itself, and those to the draws."""


def show(drawing: Drawing) -> Place:
    """The sheet, at once; its answers are filled in by `ask`. A click on a draw chooses it."""
    with st.container(key=None if present.now() else "augmented-sheet"):
        place = st.empty()
    said = st.empty()
    if present.now():  # one figure alone, which is drawn once
        _draw(place, drawing, _answers(drawing) if _asks() else None)
    elif not (_asks() and state.get(_ANSWERED, None) == drawing.key):  # else the answers are there at once
        _draw(place, drawing)
    opening.listen(_choose, key="_opening")
    exhibit.twin(Exhibit("augmented", None, _sentence(drawing), rows=partial(_rows, drawing)))
    return place, said


def _asks() -> bool:
    return bool(state.peek(STATE.asks))


def _choose(number: int) -> None:
    if number <= cached.COUNT:
        state.assign(STATE.draw, number)


def ask(place: Place, drawing: Drawing) -> None:
    """Ask the network what it sees in each draw, once the page is there, and say how many keep the answer."""
    if present.now() or not _asks():
        return
    try:
        with place[1], st.spinner(t("augmentation.asking")):
            found = _answers(drawing)
    except ExplorerError as problem:
        place[1].warning(refusal(problem), icon=":material/broken_image:")
        return
    state.put(_ANSWERED, drawing.key)
    _draw(place[0], drawing, found)
    with place[1].container():
        st.markdown(_kept(*found))
        if inputs.toggle(STATE.alone):
            _alone(drawing, found[0])


def _answers(drawing: Drawing) -> Found:
    return cached.answer(drawing.image), cached.answers(*drawing.given)


def _draw(place: DeltaGenerator, drawing: Drawing, found: Found | None = None) -> None:
    sheet, pictures = cached.sheet(*drawing.given), cached.tiles(*drawing.given)
    names = words.image_name(drawing.image), words.image_name(drawing.partner)
    tiles = []
    for index, (drawn, picture) in enumerate(zip(sheet.drawn, pictures, strict=True)):
        said = words.draw_words(drawn, *names)
        alt = t("augmentation.draw_alt", number=index + 1, said=said)
        if found:
            answer = _answered(found[1][index], found[0])
            said = answer if present.now() else f"{answer}\n{said}"  # across a hall only the answer can be read
        tiles.append(Tile(picture, said, alt, index + 1))
    with place.container(key="augmented-answered" if found else None):
        exhibit.show(Exhibit("augmented", tuple(tiles), _sentence(drawing), width=_TILE), details=False)


def _answered(answer: Answer, first: Answer) -> str:
    """A mark for whether the answer is that to the image itself, the class, its probability."""
    mark = "✓" if answer.index == first.index else "✗"
    return f"{mark} {_class(answer)} {100 * answer.share:.0f}%"


def _class(answer: Answer) -> str:
    return class_name(cached_models.card(cached.ASKED), answer.index)


def _kept(first: Answer, found: tuple[Answer, ...]) -> str:
    same = [answer for answer in found if answer.index == first.index]
    name, share = _class(first), f"{100 * first.share:.0f}"
    return t("augmentation.kept", name=name, share=share, kept=len(same), count=len(found))


def _sentence(drawing: Drawing) -> str:
    steps = cached.chain_of(drawing.text).steps
    named = listed(words.name_of(step.slug) for step in steps) or t("augmentation.nothing")
    image = words.image_name(drawing.image)
    return t("augmentation.sheet_alt", count=cached.COUNT, image=image, steps=named, seed=drawing.seed)


def _rows(drawing: Drawing) -> list[dict[str, str]]:
    """A row for each draw, with the answer where the network was asked."""
    rows = words.table(cached.sheet(*drawing.given).drawn)
    if _asks():
        found = cached.answers(*drawing.given)
        column = t("augmentation.answer")
        return [{**row, column: f"{_class(a)} {100 * a.share:.0f}%"} for row, a in zip(rows, found, strict=True)]
    return rows


# --- each step alone --------------------------------------------------------------------------------------------------


def _alone(drawing: Drawing, first: Answer) -> None:
    """How often the answer is kept when one step of the chain works alone."""
    rows = []
    with st.spinner(t("augmentation.asking")):
        for place, step in enumerate(cached.chain_of(drawing.text).steps, 1):
            text = cached.text_of(Chain((step,)))
            found = cached.answers(text, *drawing.given[1:])
            share = sum(answer.share for answer in found if answer.index == first.index) / len(found)
            rows.append(
                {
                    t("augmentation.step"): f"{place} {words.name_of(step.slug)}",
                    t("augmentation.keeps"): f"{sum(a.index == first.index for a in found)} / {len(found)}",
                    t("augmentation.mean_share"): f"{100 * share:.0f}%",
                }
            )
    st.dataframe(rows, hide_index=True, width="stretch")
    st.caption(t("augmentation.alone_note", name=_class(first)))
