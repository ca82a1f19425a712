"""The parts of the page "Why this class?": which class, which methods, and their maps side by side."""

from __future__ import annotations

from html import escape
from math import isfinite
from typing import TYPE_CHECKING

import streamlit as st

from explorer.errors import ExplorerError
from explorer.ui import cached_why, controls, layout, looking, state
from explorer.ui.cached_why import Chosen, Drawn, Look
from explorer.ui.words import plain, t

if TYPE_CHECKING:
    from explorer.attributions import MethodSpec
    from explorer.records import Attribution, Control

DEFAULT = ("saliency", "guided-backprop", "grad-cam", "integrated-gradients")
VIEWS = ("overlay", "alone")
SMALL = 64  # pixels: up to here everything is there at once
_PILLS = 5
_NARROWEST = 150  # pixels of a tile

Method = tuple[str, Chosen]
"""A method's slug and its options."""


def look(source: str, picture: looking.Seen) -> Look | None:
    """The network and the picture; None, with a sentence, where the weights cannot be had, or answer nothing finite."""
    try:
        one = Look(source, picture.key, looking.subject(source), picture.pixels)
    except ExplorerError as problem:
        st.warning(plain(problem, 300), icon=":material/broken_image:")
        return None
    if not all(map(isfinite, cached_why.answer(one))):
        st.warning(t("upload.no_answer"), icon=":material/broken_image:")
        return None
    return one


def is_small(one: Look) -> bool:
    """Whether a network reads small pictures, so that what takes long elsewhere takes a second."""
    return max(one.subject.input_shape[1:]) <= SMALL


def percent(share: float) -> str:
    """A share in percent, with as many digits as tell something."""
    return f"{100 * share:.0f}" if share >= 0.1 else f"{100 * share:.1f}"


def name(method: str) -> str:
    """A method's name in the present language."""
    return t(f"why.method.{method}")


# --- which class ------------------------------------------------------------------------------------------------------


def choose_class(one: Look) -> int:
    """The picture, the most probable classes as buttons, and any class by name; returns the index of the one chosen."""
    shares = cached_why.answer(one)
    order = sorted(range(len(shares)), key=lambda i: -shares[i])
    best, key = order[0], f"class.{len(shares)}"
    state.seed(key, -1, state.number(0, len(shares) - 1), parameter="class")
    target = best if state.get(key, -1) < 0 else int(state.get(key, -1))

    def label(index: int) -> str:
        return f"{looking.class_name(one.subject, index)} · {percent(shares[index])} %"

    seen = t("why.seen", size="×".join(map(str, one.subject.input_shape[1:])), best=label(best))
    st.image(cached_why.photograph(one), width=200, alt=seen)
    top = order[:_PILLS]
    state.put("_class-top", target if target in top else None)
    state.put("_class-any", target)

    def take(widget: str) -> None:
        picked = state.get(widget, None)
        state.put(key, -1 if picked is None or picked == best else picked)

    st.pills(t("why.top"), top, format_func=label, key="_class-top", on_change=take, args=("_class-top",), wrap=True)
    st.selectbox(t("why.any"), order, format_func=label, key="_class-any", on_change=take, args=("_class-any",))
    state.publish(key, -1, parameter="class")
    return target


# --- which methods ----------------------------------------------------------------------------------------------------


def choose_methods() -> tuple[Method, ...]:
    """Buttons for all methods, and the few options of those chosen."""
    specs = {spec.slug: spec for spec in cached_why.specs()}
    written = ",".join(DEFAULT)
    state.seed("methods", written, _methods_of(tuple(specs)))
    state.put("_methods", str(state.get("methods", written)).split(",") if state.get("methods", written) else [])

    def take() -> None:
        picked = set(state.get("_methods", []))
        state.put("methods", ",".join(slug for slug in specs if slug in picked))

    label, slugs = t("why.methods"), list(specs)
    st.pills(label, slugs, selection_mode="multi", format_func=name, key="_methods", on_change=take, wrap=True)
    chosen = str(state.publish("methods", written))
    return tuple((slug, options_of(specs[slug])) for slug in chosen.split(",") if slug)


def _methods_of(known: tuple[str, ...]) -> object:
    def parse(raw: str) -> str:
        asked = raw.split(",") if raw else []
        if not set(asked) <= set(known):
            raise ValueError(raw)
        return ",".join(slug for slug in known if slug in asked)

    return parse


def _option_key(spec: MethodSpec, control: Control) -> str:
    return f"m.{spec.slug}.{control.name}"


def options_of(spec: MethodSpec) -> Chosen:
    """A method's options as they stand; their widgets are in `show_options`."""
    for control in spec.controls:
        key = _option_key(spec, control)
        state.seed(key, control.default, state.one_of(control.choices))
        state.publish(key, control.default)
    return tuple((control.name, state.get(_option_key(spec, control), control.default)) for control in spec.controls)


def show_options(chosen: tuple[Method, ...]) -> None:
    """A drawer with the options of the chosen methods, if they have any."""
    wanted = [spec for spec in cached_why.specs() if spec.controls and spec.slug in dict(chosen)]
    if not wanted:
        return
    with st.popover(t("why.options"), icon=":material/tune:"):
        for spec in wanted:
            for control in spec.controls:
                st.select_slider(
                    f"{name(spec.slug)}: {t(f'why.option.{control.name}')}",
                    control.choices,
                    format_func=lambda value: f"{value:g}",
                    key=_option_key(spec, control),
                )


