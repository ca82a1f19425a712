"""Every option of every network can be chosen by a link, and the page renders with it."""

from __future__ import annotations

import pytest

from explorer.folding import telling_block
from explorer.networks import networks
from explorer.records import Control, NetworkSpec, OptionValue
from tests.pages.conftest import Visit, figures
from tests.random_weights import trace_of


def values(control: Control) -> tuple[OptionValue, ...]:
    return control.choices or (control.low, control.high)


EACH = [
    pytest.param(spec, control, value, id=f"{spec.slug}-{control.name}-{value}")
    for spec in networks().values()
    for control in spec.controls
    for value in values(control)
    if value != control.default
]


def written(value: OptionValue) -> str:
    return str(int(value)) if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


@pytest.mark.parametrize("slug", networks())
def test_a_network_renders_with_its_defaults(visit: Visit, slug: str) -> None:
    page = visit("pipeline", net=slug, level="stage", view="sources")
    assert not page.error
    assert not page.toast
    assert len(figures(page)) == 3 + (telling_block(trace_of(slug)) is not None)


@pytest.mark.parametrize(("spec", "control", "value"), EACH)
def test_a_network_renders_with_its_option(
    visit: Visit, spec: NetworkSpec, control: Control, value: OptionValue
) -> None:
    link = {"net": spec.slug, "level": "stage", "view": "sources", f"o.{control.name}": written(value)}
    page = visit("pipeline", **link)
    assert page.session_state[f"pipeline.o.{control.name}@{spec.slug}"] == value
    assert page.query_params[f"o.{control.name}"] == written(value)
    assert not page.toast
    assert len(figures(page)) >= 3 or page.button, "neither a drawing nor a cure"
