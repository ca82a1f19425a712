"""Features of frozen stages: computed once beside the page, kept on disk, and one head after the other on them."""

from __future__ import annotations

from functools import partial

import streamlit as st

from explorer import datasets
from explorer.errors import DatasetError
from explorer.figures import transfer as figures
from explorer.figures.transfer import Measured
from explorer.records import NetworkInstance, TaskOrder
from explorer.ui.cached import networks as cached, runs as cached_runs
from explorer.ui.cached.models import model
from explorer.ui.cached.transfer import reusing
from explorer.ui.cached.transfer.reusing import Reused
from explorer.ui.parts.training.transfer.state import NETWORKS, SOURCES, STATE
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.polling import bars, watch
from explorer.ui.shell.words import dataset_name, refusal, sentences, t
from explorer.ui.widgets import inputs
from explorer.ui.widgets.own_sets import note_unreadable

_TICK = 0.5  # seconds between two looks


def show() -> None:
    """The network, the data set, and what is known of them: features, heads and times."""
    layout.section(t("transfer.reuse"), t("transfer.reuse_note"))
    note_unreadable()
    left, right = st.columns([3, 2], gap="medium")
    with left:
        code = inputs.segmented(STATE.source)
    with right:
        dataset = inputs.select(STATE.target, _present(), dataset_name)
    if code == "resnet20" and "cifar10" in dataset:
        st.caption(t("transfer.leak"))
    with layout.waiting():
        entry = reusing.entry_of(SOURCES[code], dataset)
    if not (reusing.is_kept(entry) and _heads(entry, code, dataset)):
        _saved(NETWORKS[code], dataset)
        _compute(SOURCES[code], dataset)
    _kept_line()


def _present() -> tuple[str, ...]:
    """What can be learned from, the small bundled sets first."""
    return tuple(sorted(datasets.present(), key=lambda slug: slug not in ("shapes", "digits", "digits28")))


# --- features ---------------------------------------------------------------------------------------------------------


def _saved(network: str, dataset: str) -> None:
    """What a pass through the network costs, once and in each of a head's epochs: counted, not measured."""
    macs = sum(layer.macs for layer in cached.trace(NetworkInstance.of(cached.spec(network))).layers)
    train, test = reusing.images_kept(dataset)
    passes = reusing.passes(train)
    layout.facts(
        [
            (t("transfer.fact_image"), f"{macs / 1e6:,.0f} M", t("transfer.fact_macs")),
            (
                t("transfer.fact_kept"),
                f"{macs * (train + test) / 1e9:,.0f} G",
                t("transfer.fact_kept_of", train=train, test=test),
            ),
            (
                t("transfer.fact_again"),
                f"{macs * passes / 1e9:,.0f} G",
                t("transfer.fact_passes", passes=f"{passes:,}"),
            ),
        ]
    )


def _compute(model_id: str, dataset: str) -> None:
    """The button that computes features, then how far that is."""
    order = reusing.order(model_id, dataset)

    def draw() -> bool:
        status = cached_runs.service().task(order.key)
        if status.is_open:
            words = t("units.waiting") if status.state == "waiting" or not status.total else ""
            done, total = f"{status.done:,}", f"{status.total:,}"
            words = words or t("transfer.computing", done=done, total=total)
            bars([("", status.done / max(status.total, 1), words)])
            st.button(t("units.stop"), icon=":material/stop_circle:", on_click=_stop, args=(order.key,))
        else:
            if status.state == "failed":
                st.warning(t("units.failed", problem=status.detail), icon=":material/error:")
            elif status.state in ("stopped", "lost"):
                st.caption(t(f"units.{status.state}"))
            if status.state != "done":
                st.button(
                    t("transfer.compute"),
                    type="primary",
                    icon=":material/play_circle:",
                    on_click=_begin,
                    args=(model_id, order),
                )
                st.caption(t("transfer.compute_note"))
        return status.is_open

    watch("transfer-features", draw, seconds=_TICK, at_first=False)


def _begin(model_id: str, order: TaskOrder) -> None:
    cached_runs.service().order(order, partial(_weights, model_id))


def _weights(model_id: str) -> bytes:
    from safetensors.torch import save

    return save({name: tensor.contiguous() for name, tensor in model(model_id).state.items()})


def _stop(key: str) -> None:
    cached_runs.service().stop_tasks([key])


# --- heads ------------------------------------------------------------------------------------------------------------


