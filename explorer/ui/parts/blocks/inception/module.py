"""The Inception module, built: branches side by side, their concat, and what each costs, naive and reduced."""

from __future__ import annotations

import streamlit as st

from explorer.arithmetic import inception_module
from explorer.figures.inception import module_drawing
from explorer.figures.inception_curves import branch_shares
from explorer.records import Pair
from explorer.records.inception import BranchCost, InceptionWidths
from explorer.ui.cached.blocks import inception as cached
from explorer.ui.parts.blocks.inception import module_maps
from explorer.ui.parts.blocks.inception.state import STATE
from explorer.ui.parts.blocks.inception.words import percent, thousands, times
from explorer.ui.shell import exhibit, layout, state
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs

BRANCHES = ("1x1", "3x3", "5x5", "pool")


def branch_names() -> dict[str, str]:
    """What the branches are called."""
    return {name: t(f"inception.branch.{name}") for name in BRANCHES}


def show() -> None:
    """The view."""
    with layout.waiting():
        modules = cached.modules()
    name = inputs.select(STATE.module.name, tuple(modules), str, default=STATE.module.name.default)
    size, widths = _widths(name, *modules[name])
    reduced, naive = (inception_module(size, widths, reduced=each) for each in (True, False))
    _draw(reduced, size, widths, "reduced")
    _facts(reduced, naive, size, widths)
    _shares(reduced, naive)
    with st.expander(t("inception.naive_title"), icon=":material/compare_arrows:"):
        _draw(naive, size, widths, "naive")
    module_maps.show()


def _widths(name: str, size: Pair, widths: InceptionWidths) -> tuple[Pair, InceptionWidths]:
    """Number inputs that begin with the chosen module's widths."""
    fields = STATE.module
    numbers = []
    asked = (fields.side, fields.n_in, fields.n1, fields.r3, fields.n3, fields.r5, fields.n5, fields.pool)
    usual = (size[0], *widths)
    for place, field, default in zip(st.columns(8, vertical_alignment="bottom"), asked, usual, strict=True):
        with place:
            numbers.append(inputs.number(field, default=default, owner=name))
    side, *rest = numbers
    changed = tuple(numbers) != usual
    label = t("inception.back_to", module=name)
    st.button(label, icon=":material/restart_alt:", on_click=_reset, args=(name, usual), disabled=not changed)
    return (side, side), InceptionWidths(*rest)


def _reset(name: str, usual: tuple[int, ...]) -> None:
    fields = STATE.module
    asked = (fields.side, fields.n_in, fields.n1, fields.r3, fields.n3, fields.r5, fields.n5, fields.pool)
    for field, value in zip(asked, usual, strict=True):
        state.assign(field, value, owner=name)


def _draw(branches: tuple[BranchCost, ...], size: Pair, widths: InceptionWidths, which: str) -> None:
    words = {"input": t("figure.input"), "concat": t("kind.concat"), "pool": t("inception.pool_op")}
    title = t(f"inception.module_{which}")
    fig = module_drawing(branches, size, widths.n_in, theme=layout.theme(), words=words, title=title)
    total = sum(branch.n_out for branch in branches)
    said = t(
        f"inception.{which}_say",
        side=size[0],
        n_in=widths.n_in,
        sum=" + ".join(str(branch.n_out) for branch in branches),
        total=total,
    )
    st.markdown(said)
    rows = [row for branch in branches for row in _rows(branch)]
    exhibit.show(Exhibit(f"inception-{which}", fig, said, rows, code=(inception_module,)))


def _rows(branch: BranchCost) -> list[dict[str, object]]:
    """A row for every convolution of a branch; one for a pool that has none."""
    head = {t("inception.branch_column"): branch_names()[branch.name]}
    if not branch.convs:
        return [{**head, t("inception.kernel_column"): t("inception.pool_op"), t("inception.n_c_out"): branch.n_out}]
    return [
        {
            **head,
            t("inception.kernel_column"): f"{conv.kernel[0]}×{conv.kernel[1]}",
            t("inception.n_c"): conv.n_in,
            t("inception.n_c_out"): conv.n_out,
            t("inception.fact_parameters"): str(conv.parameters),
            t("inception.fact_macs"): str(conv.macs),
        }
        for conv in branch.convs
    ]


def _facts(reduced: tuple[BranchCost, ...], naive: tuple[BranchCost, ...], size: Pair, widths: InceptionWidths) -> None:
    macs, naive_macs = (sum(branch.macs for branch in each) for each in (reduced, naive))
    held, naive_held = (sum(branch.parameters for branch in each) for each in (reduced, naive))
    naive_out = sum(branch.n_out for branch in naive)
    out = f"{size[0]}×{size[1]}×{widths.n_out}"
    layout.facts(
        [
            (t("inception.fact_out"), out, t("inception.naive_is", value=naive_out)),
            (t("inception.fact_parameters"), thousands(held), t("inception.naive_is", value=thousands(naive_held))),
            (t("inception.fact_macs"), thousands(macs), t("inception.naive_is", value=thousands(naive_macs))),
            (t("inception.fact_ratio"), f"{times(naive_macs / macs)}×", t("inception.naive_by_reduced")),
        ]
    )
    grown = widths.n_in
    for _ in range(9):
        grown += widths.n1 + widths.n3 + widths.n5
    st.caption(t("inception.grows", n_in=widths.n_in, out=naive_out, nine=thousands(grown)))


def _shares(reduced: tuple[BranchCost, ...], naive: tuple[BranchCost, ...]) -> None:
    words = {
        **branch_names(),
        "channels": t("inception.channels"),
        "parameters": t("inception.fact_parameters"),
        "macs": t("inception.fact_macs"),
    }
    drawn = []
    for which, branches in (("reduced", reduced), ("naive", naive)):
        title = t(f"inception.shares_{which}")
        option = branch_shares(branches, theme=layout.theme(), words=words, title=title)
        total, macs = (sum(values) for values in zip(*((each.n_out, each.macs) for each in branches), strict=True))
        most = max(branches, key=lambda each: each.macs)
        said = t(
            "inception.shares_say",
            title=title,
            branch=branch_names()[most.name],
            macs=percent(most.macs / macs),
            channels=percent(most.n_out / total),
        )
        rows = [
            {
                t("inception.branch_column"): branch_names()[each.name],
                t("inception.channels"): each.n_out,
                t("inception.fact_parameters"): each.parameters,
                t("inception.fact_macs"): each.macs,
            }
            for each in branches
        ]
        drawn.append(Exhibit(f"inception-shares-{which}", option, said, rows, height=230, code=(branch_shares,)))
    exhibit.side_by_side(drawn)
