"""What models, and the data and classes they were trained on, are called in the present language."""

from __future__ import annotations

from functools import lru_cache

from explorer import text
from explorer.records import ModelCard, RecordedRun, TrainConfig
from explorer.ui.cached import models as cached_models, networks as cached
from explorer.ui.shell import session, state
from explorer.ui.shell.words import dataset_name, listed, named_class, plain, sentences, t
from explorer.weights import imagenet, recorded_run

_MOST_PARTS = 6


def description(model: ModelCard) -> str:
    """Which weights these are, in one line."""
    kind, _, name = model.id.partition(":")
    if kind == "recorded":
        run = recorded_run(name)
        return t("weights.is_shipped", title=dataset_name(run.trained_on), accuracy=_percent(run))
    if kind == "run":
        measured, config = cached_models.accuracy_of_run(name), cached_models.config_of_run(name)
        share = "–" if measured is None else f"{100 * measured:.2f}"
        return t("weights.is_run", title=dataset_name(config.dataset), steps=f"{config.steps:,}", accuracy=share)
    if kind == "pretrained":
        spec = cached.spec(name)
        if spec.package:
            top1, package = f"{spec.published[0].top1:.1f}", spec.package.replace("_", "-")
            return t("weights.is_packaged", top1=top1, package=package)
        from explorer.models import published_weights

        return t("weights.is_pretrained", top1=f"{published_weights(name).top1:.2f}")
    if kind == "own":
        own = t("weights.is_own", name=file_name(model.id), classes=len(model.categories))
        return sentences(own, *_set_aside(model.id))
    return t("weights.is_random")


def _set_aside(model_id: str) -> tuple[str, ...]:
    """The sentence that names the parts of a file that its network does not have; none where it has all of them."""
    aside = cached_models.model(model_id).aside
    if not aside:
        return ()
    named = [f"{plain(part)} ({count})" for part, count in aside[:_MOST_PARTS]]
    more = ("…",) if len(aside) > _MOST_PARTS else ()
    return (t("weights.aside", parts=listed((*named, *more))),)


def shipped_name(run: RecordedRun) -> str:
    """The name of further weights that ship: what they were trained on, and how good they are."""
    return t("weights.shipped_on", title=dataset_name(run.trained_on), accuracy=_percent(run))


def _percent(run: RecordedRun) -> str:
    return f"{100 * run.shipped_accuracy:.2f}"


def run_name(config: TrainConfig) -> str:
    """The name of a run in a list of weights."""
    return t("weights.run", title=dataset_name(config.dataset), steps=f"{config.steps:,}", seed=config.seed)


def remember_file_name(model_id: str, name: str) -> None:
    """Remember the file name of an uploaded model for this session."""
    state.put(f"_name.{model_id}", name)


def file_name(model_id: str) -> str:
    """The file name of an uploaded model."""
    return plain(state.get(f"_name.{model_id.partition('~')[0]}", "?"), 60)


def class_names(model: ModelCard) -> tuple[str, ...]:
    """The classes in the session's language; those of own data are left as they are, and nothing learned has none."""
    return _names(session.language(), model.categories, model.trained)


def class_name(model: ModelCard, index: int) -> str:
    """The name of one class, see `class_names`."""
    return class_names(model)[index]


@lru_cache(64)  # a thousand of them, for every list of classes on every run of a page
def _names(lang: str, categories: tuple[str, ...], trained: bool) -> tuple[str, ...]:
    if not trained:
        return tuple(text.say(lang, "weights.output", number=index) for index in range(len(categories)))
    if categories == imagenet():
        return text.imagenet(lang) or categories
    if len(categories) == 1000:
        return tuple(map(plain, categories))
    return tuple(map(named_class, categories))
