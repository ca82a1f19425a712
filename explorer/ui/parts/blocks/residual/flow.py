"""One block with every number on its way."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from explorer.arithmetic.residual import flow
from explorer.records.residual import BlockFlow, FlowSettings
from explorer.ui.parts.blocks.residual import words
from explorer.ui.parts.blocks.residual.state import FLOW_PRESETS, STATE, flow_settings, preset_pills
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs


def show() -> None:
    """The block above its controls, and its last line in numbers."""
    presets, figure = st.container(), st.container()
    _choose()
    with presets:
        preset = preset_pills(FLOW_PRESETS, "flow")
    settings = flow_settings()
    record = flow(settings)
    with figure:
        _draw(record, preset)
    st.html(working(record))
    words.code(lambda: _code(settings))


def _draw(record: BlockFlow, preset: str) -> None:
    from explorer.figures.residual import block_flow

    sentence, rows = _sentence(record), _rows(record)
    named = {name: t(f"residual.flow.{name}") for name in ("skip", "plain", "batch")}
    drawn = block_flow(record, theme=layout.theme(), words={**named, "sum": _SUM}, label=exhibit.plain(sentence))
    shown = Exhibit("residual-flow", drawn, sentence, rows, None, _WHOLE[record.settings.order], (flow,))
    exhibit.show(shown, details=False)
    st.markdown(sentence)
    if preset:
        st.info(t(f"residual.preset_note.{preset}"), icon=":material/co_present:")
    exhibit.twin(shown)


def _choose() -> None:
    with layout.row():
        inputs.segmented(STATE.entry)
        order = inputs.segmented(STATE.order)
    with layout.row():
        for field in (STATE.weights, STATE.biases, STATE.alpha):
            inputs.slider(field)
        inputs.number(STATE.seed)
    if order == "preact":
        st.caption(t("residual.no_norm"))
        return
    with layout.row():
        if inputs.toggle(STATE.norm):
            inputs.slider(STATE.gamma)


def working(record: BlockFlow) -> str:
    """a^[l+2] of every unit with its numbers, as HTML: with the sum, and without it.

    KaTeX would take the browser an eighth of a slider's step for these lines.
    """
    before, alpha = record.settings.order == "preact", record.settings.alpha
    factor = "" if alpha == 1 else f"{alpha:g} · "
    rows = []
    for i, (x, f, out, plain) in enumerate(
        zip(record.x, record.branch, record.out, record.plain, strict=True), start=1
    ):
        inner, alone = f"{_term(x)} + {factor}{_term(f)}", f"<i>g</i>({_number(f)}) = {_number(plain)}"
        with_skip, without = (inner, _number(plain)) if before else (f"<i>g</i>({inner})", alone)
        unit = f"<i>a</i><sup>[<i>l</i>+2]</sup><sub>{i}</sub>"
        said = f"{escape(t('residual.flow.without'))} {without}"
        rows.append(f"<div><dt>{unit} = {with_skip} = <b>{_number(out)}</b></dt><dd>{said}</dd></div>")
    return f'<dl class="atlas-working">{"".join(rows)}</dl>'


def _number(value: float) -> str:
    return f"{round(value, 2) + 0.0:.2f}".replace("-", "−")


def _term(value: float) -> str:
    text = _number(value)
    return f"({text})" if text.startswith("−") else text


_SUM = "z + a"
_WHOLE = {
    "original": r"z^{[l+1]} = W^{[l+1]} a^{[l]} + b^{[l+1]},\ a^{[l+1]} = g(z^{[l+1]}),\ "
    r"z^{[l+2]} = W^{[l+2]} a^{[l+1]} + b^{[l+2]},\ a^{[l+2]} = g(z^{[l+2]} + a^{[l]})",
    "preact": r"z^{[l+1]} = W^{[l+1]} g(a^{[l]}) + b^{[l+1]},\ a^{[l+1]} = g(z^{[l+1]}),\ "
    r"z^{[l+2]} = W^{[l+2]} a^{[l+1]} + b^{[l+2]},\ a^{[l+2]} = z^{[l+2]} + a^{[l]}",
}


def _sentence(record: BlockFlow) -> str:
    changed, plain = f"{100 * record.changed:.0f}", f"{100 * record.plain_changed:.0f}"
    silent = max(map(abs, record.scaled)) < 1e-9
    if silent and record.changed < 1e-9:
        return t("residual.flow.identity", plain=plain)
    if silent:
        lost = ", ".join(f"{record.x[i]:.2f}".replace("-", "−") for i in record.cut)
        return t("residual.flow.cut", values=lost, changed=changed)
    return t("residual.flow.changed", changed=changed, plain=plain)


def _rows(record: BlockFlow) -> list[dict[str, object]]:
    columns: dict[str, Sequence[float]] = {
        "a[l]": record.x,
        "z[l+1]": record.z1,
        "a[l+1]": record.a1,
        "z[l+2]": record.z2,
        **({"μ": record.mean, "√(σ² + ε)": record.deviation} if record.mean else {}),
        "αF": record.scaled,
        _SUM: record.total,
        "a[l+2]": record.out,
        t("residual.flow.plain"): record.plain,
    }
    return [
        {t("residual.unit"): unit + 1, **{name: round(values[unit], 4) for name, values in columns.items()}}
        for unit in range(len(record.x))
    ]


def _code(settings: FlowSettings) -> str:
    from explorer.blocks.residual_code import flow_code

    return flow_code(settings)
