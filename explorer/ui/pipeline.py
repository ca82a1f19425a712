"""The parts of the Shape pipeline page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from explorer.errors import ExplorerError, ShapeMismatch
from explorer.figures.words import bytes_text, count_text, pair_text, shape_text
from explorer.records import KINDS, BlockGraph, NetworkCard, NetworkSpec, Pair, Segment, ShapeTrace
from explorer.ui import cached, controls, layout, state
from explorer.ui.cached import Options
from explorer.ui.words import group, t


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is drawn: a network, its options, its input, and the picture that is sent in."""

    spec: NetworkSpec
    size: Pair
    classes: int
    options: Options
    picture: str

    @property
    def key(self) -> tuple[str, Pair, int, Options]:
        """The arguments of the cached calls."""
        return self.spec.slug, self.size, self.classes, self.options


def choose_input(slug: str) -> Chosen:
    """Picture, input size, classes and the network's options, behind one button."""
    from explorer.pictures import PICTURES

    spec = cached.spec(slug)
    with st.popover(t("pipeline.input"), icon=":material/tune:", width="stretch"):
        picture = controls.picture_picker(PICTURES)
        with st.container(horizontal=True):
            size = controls.input_size(spec)
            classes = controls.class_count(spec)
        options = controls.options(spec)
        if not options:
            st.caption(t("pipeline.no_options"))
    return Chosen(spec, size, classes, options, picture.slug)


def traced(chosen: Chosen) -> ShapeTrace | None:
    """The trace, or None after a sentence that says what does not fit and what would."""
    try:
        return cached.trace(*chosen.key)
    except ShapeMismatch as problem:
        cure = t("problem.cure", smallest=problem.smallest) if problem.smallest else t("problem.no_cure")
        text = t(f"problem.{problem.reason}", network=problem.network, layer=problem.layer, **problem.values)
        st.error(f"{text} {cure}", icon=":material/straighten:")
        if problem.smallest:
            st.button(t("problem.use", smallest=problem.smallest), on_click=_use, args=(chosen, problem.smallest))
    except ExplorerError as problem:
        st.error(str(problem), icon=":material/error:")
    return None


def _use(chosen: Chosen, side: int) -> None:
    for name in ("h", "w"):
        state.put(f"{name}.{chosen.spec.slug}", side)


def headline(card: NetworkCard, trace: ShapeTrace) -> None:
    """The strip of totals, each with its convention, and the paper."""
    last = trace.last_map
    rows = [
        (t("figure.parameters"), f"{trace.parameters:,}", t("fact.parameters", buffers=f"{trace.buffers:,}")),
        (t("figure.macs"), count_text(trace.macs), t("fact.macs", exact=f"{trace.macs:,}")),
        (t("figure.depth"), str(trace.depth), t("fact.depth")),
        (t("figure.memory"), bytes_text(trace.activation_bytes), t("fact.memory")),
        (t("figure.receptive_field"), pair_text(last.rf.size), t("fact.rf", layer=last.stage)),
    ]
    if card.top1 is not None:
        note = t("atlas.recalled") if card.recalled else ""
        rows.append(
            (t("fact.top1", dataset=card.dataset), f"{card.top1:.2f} %", f"{card.protocol} · {card.source}{note}")
        )
    layout.facts(rows)


def _words() -> tuple[tuple[str, str], ...]:
    kinds = {kind: t(f"kind.{kind}") for kind in KINDS}
    return tuple({**group("figure"), **kinds}.items())


