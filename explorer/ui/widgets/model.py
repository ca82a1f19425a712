"""Which network a page of "Looking inside" looks into, with which weights; the page always says which."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import streamlit as st

from explorer.errors import BadWeights, ExplorerError
from explorer.records import NetworkCard, TrainConfig
from explorer.ui.cached import models as cached_models
from explorer.ui.cached import networks as cached
from explorer.ui.shell import layout, state
from explorer.ui.shell.words import dataset_name, named_class, t
from explorer.ui.widgets import fetching as looking_fetch
from explorer.ui.widgets import uploads
from explorer.weights import recorded_runs

if TYPE_CHECKING:
    from explorer.models import Model

_DEFAULT = "cifar-resnet20"


def choose_model(prefix: str = "") -> str:
    """Widgets for a network and its weights, and the line that says what they are; returns the source of the weights.

    The source can be loaded: where it cannot, one sentence says why, and random weights take its place. `prefix` (in
    front of keys and parameters) makes a second choice on one page.
    """
    left, right = st.columns(2)
    with left:
        slug = _network(prefix)
    with layout.waiting():
        codes = _codes(slug)
    with right:
        code = _weights(prefix, slug, codes)
    source = _source(prefix, slug, code)
    return _loaded(source, slug)


# --- the widgets ------------------------------------------------------------------------------------------------------


def _network(prefix: str) -> str:
    by_slug = {card.slug: card for card in _ordered(cached.cards())}
    key, parameter = f"{prefix}look-net", f"{prefix}net"
    state.seed(key, _DEFAULT, state.one_of(by_slug), parameter=parameter)
    st.selectbox(
        t("control.network"),
        list(by_slug),
        format_func=lambda slug: f"{by_slug[slug].title} · {by_slug[slug].year}",
        key=key,
    )
    return str(state.publish(key, _DEFAULT, parameter=parameter))


def _ordered(cards: tuple[NetworkCard, ...]) -> list[NetworkCard]:
    """Those whose weights ship before all others."""
    shipped = list(cached_models.shipped())
    return sorted(cards, key=lambda card: shipped.index(card.slug) if card.slug in shipped else len(shipped))


def _codes(slug: str) -> dict[str, Callable[[], str]]:
    """What weights there are for a network: code, and its name in the present language."""
    from explorer import models

    found: dict[str, Callable[[], str]] = {}
    if slug in cached_models.shipped():
        found["shipped"] = lambda: t("weights.shipped")
    others = cached_models.also_shipped(slug)
    found |= {
        source: (lambda data=data: t("weights.shipped_on", title=data_name(data))) for source, data in others.items()
    }
    if slug in models.TORCHVISION:
        found["pretrained"] = lambda: t("weights.pretrained")
    runs = cached_models.finished_runs(slug)
    found |= {source: (lambda config=config: _run_name(config)) for source, config in runs.items()}
    mine = {source: one for source, one in cached_models.own_models().items() if one.spec.slug == slug}
    found |= {source: (lambda source=source: t("weights.own_file", name=file_name(source))) for source in mine}
    return found | {"own": lambda: t("weights.own"), "random": lambda: t("weights.random")}


def _run_name(config: TrainConfig) -> str:
    return t("weights.run", title=data_name(config.dataset), steps=f"{config.steps:,}", seed=config.seed)


def _weights(prefix: str, slug: str, codes: Mapping[str, Callable[[], str]]) -> str:
    key, parameter = f"{prefix}weights.{slug}", f"{prefix}weights"
    brought = state.take(f"_next.{key}")
    default = _default(slug)
    state.seed(key, default, state.one_of(codes), parameter=parameter)
    if brought in codes:
        state.put(key, brought)
    elif state.get(key, default) not in codes:  # deleted, or of another session
        state.notice(parameter, str(state.get(key, default)))
        state.put(key, default)
    st.selectbox(t("control.weights"), list(codes), format_func=lambda code: _named(code, codes), key=key)
    # Only what ships goes without saying: what else is the default depends on what this machine has.
    return str(state.publish(key, "shipped", parameter=parameter))


def _named(code: str, codes: Mapping[str, Callable[[], str]]) -> str:
    return codes[code]() if code in codes else code


def _default(slug: str) -> str:
    from explorer import models

    if slug in cached_models.shipped():
        return "shipped"
    return "pretrained" if models.is_here(slug) else "random"


# --- from code to source ----------------------------------------------------------------------------------------------


def _source(prefix: str, slug: str, code: str) -> str:
    """The source of what was chosen, or of what takes its place while it is not there."""
    if code == "shipped":
        return cached_models.shipped()[slug]
    if code == "pretrained":
        there = looking_fetch.pretrained(slug, f"{prefix}fetch-{slug}")
        return f"pretrained:{slug}" if there else f"random:{slug}"
    if code == "own":
        _bring(prefix, slug)
        return cached_models.shipped().get(slug, f"random:{slug}")
    return f"random:{slug}" if code == "random" else code


def _bring(prefix: str, slug: str) -> None:
    """An uploader for a file of weights; one that fits is kept and chosen, of another one all is said that is wrong."""
    from explorer import models

    limits = t("upload.weights_limits", size=models.MOST_MEGABYTES)
    file = uploads.ask(t("upload.weights"), f"{prefix}file.{slug}", models.SUFFIXES, models.MOST_MEGABYTES, limits)
    if file is None:
        return
    try:
        with st.spinner(t("upload.reading")):
            brought = models.own_model(file.getvalue(), slug)
    except BadWeights as problem:
        st.warning(uploads.sentence(problem), icon=":material/rule:")
        uploads.show_problems(problem)
        return
    cached_models.keep_own(brought)
    state.put(f"_name.{brought.id}", file.name)
    state.put(f"_next.{prefix}weights.{slug}", brought.id)
    st.rerun()


def file_name(source: str) -> str:
    """What the visitor's file was called."""
    return str(state.get(f"_name.{source}", "?"))[:60]


