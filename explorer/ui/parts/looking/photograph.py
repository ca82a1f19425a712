"""The image of a page as the visitor gave it, with the part of it that the network gets, and what it takes it for."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from explorer.records import InputImage, ModelCard
from explorer.ui.cached import maps as cached_maps, models as cached_models, networks as cached
from explorer.ui.shell import exhibit
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import t
from explorer.ui.widgets.model_words import class_name

_ANSWERS, _ROUNDS_UP = 5, 0.005  # classes, and the share that is not shown as 0 %


def show(model_id: str, image: InputImage) -> None:
    """The image, bright where the network gets it, and in which resolution."""
    rows, columns = image.pixels.shape[:2]
    height, width = cached_models.card(model_id).instance.size
    said = t("looking.crop", size=f"{columns}×{rows}", input=f"{width}×{height}")
    exhibit.show(Exhibit("photograph", cached_maps.photograph(model_id, image), said, note=said), details=False)


def show_answer(model_id: str, image: InputImage) -> None:
    """What a trained model takes the image for: a bar for each of its first classes."""
    model = cached_models.card(model_id)
    if model.trained:
        best = cached_maps.answer(model_id, image).top(_ANSWERS)
        bars = _bars([(class_name(model, index), share) for index, share in best if share >= _ROUNDS_UP])
        exhibit.show(Exhibit("answer", bars, said_of(model, *best[0])), details=False)


def said_of(model: ModelCard, best: int, share: float) -> str:
    """What a trained model says first, in a sentence."""
    title = cached.spec(model.instance.slug).title
    return t("maps.says", network=title, best=class_name(model, best), share=f"{100 * share:.0f}")


def _bars(best: Sequence[tuple[str, float]]) -> str:
    rows = "".join(
        f'<div><i style="width: {100 * share:.1f}%"></i><dt>{escape(name)}</dt><dd>{100 * share:.0f}%</dd></div>'
        for name, share in best
    )
    return f'<dl class="atlas-answer">{rows}</dl>'
