"""Beside the sheet: the law of what a step draws, an option over its range, one draw on several images, the code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import streamlit as st

from explorer.figures import augmentation as figures
from explorer.figures.tiles import Tile
from explorer.images import PHOTOGRAPHS
from explorer.records import Chain, Drawn
from explorer.ui.cached.practice import augmentation as cached
from explorer.ui.parts.practice.augmentation import STATE, Drawing, photograph
from explorer.ui.parts.practice.augmenting import words
from explorer.ui.shell import exhibit, layout, state
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import listed, sentences, t
from explorer.ui.widgets import inputs

_SWEPT, _SAME = 88, 118  # pixels
_MOST_UNITS = 2


def show_law(drawing: Drawing) -> None:
    """Which numbers the chosen step draws, from many draws, and those of the sheet among them."""
    steps = cached.chain_of(drawing.text).steps
    at = state.peek(STATE.step) - 1
    if not 0 <= at < len(steps):
        return
    step = steps[at]
    found = cached.law(cached.text_of(Chain((step,))), drawing.seed)
    if not found:
        return
    sheet = [drawn for drawn in cached.sheet(*drawing.given).drawn if drawn.steps[at].applied]
    with st.container(key="augment-law", gap="small"):
        st.markdown(f"**{t('augmentation.law', name=words.name_of(step.slug))}**")
        st.caption(t("augmentation.law_note"))
        if cached.specs()[step.slug].group == "policy":
            _show_operations(found, sheet, at)
        else:
            _show_numbers(found, sheet, at)


def _show_numbers(found: Mapping[str, tuple[float | None, ...]], sheet: list[Drawn], at: int) -> None:
    """One figure for each unit: numbers of one unit share an axis."""
    first = next((drawn.steps[at].numbers for drawn in sheet), ())
    units = {number.name: number.unit for number in first}
    for unit in list(dict.fromkeys(units.values()))[:_MOST_UNITS]:
        names = [name for name in found if units.get(name) == unit]
        values = {words.number_name(name): [v for v in found[name] if v is not None] for name in names}
        marked = {
            words.number_name(name): [
                number.value
                for drawn in sheet
                for number in drawn.steps[at].numbers
                if number.name == name and number.value is not None
            ]
            for name in names
        }
        axis = t(f"augmentation.unit.{unit or 'none'}")
        title = listed(values)
        option = figures.law(values, marked, theme=layout.theme(), unit=axis, title=title, channels="red" in names)
        rows = [_range(name, numbers) for name, numbers in values.items()]
        sentence = sentences(*(_said(name, numbers) for name, numbers in values.items()))
        exhibit.show(Exhibit(f"law-{unit or 'none'}", option, sentence, rows=rows, height=220))


def _said(name: str, values: list[float]) -> str:
    low, mean, high = _ends(values)
    return t("augmentation.law_alt", name=name, low=low, high=high, mean=mean)


def _ends(values: list[float]) -> tuple[str, str, str]:
    """The smallest, the mean, and the largest."""
    return f"{min(values):.3g}", f"{sum(values) / len(values):.3g}", f"{max(values):.3g}"


def _range(name: str, values: list[float]) -> dict[str, str]:
    low, mean, high = _ends(values)
    return {
        t("augmentation.number_column"): name,
        t("augmentation.low"): low,
        t("augmentation.mean"): mean,
        t("augmentation.high"): high,
    }


def _show_operations(found: Mapping[str, tuple[float | None, ...]], sheet: list[Drawn], at: int) -> None:
    known = {name: len(values) for name, values in sorted(found.items()) if name not in ("share", "weight")}
    drawn = Counter(number.name for each in sheet for number in each.steps[at].numbers if number.name in known)
    counts = {words.number_name(name): count for name, count in known.items()}
    marked = {words.number_name(name): count for name, count in drawn.items()}
    option = figures.operations(counts, marked, theme=layout.theme(), title=t("augmentation.often"))
    total = sum(counts.values())
    rows = [
        {t("augmentation.number_column"): name, t("augmentation.often"): f"{100 * count / total:.1f}%"}
        for name, count in counts.items()
    ]
    most = max(counts, key=counts.__getitem__)
    sentence = t("augmentation.operations_alt", count=len(counts), most=most, share=f"{100 * counts[most] / total:.0f}")
    exhibit.show(Exhibit("law-operations", option, sentence, rows=rows, height=320))


# --- one option over its range ----------------------------------------------------------------------------------------


def show_sweep(drawing: Drawing) -> None:
    """A transform with an option over its range, drawn with the same random numbers each time."""
    layout.section(t("augmentation.sweep_title"), t("augmentation.sweep_note"))
    named = {
        f"{slug}.{control.name}": f"{words.name_of(slug)} · {words.option_name(control.name)}"
        for slug, spec in cached.specs().items()
        for control in spec.controls
    }
    code = inputs.select(STATE.sweep, tuple(named), named.__getitem__, default=STATE.sweep.default)
    slug, name = code.rsplit(".", 1)
    with st.spinner(t("augmentation.drawing")):
        swept, pictures = cached.swept(slug, name, drawing.image, drawing.partner, drawing.source, drawing.seed)
    said = [words.option_value(value) for value in swept.values]
    drawn = [words.step_words(each.steps[0], whole=True) for each in swept.augmented.drawn]
    tiles = tuple(Tile(*each) for each in zip(pictures, said, drawn, strict=True))
    sentence = t("augmentation.sweep_alt", name=named[code], low=said[0], high=said[-1])
    columns = words.option_name(name), t("augmentation.drawn")
    rows = [dict(zip(columns, each, strict=True)) for each in zip(said, drawn, strict=True)]
    with st.container(key="augmented-sweep"):
        exhibit.show(Exhibit("swept", tiles, sentence, rows=rows, width=_SWEPT))


def show_same_draw(drawing: Drawing) -> None:
    """One draw of the sheet on the bundled photographs."""
    layout.section(t("augmentation.same_title"), t("augmentation.same_note"))
    number = inputs.number(STATE.draw)
    drawn = cached.sheet(*drawing.given).drawn[number - 1]
    pictures = [
        (cached.same_draw(photograph(each.slug), number - 1, *drawing.given), t(f"image.{each.slug}"))
        for each in PHOTOGRAPHS
    ]
    said = words.draw_words(drawn, *map(words.image_name, (drawing.image, drawing.partner)))
    st.caption(said.replace("\n", " · "))
    tiles = tuple(Tile(picture, name) for picture, name in pictures)
    sentence = t("augmentation.same_alt", number=number, said=listed(said.split("\n")))
    rows = words.table([drawn])
    with st.container(key="augmented-same"):
        exhibit.show(Exhibit("same-draw", tiles, sentence, rows=rows, width=_SAME))


# --- code -------------------------------------------------------------------------------------------------------------


def show_code(drawing: Drawing) -> None:
    """The program that draws this sheet, and the images that it reads."""
    layout.section(t("augmentation.code"), t("augmentation.code_note"))
    written = cached.code_of(drawing.text, drawing.image, drawing.source, drawing.seed)
    with st.container(horizontal=True):
        label, icon = t("augmentation.download"), ":material/code:"
        st.download_button(label, written, "augment.py", "text/x-python", on_click="ignore", icon=icon)
        files = {"image.png": drawing.image} | ({"partner.png": drawing.partner} if cached.mixes(drawing.text) else {})
        for name, image in files.items():
            data = cached.png(image)
            st.download_button(name, data, name, "image/png", on_click="ignore", icon=":material/image:", key=name)
    st.code(written, language=None, height=420)  # Streamlit's colours for Python are too faint to read
