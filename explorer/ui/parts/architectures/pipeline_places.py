"""Which part of a network holds most of its parameters: to be predicted once, before the page shows it."""

from __future__ import annotations

from collections.abc import Mapping

from explorer.ui.cached import networks as cached
from explorer.ui.parts.architectures.pipeline import PipelineInput
from explorer.ui.shell import predict
from explorer.ui.shell.words import t


def waits(chosen: PipelineInput, *, linked: bool) -> bool:
    """Ask, once a session; true while the shares of the cost, and the lesson that names them, are held back.

    The volumes are not: who looks at them guesses wrong, since large volumes have few parameters.
    """
    return predict.waits("pipeline", _claims(), chosen.spec.title, linked=linked)


def verdict(chosen: PipelineInput) -> None:
    """What came of the prediction."""
    places = _places(chosen)
    predict.verdict("pipeline", _claims(), chosen.spec.title, max(places, key=places.__getitem__))


def sentence(chosen: PipelineInput) -> str:
    """The share of each place, in percent of all parameters."""
    places = _places(chosen)
    early, late, dense = (f"{100 * count / sum(places.values()):.1f}" for count in places.values())
    return t("pipeline.places", early=early, late=late, dense=dense)


def _places(chosen: PipelineInput) -> Mapping[str, int]:
    from explorer.folding import parameters_by_place

    return parameters_by_place(cached.trace(chosen.instance))


def _claims() -> dict[str, str]:
    return {place: t(f"pipeline.predict_{place}") for place in ("early", "late", "dense")}
