"""Which network, of which input and with which options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from explorer.fields import Family, Field, decimal, number, one_of, slug
from explorer.records import LARGEST_SIDE, MOST_CLASSES, Control, NetworkInstance, NetworkSpec, NetworkSummary
from explorer.ui.shell import state
from explorer.ui.widgets import inputs


@dataclass(frozen=True, slots=True)
class NetworkFields:
    """The fields of a network that is built as the visitor likes: its input, its classes, its options."""

    net: Field[str] = slug("net", "resnet50", shared=True, label="control.network")
    height: Field[int] = number("h", 1, LARGEST_SIDE, 224)
    width: Field[int] = number("w", 1, LARGEST_SIDE, 224)
    classes: Field[int] = number("classes", 1, MOST_CLASSES, 1000)
    options: Family = Family("o.", lambda: _every_option())


def option_field(control: Control) -> Field[Any]:
    """The field of an option that a network declares."""
    name, label = f"o.{control.name}", f"option.{control.name}"
    if control.choices:
        return one_of(name, control.choices, control.default, label=label)
    return decimal(name, control.low, control.high, float(control.default), step=control.step, label=label)


def _every_option() -> Sequence[Field[Any]]:
    from explorer.summaries import specs

    return [option_field(control) for spec in specs().values() for control in spec.controls]


def pick_network(
    field: Field[str],
    summaries: Sequence[NetworkSummary],
    named: Mapping[str, str] | None = None,
    *,
    default: str = "",
) -> NetworkSummary:
    """Choose a network; type to search. `named` are names of its own, by slug and in their order."""
    by_slug = {summary.slug: summary for summary in summaries}
    names = named or {slug: f"{summary.title} · {summary.year}" for slug, summary in by_slug.items()}
    return by_slug[inputs.select(field, list(names), names.__getitem__, default=default or field.default)]


def build(fields: NetworkFields, spec: NetworkSpec, none: str) -> NetworkInstance:
    """The network as the visitor wants it built; `none` is said of one without options."""
    with st.container(horizontal=True):
        size = (
            inputs.number(fields.height, default=spec.input_shape[1], owner=spec.slug),
            inputs.number(fields.width, default=spec.input_shape[2], owner=spec.slug),
        )
        classes = inputs.number(fields.classes, default=spec.classes, owner=spec.slug)
    wanted = {control.name: inputs.option(option_field(control), owner=spec.slug) for control in spec.controls}
    state.forget_parameters("o.", {f"o.{name}" for name in wanted})
    if not wanted:
        st.caption(none)
    return NetworkInstance.of(spec, size=size, classes=classes, options=wanted)
