"""Which model a page of "Looking inside" looks into: a network, and its weights; the page always says which."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import streamlit as st

from explorer.errors import BadWeights, ExplorerError
from explorer.fields import Field, slug
from explorer.ui.cached import models as cached_models, networks as cached
from explorer.ui.shell import layout, state
from explorer.ui.shell.words import refusal, t
from explorer.ui.widgets import fetching, uploads
from explorer.ui.widgets.availability import grouped
from explorer.ui.widgets.model_words import description, file_name, remember_file_name, run_name, shipped_name
from explorer.ui.widgets.network import pick_network
from explorer.ui.widgets.open_options import asked_open_options
from explorer.weights import also_shipped, shipped

_FIRST, _SHIPPED, _PRETRAINED, _RANDOM = "efficientnet-lite0", "shipped", "pretrained", "random"

Named = Mapping[str, Callable[[], str]]
"""What weights there are for a network: their code, and what gives their name in the present language."""


@dataclass(frozen=True, slots=True)
class ModelFields:
    """The fields of a model: a network, and weights for it. The pages of the section have them in common."""

    net: Field[str] = slug("net", _FIRST, shared=True, label="control.network")
    weights: Field[str] = slug("weights", shared=True)


SECOND = ModelFields(slug("b.net", _FIRST, label="control.network"), slug("b.weights", label="control.weights"))
"""The fields of a second model on the same page."""


def open_model(model_id: str) -> dict[str, str]:
    """Choose a model on the pages that look into one; returns what their address then says of it."""
    fields, network = ModelFields(), cached_models.card(model_id).instance.slug
    code = _SHIPPED if shipped().get(network) == model_id else model_id
    state.assign(fields.net, network)
    state.assign(fields.weights, code, owner=network)
    return {fields.net.name: network} | ({fields.weights.name: code} if code != _default(network) else {})


def choose_model(fields: ModelFields, *, control_of: str = "") -> str:
    """Widgets for a network and its weights, and the line that says what they are; returns the model's id.

    `control_of` is a model: unless another is chosen, this one is its network with random weights. The model can be
    loaded: where it cannot, one sentence says why, and random weights take its place.
    """
    summaries = cached.summaries()
    opened = cached_models.card(control_of).instance.slug if control_of else _FIRST
    left, right = st.columns(2)
    with left:
        network = pick_network(fields.net, summaries, grouped(summaries), default=opened).slug
    with layout.waiting():
        offered = _offered(network, _asked(fields, network))
    with right:
        code = _pick_weights(
            fields, network, offered, _RANDOM if network == opened and control_of else _default(network)
        )
    return _loaded(asked_open_options(_model_id(fields, network, code), fields.net.name), network)


def say_untrained(fields: ModelFields, model_id: str) -> None:
    """Over the figures of a network with random weights: that it learned nothing, and what would help."""
    kind, _, network = model_id.partition(":")
    if kind != _RANDOM:
        return
    title, first = (cached.spec(slug).title for slug in (network, _FIRST))
    name = fields.net.name
    with st.container(horizontal=True, vertical_alignment="center", key=f"untrained.{name}"):
        st.markdown(t("weights.untrained", network=title), width="stretch")
        if _default(network) != _RANDOM and state.peek(fields.weights, owner=network) == _RANDOM:
            st.button(t("weights.trained"), key=f"trained.{name}", on_click=_open_trained, args=(fields, network))
        if network != _FIRST:
            label = t("weights.another", network=first)
            st.button(label, key=f"another.{name}", on_click=_open_trained, args=(fields, _FIRST))


def _open_trained(fields: ModelFields, network: str) -> None:
    """A network with its trained weights, though random ones were chosen for it before."""
    state.assign(fields.net, network)
    state.assign(fields.weights, _default(network), owner=network)


# --- the widgets ------------------------------------------------------------------------------------------------------


def _asked(fields: ModelFields, network: str) -> str:
    return state.parameter(fields.weights.name) or state.peek(fields.weights, owner=network)


def _offered(network: str, asked: str) -> Named:
    """What ships, what was trained here and one's own; what only another page has recorded where it is `asked` for."""
    found: dict[str, Callable[[], str]] = {}
    if network in shipped():
        found[_SHIPPED] = lambda: t("weights.shipped")
    for model_id, run in also_shipped(network, asked).items():
        found[model_id] = partial(shipped_name, run)
    spec = cached.spec(network)
    if spec.package:
        found[_PRETRAINED] = lambda: t("weights.packaged")
    elif spec.torchvision:
        found[_PRETRAINED] = lambda: t("weights.pretrained")
    for model_id, config in cached_models.finished_runs(network).items():
        found[model_id] = partial(run_name, config)
    for model_id, model in cached_models.own_models().items():
        if model.spec.slug == network:
            found[model_id] = partial(_in_file, model_id)
    return found | {"own": lambda: t("weights.own"), _RANDOM: lambda: t("weights.random")}


