"""The page "Why this class?": its state, which class is asked for, and by which methods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isfinite

import streamlit as st

from explorer.fields import Family, Field, choice, flag, number, one_of, several
from explorer.figures.tiles import Tile
from explorer.records import MOST_CLASSES, Control, ExplainedMap, InputImage, MethodCard, ModelCard, Options
from explorer.summaries import METHODS
from explorer.ui.cached import maps as cached_maps, why as cached_why
from explorer.ui.shell import exhibit, state
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import t
from explorer.ui.widgets import availability, inputs
from explorer.ui.widgets.image import ImageFields
from explorer.ui.widgets.model import ModelFields
from explorer.ui.widgets.model_words import class_name, class_names
from explorer.ui.widgets.operation import OPERATION, Opened, panel

VIEWS = ("overlay", "alone")
_TOP = 5

Method = tuple[str, Options]
"""A method's slug and its options."""


def _option_field(method: MethodCard, control: Control) -> Field[float]:
    label = f"why.option.{control.name}"
    return one_of(f"m.{method.slug}.{control.name}", control.choices, control.default, label=label)


@dataclass(frozen=True, slots=True)
class WhyState:
    """What is chosen on the page: a model and an image; a class; methods with their options; how maps are shown.

    The class is the model's answer until another is chosen. `curves` and `curves_large` are one switch with two
    defaults: what takes a second for a small model takes minutes for a large one. `operation` is the one that was
    clicked. `compute` says that a network with gigabytes of maps is to be explained all the same.
    """

    model: ModelFields = field(default_factory=ModelFields)
    image: ImageFields = field(default_factory=ImageFields)
    target: Field[int] = number("class", 0, MOST_CLASSES, label="why.any")
    methods: Field[tuple[str, ...]] = several("methods", METHODS, label="why.methods")
    options: Family = Family(
        "m.", lambda: [_option_field(card, control) for card in cached_why.cards() for control in card.controls]
    )
    view: Field[str] = choice("why-view", VIEWS)
    randomized: Field[bool] = flag("redrawn")
    compute: Field[bool] = flag("explain", label="maps.compute")
    curves: Field[bool] = flag("curves", True)
    curves_large: Field[bool] = flag("curves-large")
    operation: Field[int] = OPERATION


STATE = WhyState()


@dataclass(frozen=True, slots=True, eq=False)
class ModelAndImage:
    """A model and an image: the prediction to explain."""

    model: ModelCard
    image: InputImage

    @property
    def shares(self) -> tuple[float, ...]:
        """The probabilities of all classes."""
        return cached_why.shares(*self.given)

    @property
    def given(self) -> tuple[str, InputImage]:
        """The two as the cached calls take them."""
        return self.model.id, self.image

    def class_name(self, index: int) -> str:
        """The name of a class in the present language."""
        return class_name(self.model, index)


def goes_on(explained: ModelAndImage) -> bool:
    """Whether to explain now: at once what is recorded, and what takes no gigabytes."""
    return bool(cached_maps.recorded(*explained.given)) or availability.goes_on(explained.model.id, STATE.compute)


def show_operation(explained: ModelAndImage) -> None:
    """The operation whose maps the class map that was clicked is made of."""
    panel(Opened(explained.model.instance, lambda: explained.given))


def map_of(found: ExplainedMap, png: bytes, sentence: str) -> bytes | tuple[Tile]:
    """A map as an exhibit draws it: a button that opens the operation behind it, where it is one of a layer."""
    return (Tile(png, "", sentence, found.opens),) if found.opens else png


def has_answer(explained: ModelAndImage) -> bool:
    """Whether the logits are finite; shows a sentence where they are not."""
    finite = all(map(isfinite, explained.shares))
    if not finite:
        st.warning(t("upload.no_answer"), icon=":material/broken_image:")
    return finite


def percent(share: float) -> str:
    """A share in percent, with as many digits as are significant."""
    return f"{100 * share:.0f}" if share >= 0.1 else f"{100 * share:.1f}"


def method_name(method: str) -> str:
    """A method's name in the present language."""
    return t(f"why.method.{method}")


def choose_class(explained: ModelAndImage) -> int:
    """The image, the most probable classes as buttons, and any class by name; returns the index of the one chosen."""
    shares = explained.shares
    order = sorted(range(len(shares)), key=lambda index: -shares[index])
    best, top = order[0], order[:_TOP]
    target = state.bind(STATE.target, allowed=order, default=best, owner=len(shares))

    labels = [f"{name} · {percent(share)}%" for name, share in zip(class_names(explained.model), shares, strict=True)]
    label = labels.__getitem__

    seen = t("why.seen", size="×".join(map(str, explained.model.input_shape[1:])), best=label(best))
    exhibit.show(Exhibit("why-image", cached_why.photograph(*explained.given), seen, width=200), details=False)
    buttons = f"{target.key}.top"
    state.put(buttons, target.value if target.value in top else None)

    def pressed() -> None:
        picked = state.get(buttons, None)
        target.set(best if picked is None else picked)

    st.pills(t("why.top"), top, format_func=label, key=buttons, on_change=pressed, wrap=True)
    st.selectbox(t(STATE.target.words), order, format_func=label, key=target.key)
    return target.commit()


def choose_methods() -> tuple[str, ...]:
    """Buttons for all methods."""
    return inputs.pills(STATE.methods, [card.slug for card in cached_why.cards()], method_name)


def choose_options(slugs: Sequence[str]) -> tuple[Method, ...]:
    """A popover with the options of the chosen methods, if they have any; returns the methods with them."""
    cards = [card for card in cached_why.cards() if card.slug in slugs]
    options: dict[str, Options] = dict.fromkeys(slugs, ())
    if any(card.controls for card in cards):
        with st.popover(t("why.options"), icon=":material/tune:"):
            options |= {card.slug: _options_of(card) for card in cards}
    state.forget_parameters("m.", {_option_field(card, control).name for card in cards for control in card.controls})
    return tuple(options.items())


def _options_of(card: MethodCard) -> Options:
    chosen = []
    for control in card.controls:
        option = _option_field(card, control)
        chosen.append((control.name, inputs.select_slider(option, f"{method_name(card.slug)}: {t(option.words)}")))
    return tuple(chosen)
