"""The bottleneck's cost desk, and what a trained layer loses behind one."""

from __future__ import annotations

import streamlit as st

from explorer.arithmetic import bottleneck, break_even, conv_cost
from explorer.figures import palette
from explorer.figures.inception_curves import Line, lines
from explorer.records.inception import ConvCost
from explorer.ui.cached.blocks import inception as cached
from explorer.ui.parts.blocks.inception.state import STATE
from explorer.ui.parts.blocks.inception.words import formula, percent, thousands, times
from explorer.ui.shell import exhibit, layout, state
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import sentences, t
from explorer.ui.widgets import inputs


def show() -> None:
    """The view."""
    layout.section(t("inception.desk"), t("inception.desk_note"))
    _desk()
    _loss()


# --- the desk ---------------------------------------------------------------------------------------------------------


def _desk() -> None:
    desk = STATE.desk
    fields = (desk.height, desk.width, desk.n_in, desk.reduced, desk.n_out, desk.kernel)
    numbers = []
    for place, field in zip(st.columns(6), fields, strict=True):
        with place:
            numbers.append(inputs.number(field))
    height, width, n_in, reduced, n_out, f = numbers
    st.button(t("inception.slide"), icon=":material/restart_alt:", on_click=_slide)
    size = height, width
    direct = conv_cost(size, n_in, n_out, (f, f))
    first, second = bottleneck(size, n_in, reduced, n_out, f)
    together = first.macs.value + second.macs.value
    level = break_even(n_in, n_out, f)
    st.markdown(
        "\n".join(
            (
                f"- {t('inception.direct_say', f=f, macs=formula(direct.macs))}",
                f"- {t('inception.first_say', macs=formula(first.macs))}",
                f"- {t('inception.second_say', f=f, macs=formula(second.macs))}",
            )
        )
    )
    saved = direct.macs.value / together
    layout.facts(
        [
            (t("inception.fact_direct"), _millions(direct.macs.value), thousands(direct.macs.value)),
            (t("inception.fact_bottleneck"), _millions(together), thousands(together)),
            (
                t("inception.fact_ratio"),
                f"{times(saved)}×" if saved >= 1 else f"1/{times(1 / saved)}",
                t("inception.fewer"),
            ),
            (t("inception.fact_parameters"), *_parameters(direct, first, second)),
        ]
    )
    _curve(size, n_in, n_out, f, reduced, float(level))


def _slide() -> None:
    desk = STATE.desk
    for field in (desk.height, desk.width, desk.n_in, desk.reduced, desk.n_out, desk.kernel):
        state.assign(field, field.default)


def _millions(number: int) -> str:
    return f"{number / 1e6:.1f} M" if number >= 1e6 else thousands(number)


def _parameters(direct: ConvCost, first: ConvCost, second: ConvCost) -> tuple[str, str]:
    together = first.parameters.value + second.parameters.value
    return thousands(together), t("inception.instead_of", count=thousands(direct.parameters.value))


def _curve(size: tuple[int, int], n_in: int, n_out: int, f: int, reduced: int, level: float) -> None:
    """Cost by the width of the bottleneck, with the width at which nothing is saved."""
    direct = conv_cost(size, n_in, n_out, (f, f)).macs.value
    last = max(reduced, int(level * 1.25) + 1)
    widths = sorted({1, reduced, last, *(max(1, last * k // 40) for k in range(41))})
    costs = [(r, sum(conv.macs.value for conv in bottleneck(size, n_in, r, n_out, f))) for r in widths]
    millions = [(r, cost / 1e6) for r, cost in costs]
    curves = [
        Line(t("inception.with_bottleneck"), palette.BLUE, millions),
        Line(t("inception.without"), palette.ORANGE, [(1, direct / 1e6), (last, direct / 1e6)], dashed=True),
    ]
    marks = {t("inception.here"): float(reduced), t("inception.even"): level}
    title = t("inception.cost_title")
    option = lines(
        curves,
        theme=layout.theme(),
        across=t("inception.reduced"),
        upright=t("inception.in_millions"),
        title=title,
        marks=marks,
        low=0,
    )
    said = t("inception.even_say", width=f"{level:.1f}", macs=thousands(direct))
    if reduced > level:
        said = sentences(said, t("inception.too_wide", width=int(level)))
    rows = [{t("inception.reduced"): r, t("inception.fact_macs"): cost} for r, cost in costs]
    exhibit.show(
        Exhibit(
            "inception-cost", option, said, rows, formula=_EVEN, code=(bottleneck, break_even), note=said, height=320
        )
    )


_EVEN = r"C\,r + f^2\,r\,C' = f^2\,C\,C' \;\Rightarrow\; r = \frac{f^2\,C\,C'}{C + f^2\,C'}"


# --- where it hurts ---------------------------------------------------------------------------------------------------


def _loss() -> None:
    layout.section(t("inception.hurts"), t("inception.hurts_note"))
    with layout.waiting():
        layers = cached.squeezed_layers()
    path = inputs.select(STATE.layer, layers, str, default=STATE.layer.default)
    with st.spinner(t("inception.measuring")):
        found = cached.rank_curve(path)
    kept = [(point.width, 100 * point.accuracy) for point in found.points]
    errors = [(point.width, 100 * point.error) for point in found.points]
    random = [(point.width, 100 * point.random_error) for point in found.points]
    curves = [
        Line(t("inception.accuracy_line"), palette.GREEN, kept, dots=True),
        Line(t("inception.error_line"), palette.BLUE, errors, dots=True),
        Line(t("inception.random_line"), palette.SLATE, random, dashed=True),
    ]
    option = lines(
        curves,
        theme=layout.theme(),
        across=t("inception.reduced"),
        upright="%",
        title=t("inception.rank_title", layer=path),
        low=0,
        high=100,
    )
    half = min(found.points, key=lambda point: abs(point.width - found.n_in / 2))
    said = t(
        "inception.rank_say",
        layer=path,
        n_in=found.n_in,
        least=found.points[0].width,
        lowest=percent(found.points[0].accuracy),
        half=half.width,
        reached=percent(half.accuracy),
        error=percent(half.error, 0),
        whole=percent(found.points[-1].accuracy),
        images=found.images,
    )
    rows = [
        {
            t("inception.reduced"): point.width,
            t("inception.accuracy_line"): round(100 * point.accuracy, 1),
            t("inception.error_line"): round(100 * point.error, 2),
            t("inception.random_line"): round(100 * point.random_error, 2),
        }
        for point in found.points
    ]
    st.markdown(said)
    exhibit.show(Exhibit("inception-rank", option, said, rows, formula=_RANK, code=_code, height=340))


_RANK = r"W_{c,(k,i,j)} = \sum_{m=1}^{r} U_{c,m}\,V_{m,(k,i,j)} \;\Rightarrow\; \operatorname{rank} W \le r"


def _code() -> exhibit.Code:
    from explorer.inspection import rank_curve

    return (rank_curve,)