def _heads(entry: str, code: str, dataset: str) -> bool:
    """A head after every stage, from the features that are kept; where these turn out to be damaged: false,
    and they are computed again."""
    names = [stage.name for stage in cached.spec(NETWORKS[code]).stages]
    amounts = [each for each in STATE.per_class.codes if each <= reusing.most_per_class(dataset)]
    stage, few, seed = st.columns([5, 3, 2], gap="medium")
    with stage:
        after = inputs.slider(STATE.stage, high=len(names), default=len(names), owner=code)
    with few:
        per_class = inputs.select(STATE.per_class, amounts, _images, default=min(10, amounts[-1]), owner=amounts[-1])
    with seed:
        drawn = inputs.number(STATE.seed)
    try:
        with st.spinner(t("transfer.training")):
            found = [reusing.head(entry, SOURCES[code], dataset, k, per_class, drawn) for k in range(1, len(names) + 1)]
    except DatasetError as problem:
        st.warning(refusal(problem), icon=":material/healing:")
        _begin(SOURCES[code], reusing.order(SOURCES[code], dataset))
        return False
    _times(found[after - 1], names[after - 1])
    _by_stage(found, names, after, dataset)
    return True


def _images(per_class: int) -> str:
    return t("transfer.each", count=per_class)


def passes_seconds(reused: Reused) -> float:
    """What training this head would have taken if its images passed the frozen network in every epoch."""
    return reused.train_seconds / reused.train_images * reused.head.images * reused.head.epochs


def _times(reused: Reused, name: str) -> None:
    head, instead = reused.head, passes_seconds(reused)
    layout.facts(
        [
            (t("transfer.fact_accuracy"), f"{100 * head.accuracy:.1f} %", t("transfer.fact_tested", count=head.tested)),
            (
                t("transfer.fact_features"),
                t("transfer.seconds", seconds=f"{reused.seconds:.1f}"),
                t("transfer.fact_once", count=reused.images),
            ),
            (
                t("transfer.fact_head"),
                t("transfer.seconds", seconds=f"{head.seconds:.2f}"),
                t("transfer.fact_epochs", epochs=f"{head.epochs:,.0f}", images=head.images),
            ),
            (
                t("transfer.fact_instead"),
                t("transfer.seconds", seconds=f"{instead:,.0f}"),
                t("transfer.fact_times", times=f"{instead / head.seconds:,.0f}"),
            ),
        ]
    )
    st.caption(
        t(
            "transfer.head_words",
            features=f"{head.features:,}",
            name=name,
            parameters=f"{head.parameters:,}",
        )
    )


def _by_stage(found: list[Reused], names: list[str], after: int, dataset: str) -> None:
    accuracies = [100 * each.head.accuracy for each in found]
    line = Measured(
        "frozen", t("transfer.line_frozen"), [float(k) for k in range(1, len(names) + 1)], [[a] for a in accuracies]
    )
    drawn = figures.accuracies(
        [line],
        [f"{k} {name}" for k, name in enumerate(names, 1)],
        theme=layout.theme(),
        across=t("transfer.kept"),
        upright=t("transfer.upright"),
        title=t("transfer.by_stage"),
        first=1,
        marked=after,
    )
    best = max(range(len(names)), key=accuracies.__getitem__)
    sentence = sentences(
        t(
            "transfer.live_alt",
            data=dataset_name(dataset),
            name=names[after - 1],
            accuracy=f"{accuracies[after - 1]:.1f}",
            best=names[best],
            highest=f"{accuracies[best]:.1f}",
        ),
        t("transfer.live_seed", images=found[0].head.images, tested=found[0].head.tested),
    )
    rows = [
        {
            t("transfer.column_stage"): name,
            t("transfer.column_features"): each.head.features,
            t("transfer.column_trained"): each.head.parameters,
            t("transfer.upright"): round(accuracy, 1),
            t("transfer.column_seconds"): round(each.head.seconds, 3),
        }
        for name, each, accuracy in zip(names, found, accuracies, strict=True)
    ]
    from explorer.transfer import stage_features, train_head

    code = (train_head, stage_features)
    exhibit.show(Exhibit("transfer-live", drawn, sentence, rows, code=code, note=sentence))


# --- the disk ---------------------------------------------------------------------------------------------------------


def _kept_line() -> None:
    count, megabytes = reusing.size()
    with st.container(horizontal=True, vertical_alignment="center", key="transfer-kept"):
        st.caption(t("transfer.disk", count=count, size=f"{megabytes:.1f}"), width="content")
        st.button(
            t("transfer.clear"),
            icon=":material/delete:",
            type="tertiary",
            on_click=reusing.clear,
            disabled=not count,
            key="transfer-clear",
        )
