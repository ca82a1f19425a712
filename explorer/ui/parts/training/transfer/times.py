"""What features that are kept save: counted before they are there, and measured afterwards."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from explorer.figures import transfer as figures
from explorer.figures.transfer import Measured
from explorer.records import NetworkInstance
from explorer.ui.cached import networks as cached
from explorer.ui.cached.transfer import reusing
from explorer.ui.cached.transfer.reusing import Reused
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import dataset_name, sentences, t


def show_saved(instance: NetworkInstance, dataset: str, per_class: int) -> None:
    """What a pass through the network costs, once and in each of a head's epochs: counted, not measured."""
    macs = sum(layer.macs for layer in cached.trace(instance).layers)
    train, test = reusing.images_kept(dataset)
    passes = reusing.passes(dataset, per_class)
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


def passes_seconds(reused: Reused) -> float:
    """What training this head would have taken if its images passed the frozen network in every epoch."""
    return reused.train_seconds / reused.train_images * reused.head.images * reused.head.epochs


def show_times(reused: Reused, name: str) -> None:
    """Accuracy, and the three times: of the features, of the head, and of what was not done."""
    head, instead = reused.head, passes_seconds(reused)
    layout.facts(
        [
            (t("transfer.fact_accuracy"), f"{100 * head.accuracy:.1f}%", t("transfer.fact_tested", count=head.tested)),
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


def show_by_stage(found: Sequence[Reused], names: Sequence[str], after: int, dataset: str) -> None:
    """The accuracy of a head after each stage, and the one that was chosen."""
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