def volumes(card: NetworkCard, chosen: Chosen, level: str, stretch: str) -> None:
    """The drawing, its caption with the scales, its downloads and its text twin."""
    from explorer.figures.volumes import scales_text

    segments, shape = cached.outline(*chosen.key, level), _input_shape(chosen)
    fig = cached.drawing(*chosen.key, chosen.picture, level, stretch, state.dark(), _words())
    width = min(1 + len(segments) // 40, 3)  # many volumes: wider than the screen, to be scrolled
    with st.container(key=f"wide-pipeline-w{width}"):
        layout.plot(fig, key=f"pipeline-{chosen.spec.slug}-{level}", alt=_sentence(chosen, segments))
    note, take = st.columns([3, 1], vertical_alignment="top")
    pixels, channels, entries = scales_text(segments, shape)
    words = t(f"pipeline.{stretch}_note", pixels=pixels, channels=channels, entries=entries)
    if not all(s.main for s in segments):
        words = f"{words} {t('pipeline.aux_note')}"
    link = f" · [arXiv:{card.url.rsplit('/', 1)[-1]}]({card.url})" if card.url else ""
    note.caption(f"{words}  \n{card.citation}{link}")
    with take:
        layout.figure_downloads(f"{chosen.spec.slug}-{level}", fig)
    with st.expander(t("pipeline.twin"), icon=":material/table_rows:", on_change="rerun", key="twin") as twin:
        if twin.open:
            st.markdown(_sentence(chosen, segments))
            _table(_summary(segments), "summary")


def _input_shape(chosen: Chosen) -> tuple[int, ...]:
    return chosen.spec.input_shape[0], *chosen.size


def _sentence(chosen: Chosen, segments: tuple[Segment, ...]) -> str:
    """The drawing in words: the sizes that a volume passes through."""
    sizes = [shape_text(_input_shape(chosen)), *(shape_text(s.out_shape) for s in segments if s.main)]
    route = [size for i, size in enumerate(sizes) if i == 0 or size != sizes[i - 1]]
    return t("pipeline.sentence", title=chosen.spec.title, route=" → ".join(route))


def _summary(segments: tuple[Segment, ...]) -> Any:
    from explorer.figures.ledger import summary

    return summary(segments)


_SHOWN = 24
"""Maps of the first convolution in the strip."""


def from_a_picture(chosen: Chosen) -> None:
    """The picture that goes in, and what the first convolution makes of it."""
    from explorer.pictures import picture

    slug, options = chosen.spec.slug, chosen.options
    maps = cached.first_maps(slug, chosen.picture, chosen.size, options)
    count, rows, columns = maps.maps.shape
    shown = min(_SHOWN, count)
    left, right = st.columns([1, 5], vertical_alignment="top", gap="medium")
    with left:
        pixels = cached.photograph(chosen.picture, chosen.size, chosen.spec.input_shape[0])
        st.image(pixels, width="stretch", output_format="JPEG", alt=t(f"picture.{chosen.picture}"))
        st.caption(picture(chosen.picture).credit)
    with right:
        png = cached.strip(slug, chosen.picture, chosen.size, options, shown)
        st.image(png, width="stretch", alt=t("pipeline.maps_alt", shown=shown, count=count))
        size = f"{rows}×{columns}×{count}"
        st.caption(t("pipeline.maps", layer=maps.layer, size=size, shown=shown, count=count, seed=maps.seed))


def curves(chosen: Chosen, level: str) -> None:
    """n_H, n_W, n_C and the receptive field along the network."""
    segments, title = cached.outline(*chosen.key, level), t("pipeline.curves")
    layout.section(title, t("pipeline.curves_note"))
    data = segments, _input_shape(chosen)
    fig = cached.figure("curves.size_curves", state.dark(), _words(), (*chosen.key, level), data, title=title)
    layout.plot(fig, key="curves", alt=_sentence(chosen, segments))


def shares(chosen: Chosen) -> None:
    """Where parameters, multiply-adds and memory sit, stage by stage."""
    segments, title = cached.outline(*chosen.key, "stage"), t("pipeline.shares")
    layout.section(title, t("pipeline.shares_note"))
    fig = cached.figure("curves.cost_bars", state.dark(), _words(), chosen.key, (segments,), title=title)
    most = max(segments, key=lambda s: s.parameters), max(segments, key=lambda s: s.macs)
    layout.plot(fig, key="shares", alt=t("pipeline.shares_alt", parameters=most[0].label, macs=most[1].label))


def show_view(view: str, chosen: Chosen) -> None:
    """The part of the page below the lesson."""
    {
        "ledger": _ledger,
        "graph": _graph,
        "torchinfo": _torchinfo,
        "sources": _published,
        "code": _code,
    }[view](chosen)


def _table(frame: Any, name: str) -> None:
    share = {"parameter_share", "mac_share", "memory_share"}
    columns: dict[str, Any] = {}
    for key in frame.columns:
        label, note = t(f"column.{key}"), t(f"column_help.{key}") if _has(f"column_help.{key}") else None
        if key in share:
            columns[key] = st.column_config.ProgressColumn(
                label, help=note, format="%.1f %%", min_value=0, max_value=100
            )
        elif key in {"parameters", "macs", "values"}:
            columns[key] = st.column_config.NumberColumn(label, help=note, format="localized")
        elif key == "memory":
            columns[key] = st.column_config.NumberColumn(label, help=note, format="%.1f")
        else:
            columns[key] = st.column_config.Column(label, help=note, pinned=key in {"index", "operation"})
    st.dataframe(
        frame, column_config=columns, hide_index=True, height=min(560, 38 + 35 * len(frame)), key=f"table-{name}"
    )


def _has(key: str) -> bool:
    return key.split(".", 1)[1] in group(key.split(".", 1)[0])


def _ledger(chosen: Chosen) -> None:
    frame = cached.ledger(*chosen.key)
    st.caption(t("pipeline.ledger_note", rows=len(frame)))
    _table(frame, "ledger")
    st.download_button(
        t("download.csv"),
        data=lambda: frame.to_csv(index=False).encode("utf-8-sig"),
        file_name=f"{chosen.spec.slug}-ledger.csv",
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
    )


def _graph(chosen: Chosen) -> None:
    from explorer.tracing import block_graph

    blocks = cached.outline(*chosen.key, "block")
    by_path = {s.label: s for s in blocks}
    default = next((s.label for s in blocks if {r.kind for r in s.layers} & {"add", "concat"}), blocks[0].label)
    key = f"block.{chosen.spec.slug}"
    state.seed(key, default, state.one_of(by_path), parameter="block")
    st.selectbox(t("control.block"), list(by_path), format_func=lambda path: _block_name(by_path[path]), key=key)
    path = state.publish(key, default, parameter="block")
    graph = block_graph(cached.trace(*chosen.key), path)
    st.caption(t("pipeline.graph_note"))
    title = f"{chosen.spec.title} · {path}"
    fig = cached.figure("graph.block_graph", state.dark(), _words(), (*chosen.key, path), (graph,), title=title)
    with st.container(key=f"wide-graph-w{1 if len(graph.nodes) < 7 else 2}"):
        layout.plot(fig, key=f"graph-{chosen.spec.slug}-{path}".replace(".", "-"), alt=_graph_sentence(graph))
    with st.expander(t("pipeline.twin"), icon=":material/table_rows:"):
        st.markdown(_graph_sentence(graph))


def _block_name(segment: Segment) -> str:
    repeat = f" ×{segment.repeat}" if segment.repeat > 1 else ""
    kind = f" · {segment.type}" if segment.type else ""
    return f"{segment.label}{repeat}{kind} · {shape_text(segment.in_shape)} → {shape_text(segment.out_shape)}"


def _graph_sentence(graph: BlockGraph) -> str:
    from explorer.figures.words import operation_text

    lines = []
    for i, node in enumerate(graph.nodes, 1):
        what = " · ".join(operation_text(layer) for layer in node.layers)
        reads = ", ".join(str(s + 1) if s >= 0 else t("figure.input") for s in node.inputs)
        lines.append(t("pipeline.graph_line", number=i, what=what, reads=reads, shape=shape_text(node.out_shape)))
    return "\n".join(f"- {line}" for line in lines)


def _torchinfo(chosen: Chosen) -> None:
    check = cached.crosscheck(*chosen.key)
    rows = [
        {"what": t("check.parameters"), "torchinfo": check.parameters, "here": check.traced_parameters},
        {"what": t("check.macs"), "torchinfo": check.mult_adds, "here": check.traced_macs},
        {"what": t("check.biases"), "torchinfo": check.biases, "here": 0},
        {"what": t("check.norms"), "torchinfo": check.norms, "here": 0},
        {"what": t("check.rest"), "torchinfo": check.unexplained, "here": 0},
    ]
    st.markdown(t("check.note"))
    st.dataframe(
        rows,
        hide_index=True,
        column_config={
            "what": st.column_config.TextColumn(t("check.what"), width="large"),
            "torchinfo": st.column_config.NumberColumn("torchinfo", format="localized"),
            "here": st.column_config.NumberColumn(t("check.here"), format="localized"),
        },
    )
    st.code(check.text, language=None, height=460)


def _published(chosen: Chosen) -> None:
    st.caption(t("pipeline.sources_note"))
    rows = [
        {
            "dataset": result.dataset,
            "top1": result.top1,
            "top5": result.top5,
            "protocol": result.protocol,
            "source": result.source + (t("atlas.recalled") if result.recalled else ""),
        }
        for result in chosen.spec.published
    ]
    if not rows:
        st.info(t("pipeline.no_sources"), icon=":material/info:")
        return
    columns: dict[str, Any] = {key: t(f"column.{key}") for key in rows[0]}
    for key in ("top1", "top5"):
        columns[key] = st.column_config.NumberColumn(t(f"column.{key}"), format="%.2f")
    st.dataframe(rows, hide_index=True, column_config=columns)


def _code(chosen: Chosen) -> None:
    layout.source_of(chosen.spec.build, t("pipeline.code_note"))