def _in_file(model_id: str) -> str:
    return t("weights.own_file", name=file_name(model_id))


def _pick_weights(fields: ModelFields, network: str, offered: Named, default: str) -> str:
    if (uploaded := state.pop(_just_uploaded(fields, network))) in offered:
        state.assign(fields.weights, uploaded, owner=network)
    kept = state.peek(fields.weights, owner=network)
    bound = state.bind(fields.weights, allowed=offered, default=default, owner=network)
    if kept and kept not in offered and not bound.linked:  # a run that was deleted, a file that made room
        state.notice(fields.weights.name, kept)
    named = {code: name() for code, name in offered.items()}
    st.selectbox(t(fields.weights.words), list(named), format_func=lambda code: named.get(code, code), key=bound.key)
    return bound.commit()


def _just_uploaded(fields: ModelFields, network: str) -> str:
    return f"_uploaded.{fields.weights.name}.{network}"


def _default(network: str) -> str:
    if network in shipped():
        return _SHIPPED
    spec = cached.spec(network)
    return _PRETRAINED if spec.package or spec.torchvision else _RANDOM


# --- from the code of weights to a model ------------------------------------------------------------------------------


def _model_id(fields: ModelFields, network: str, code: str) -> str:
    """The id of the chosen model, or of the fallback while it is not available."""
    if code == _SHIPPED:
        return shipped()[network]
    if code == _PRETRAINED:
        is_here = cached.spec(network).package or fetching.pretrained(network, f"fetch.{fields.net.name}.{network}")
        return f"pretrained:{network}" if is_here else f"random:{network}"  # one of a package that is missing says so
    if code == "own":
        _upload(fields, network)
        return _without_a_file(network)
    return f"random:{network}" if code == _RANDOM else code


def _without_a_file(network: str) -> str:
    """The id of the model that is shown until a file is there."""
    from explorer import models

    return shipped().get(network, f"pretrained:{network}" if models.is_here(network) else f"random:{network}")


def _upload(fields: ModelFields, network: str) -> None:
    """Uploader for a weights file: one that fits is kept and selected, for another every problem is listed."""
    from explorer import models

    key, limits = f"file.{fields.net.name}.{network}", t("upload.weights_limits", size=models.MOST_MEGABYTES)
    file = uploads.ask(t("upload.weights"), key, models.SUFFIXES, models.MOST_MEGABYTES, limits)
    if file is None:
        return
    try:
        with st.spinner(t("upload.reading")):
            model = models.own_model(file.getvalue(), network)
    except BadWeights as problem:
        st.warning(refusal(problem), icon=":material/rule:")
        uploads.show_problems(problem)
        return
    cached_models.keep_own(model)
    state.put(f"_open.{model.id}", models.open_options(file.getvalue(), model))
    remember_file_name(model.id, file.name)
    state.put(_just_uploaded(fields, network), model.id)
    st.rerun()


def _loaded(model_id: str, network: str) -> str:
    """Load the model and describe it; returns its id, or random weights after a sentence."""
    try:
        with st.spinner(t("weights.loading")):
            card = cached_models.card(model_id)
    except ExplorerError as problem:
        st.warning(t("weights.gone", problem=refusal(problem)), icon=":material/error:")
        return _loaded(f"random:{network}", network) if model_id != f"random:{network}" else model_id
    st.caption(description(card))
    return model_id
