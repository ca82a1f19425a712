"""Where mirroring lies: digits and letters, and a network that has never seen a mirrored one."""

from __future__ import annotations

import streamlit as st

from explorer.figures import augmentation as figures
from explorer.figures.tiles import Tile
from explorer.records import MirroredSet
from explorer.ui.cached.practice import mirroring as cached
from explorer.ui.shell import exhibit, layout, predict
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import listed, t

_LETTERS = "bdpqRSE25"
_TILE = 84  # pixels: whole factors of 28
_SHARES = {"few": 15, "two": 50, "most": 85, "all": 100}
"""What can be predicted, in percent of the digits read right: codes, and the most that each stands for."""


def show() -> None:
    """Letters and digits in the mirror; then, after a prediction, what LeNet-5 makes of mirrored digits."""
    layout.section(t("augmentation.mirror_title"), t("augmentation.mirror_note"))
    said = t("augmentation.letters_alt", letters=" ".join(_LETTERS))
    exhibit.show(Exhibit("letters", cached.letters(_LETTERS), said, note=said, width=420), details=False)
    claims = {code: t(f"augmentation.predict_{code}") for code in _SHARES}
    if predict.waits("augmentation", claims, "digits"):
        return
    with st.spinner(t("augmentation.asking")):
        found = cached.mirrored()
    right = 100 * sum(found.right_mirrored) / sum(found.counts)
    predict.verdict("augmentation", claims, "digits", next(code for code, most in _SHARES.items() if right <= most))
    left, beside = st.columns([4, 6], gap="large")
    with left:
        _bars(found)
    with beside:
        _digits(found)


def _bars(found: MirroredSet) -> None:
    as_is, mirrored = t("augmentation.as_is"), t("augmentation.mirrored")
    title = t("augmentation.accuracy")
    option = figures.mirrored_bars(
        found, found.classes, theme=layout.theme(), as_is=as_is, mirrored=mirrored, title=title
    )
    never = [name for name, right in zip(found.classes, found.right_mirrored, strict=True) if right == 0]
    sentence = t(
        "augmentation.mirror_alt",
        count=sum(found.counts),
        right=sum(found.right),
        mirrored=sum(found.right_mirrored),
        never=listed(never) or "–",
    )
    rows = [
        {
            t("augmentation.digit"): name,
            t("augmentation.images"): total,
            as_is: right,
            mirrored: turned,
            t("augmentation.taken"): found.classes[taken],
        }
        for name, total, right, turned, taken in zip(
            found.classes, found.counts, found.right, found.right_mirrored, found.taken_for, strict=True
        )
    ]
    exhibit.show(Exhibit("mirrored-digits", option, sentence, rows=rows, note=sentence, height=280))


def _digits(found: MirroredSet) -> None:
    names = [found.classes[taken] for taken in found.taken_for]
    said = [f"{truth} → {answer}" for truth, answer in zip(found.classes, names, strict=True)]
    tiles = tuple(Tile(*each) for each in zip(cached.digit_tiles(turned=True), said, strict=True))
    sentence = t("augmentation.digits_alt", pairs=listed(said))
    exhibit.show(
        Exhibit("mirrored-tiles", tiles, sentence, width=_TILE, note=t("augmentation.digits_note")), details=False
    )
