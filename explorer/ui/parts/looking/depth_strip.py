"""The depth strip as HTML: one row a stage, pictures as data, so that it is one element for the browser."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from html import escape

from explorer.ui.cached.maps import Row
from explorer.ui.shell.words import t


def strip_html(rows: Sequence[Row], names: Sequence[str]) -> str:
    """All stages, shallow first. `names` are the classes, for a last row that holds their scores."""
    columns = ("stage", "sees", "mean", "strongest", "fire")
    heads = "".join(f"<span>{escape(t(f'maps.{name}'))}</span>" for name in columns)
    body = "".join(_row(row, names) for row in rows)
    return f'<div class="atlas-strip"><div class="heads">{heads}</div>{body}</div>'


def row_sentence(row: Row, names: Sequence[str] = ()) -> str:
    """What a row shows, in words: its text twin."""
    if not row.channels:
        best = names[row.unit[0]] if len(names) == row.shape[0] else t("maps.unit", number=row.unit[0])
        return t("maps.vector", count=row.shape[0], best=best)
    channel, down, across = row.unit
    return t(
        "maps.fires",
        share=f"{100 * row.firing:.0f}",
        channel=channel,
        row=down,
        column=across,
        seen=f"{100 * row.seen:.0f}" if row.seen >= 0.01 else "<1",
    )


def _row(row: Row, names: Sequence[str]) -> str:
    shape = "×".join(map(str, (*row.shape[1:], row.shape[0])))
    field = t("maps.field", size="×".join(map(str, row.rf))) if row.channels else t("maps.whole")
    sentence = row_sentence(row, names)
    channels = "".join(
        _image(one.png, t("maps.channel_alt", number=one.channel), str(one.channel)) for one in row.channels
    )
    name = f"<b>{escape(row.stage)}</b><span>{shape}</span><small>{escape(field)}</small>"
    return (
        f'<div class="row"><div class="name">{name}</div>'
        f"{_image(row.window, sentence, '')}{_image(row.mean, t('maps.mean_alt', stage=row.stage), '')}"
        f'<div class="channels">{channels}</div><p>{escape(sentence)}</p></div>'
    )


def _image(png: bytes, alt: str, caption: str) -> str:
    below = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    source = f"data:image/png;base64,{b64encode(png).decode()}"
    return f'<figure><img src="{source}" alt="{escape(alt, quote=True)}">{below}</figure>'