# --- their maps -------------------------------------------------------------------------------------------------------


def show_maps(one: Look, target: int, chosen: tuple[Method, ...]) -> None:
    """The maps of the chosen methods, each as soon as it is there; beneath them, if asked, those of random weights."""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        view = controls.choice("why-view", VIEWS, VIEWS[0], label=False)
        control = controls.switch("redrawn", False)
        show_options(chosen)
    if not chosen:
        st.info(t("why.no_method"), icon=":material/touch_app:")
        return
    rows: list[dict[str, str]] = []
    _row_of_maps(one, target, chosen, view, False, rows)
    if control:
        st.markdown(t("why.redrawn_title"))
        _row_of_maps(one, target, chosen, view, True, rows)
    _legends(tuple(slug for slug, _ in chosen))
    if rows:
        with st.expander(t("why.twin"), icon=":material/table:"):
            st.caption(t("why.twin_note"))
            st.dataframe(rows, hide_index=True)


def _row_of_maps(
    one: Look, target: int, chosen: tuple[Method, ...], view: str, redrawn: bool, rows: list[dict[str, str]]
) -> None:
    """A tile a method, filled as soon as its map is there; `rows` takes what the maps say in numbers."""
    grid = st.grid(columns=min(4, max(3, len(chosen))), min_column_width=_NARROWEST)
    cells = [grid.container() for _ in chosen]
    for cell, (slug, options) in zip(cells, chosen, strict=True):
        with cell:
            try:
                with st.spinner(t("why.working", method=name(slug))):
                    found = cached_why.attribution(one, slug, target, options, redrawn=redrawn)
                    drawn = cached_why.drawn(one, found, options, view, redrawn)
                if redrawn:
                    _control_tile(one, target, options, found, drawn)
                else:
                    st.image(drawn.png, width="stretch", alt=sentence(one, found, drawn))
                    st.markdown(caption(one, found, drawn))
            except ExplorerError as problem:
                st.warning(f"{name(slug)}: {plain(problem, 300)}", icon=":material/block:")
                continue
        rows.append(_row(t("why.row_redrawn", method=name(slug)) if redrawn else name(slug), drawn))


def _control_tile(one: Look, target: int, options: Chosen, found: Attribution, drawn: Drawn) -> None:
    """A map of random weights, and how much of the map of the true ones is left in it."""
    true = cached_why.attribution(one, found.method, target, options)
    line = t("why.redrawn", method=name(found.method), agreement=f"{cached_why.correlation(true, found):.2f}")
    st.image(drawn.png, width="stretch", alt=line.replace("**", ""))
    st.caption(line)


def caption(one: Look, found: Attribution, drawn: Drawn) -> str:
    """A map's method, its source, and what else was found."""
    spec = next(spec for spec in cached_why.specs() if spec.slug == found.method)
    paper = f"[{spec.paper} {spec.year}](https://arxiv.org/abs/{spec.arxiv})"
    parts = [paper, t("why.for_class", name=looking.class_name(one.subject, found.target))]
    if found.grid:
        rows, columns = found.grid
        parts.append(t("why.grid", stage=found.layer or t("why.last_map"), grid=f"{rows}×{columns}"))
    if found.delta is not None:
        parts.append(t("why.delta", delta=f"{found.delta:.2g}", sum=f"{float(found.values.sum()):.3g}"))
    if found.method in ("guided-backprop", "deconvolution", "guided-grad-cam") and not cached_why.relus(one):
        parts.append(t("why.no_relu"))
    where, share = strongest(drawn)
    parts.append(t("why.strongest", where=where, share=share))
    return f"**{name(found.method)}**  \n:small[{' · '.join(parts)}]"


def strongest(drawn: Drawn) -> tuple[str, str]:
    """The name of the ninth that holds most of a map, and its share in percent."""
    share = max(drawn.ninths)
    return t(f"why.ninth.{drawn.ninths.index(share)}"), percent(share)


def sentence(one: Look, found: Attribution, drawn: Drawn) -> str:
    """A map in words."""
    where, share = strongest(drawn)
    return t(
        "why.map_alt",
        method=name(found.method),
        name=looking.class_name(one.subject, found.target),
        where=where,
        share=share,
        tenth=percent(drawn.concentration),
    )


def _row(title: str, drawn: Drawn) -> dict[str, str]:
    cells = {t(f"why.ninth.{i}"): f"{percent(share)} %" for i, share in enumerate(drawn.ninths)}
    return {t("why.column_method"): title, **cells, t("why.column_tenth"): f"{percent(drawn.concentration)} %"}


def _legends(slugs: tuple[str, ...]) -> None:
    """The scales of colours that the maps use, each between the words of its two ends."""
    from explorer.figures.attributions import gradient

    signed = {spec.slug: spec.signed for spec in cached_why.specs()}
    bars = []
    for kind in sorted({signed[slug] for slug in slugs}):
        which = "signed" if kind else "size"
        low, high = escape(t(f"why.{which}_low")), escape(t(f"why.{which}_high"))
        bar = f"display:inline-block;width:5rem;height:0.7rem;margin:0 0.5rem;background:{gradient(kind)}"
        bars.append(f"<span style='display:inline-block;margin-right:1.6rem'>{low}<i style='{bar}'></i>{high}</span>")
    note = escape(t("why.clipped"))
    st.html(f"<p style='margin:0;font-size:0.8rem;opacity:0.85;line-height:1.9'>{''.join(bars)}{note}</p>")
    layout.let_it_paint("why-maps", slugs)