def _loaded(source: str, slug: str) -> str:
    """The source, once it is loaded and said what it is; else random weights after a sentence."""
    try:
        with st.spinner(t("weights.loading")):
            loaded = cached_models.model(source)
    except ExplorerError as problem:
        said = uploads.sentence(problem) if isinstance(problem, BadWeights) else str(problem)
        st.warning(t("weights.gone", problem=said), icon=":material/error:")
        return _loaded(f"random:{slug}", slug) if source != f"random:{slug}" else source
    st.caption(what(loaded))
    return source


# --- what you are looking at ------------------------------------------------------------------------------------------


def what(model: Model) -> str:
    """Which weights these are, in one line."""
    kind, _, name = model.id.partition(":")
    if kind == "recorded":
        run = recorded_runs()[name]
        accuracy = run.half_accuracy if run.half and run.half_accuracy is not None else run.test_accuracy
        altered = "-jpeg" if "JPEG" in run.data else ""
        title = data_name(run.config.dataset.removeprefix("own:") + altered)
        return t("weights.is_shipped", title=title, accuracy=f"{100 * (accuracy or 0):.2f}")
    if kind == "run":
        measured = cached_models.accuracy_of_run(name)
        accuracy = "–" if measured is None else f"{100 * measured:.2f}"
        config = cached_models.config_of_run(name)
        return t("weights.is_run", title=data_name(config.dataset), steps=f"{config.steps:,}", accuracy=accuracy)
    if kind == "pretrained":
        return t("weights.is_pretrained", top1=f"{cached_models.top1(name):.2f}")
    if kind == "own":
        return t("weights.is_own", name=_plain(file_name(model.id)), classes=len(model.categories))
    return t("weights.is_random")


def _plain(name: str) -> str:
    """A name without what Markdown would read as markup."""
    return "".join(char if char.isalnum() or char in "._- " else "·" for char in name)


def data_name(slug: str) -> str:
    """What a data set that weights were trained on is called in the present language."""
    return dataset_name(slug)


def class_name(model: Model, index: int) -> str:
    """The name of a class in the present language; ImageNet's, and those of one's own data, stay as they are."""
    name = model.categories[index]
    return name if len(model.categories) == 1000 else named_class(name)
