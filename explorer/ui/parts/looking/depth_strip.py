"""The depth strip, a row a stage; as HTML with its images as data, so that it is one element for the browser."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from html import escape
from math import isfinite
from typing import TYPE_CHECKING

import streamlit as st

from explorer.records import InputImage, StageSummary
from explorer.ui.cached import maps as cached_maps, models as cached_models, networks as cached
from explorer.ui.parts.looking.photograph import said_of
from explorer.ui.shell import exhibit, navigation
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import t
from explorer.ui.widgets.model_words import class_names

if TYPE_CHECKING:
    from explorer.figures.receptive_windows import StageImages

_CHANNELS, _CHANNELS_BESIDE = 5, 3


def strips(model_ids: tuple[str, ...], image: InputImage) -> bool:
    """The depth strip of one model, or of two side by side; false, with a sentence, where an answer is not finite."""
    answers = [cached_maps.answer(model_id, image) for model_id in model_ids]
    if not all(isfinite(share) for answer in answers for share in answer.probabilities):
        st.warning(t("upload.no_answer"), icon=":material/error:")
        return False
    alone = len(model_ids) == 1
    for place, (column, model_id) in enumerate(zip(st.columns(len(model_ids), gap="large"), model_ids, strict=True)):
        with column, st.container(key=f"strip{'' if alone else '-beside'}-{place}"):
            _strip(model_id, image, alone, place)
    return True


def _strip(model_id: str, image: InputImage, alone: bool, place: int) -> None:
    model, found = cached_models.card(model_id), cached_maps.answer(model_id, image)
    [(best, share)] = found.top(1)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        title = cached.spec(model.instance.slug).title
        said = said_of(model, best, share) if model.trained else t("weights.untrained", network=title)
        if model.trained or not alone:  # of two, each is named
            st.markdown(said if model.trained else f"**{title}** · {t('weights.random')}", width="content")
        if alone:
            st.page_link(navigation.page("why"), label=t("maps.why"), icon=":material/arrow_forward:", width="content")
    stages = cached_maps.depth_strip(model_id, image, _CHANNELS if alone else _CHANNELS_BESIDE)
    strip = strip_html(stages, class_names(model), opens=place == 0)  # the panel is about one network
    exhibit.show(Exhibit(f"strip-{place}", strip, said), details=False)


def strip_html(rows: Sequence[tuple[StageSummary, StageImages]], names: Sequence[str], *, opens: bool = True) -> str:
    """All stages, shallow first. `names` are the classes, for a last row that holds their scores.

    A row `opens` the operation that its maps come from (`components.opening`).
    """
    columns = ("stage", "sees", "mean", "strongest", "fire")
    heads = "".join(f"<span>{escape(t(f'maps.{name}'))}</span>" for name in columns)
    body = "".join(_row(row, images, names, opens) for row, images in rows)
    return f'<div class="atlas-strip"><div class="heads">{heads}</div>{body}</div>'


def row_sentence(row: StageSummary, names: Sequence[str] = ()) -> str:
    """The text twin of a row."""
    units = row.layer.out_shape[0]
    if not row.channels:
        best = names[row.unit[0]] if len(names) == units else t("maps.unit", number=row.unit[0])
        return t("maps.vector", count=units, best=best)
    channel, down, across = row.unit
    return t(
        "maps.fires",
        share=f"{100 * row.active:.0f}",
        channel=channel,
        row=down,
        column=across,
        seen=f"{100 * row.share_seen:.0f}" if row.share_seen >= 0.01 else "<1",
    )


def _row(row: StageSummary, images: StageImages, names: Sequence[str], opens: bool) -> str:
    layer = row.layer
    shape = "×".join(map(str, (*layer.out_shape[1:], layer.out_shape[0])))
    field = t("maps.field", size="×".join(map(str, layer.rf.size))) if row.channels else t("maps.whole")
    sentence = row_sentence(row, names)
    channels = "".join(
        _image(png, t("maps.channel_alt", number=number), str(number))
        for number, png in zip(row.channels, images.channels, strict=True)
    )
    name = f"<b>{escape(layer.stage)}</b><span>{shape}</span><small>{escape(field)}</small>"
    number = f' data-opens="{layer.index + 1}"' if opens else ""
    button = f' role="button" tabindex="0"{number}' if opens else ""
    return (
        f'<div class="row"{number}><div class="name"{button}>{name}</div>'
        f"{_image(images.window, sentence, '')}{_image(images.mean, t('maps.mean_alt', stage=layer.stage), '')}"
        f'<div class="channels">{channels}</div><p>{escape(sentence)}</p></div>'
    )


def _image(png: bytes, alt: str, caption: str) -> str:
    below = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    source = f"data:image/png;base64,{b64encode(png).decode()}"
    return f'<figure><img src="{source}" alt="{escape(alt, quote=True)}">{below}</figure>'
