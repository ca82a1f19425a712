"""The training pages keep to themselves what is chosen on them, though parameters of one name stand in the address."""

from __future__ import annotations

from dataclasses import replace
from os.path import relpath

import pytest
from streamlit.testing.v1 import AppTest

from explorer.training.presets import EXPERIMENTS, LENET
from tests.pages.conftest import FILES, FRAME, Here, Visit, sound


def open_from_menu(page: AppTest, slug: str, **parameters: str) -> AppTest:
    """Another page in the same session; the browser empties the address, but for what a link in the menu says."""
    page.query_params.clear()
    for name, value in parameters.items():
        page.query_params[name] = value
    page.switch_page(relpath(FILES[slug], FRAME.parent))
    return sound(page.run())


@pytest.mark.parametrize(("first", "second"), [("degradation", "lenet"), ("lenet", "degradation")])
def test_a_seed_belongs_to_its_page(visit: Visit, service: Here, first: str, second: str) -> None:
    page = visit(first, seed="7")
    assert page.session_state[f"{first}.seed"] == 7
    open_from_menu(page, second)
    assert page.number_input(key=f"{second}.seed").value == 0
    assert "seed" not in page.query_params
    open_from_menu(page, first)
    assert page.number_input(key=f"{first}.seed").value == 7
    assert page.query_params["seed"] == "7"


def test_who_looks_at_the_recorded_run_of_one_page_still_sees_the_live_run_of_another(
    visit: Visit, service: Here
) -> None:
    small = [replace(config, steps=10, eval_every=5) for config in EXPERIMENTS["digits"].configs]
    compared = service.store.submit(small)
    (lenet,) = service.store.submit([replace(LENET, dataset="digits28", steps=11, log_every=11, eval_every=11)])
    service.train_all()
    page = visit("degradation", runs=compared[0].group, source="recorded")
    assert page.slider(key="degradation.step@digits").value == 200
    open_from_menu(page, "lenet", runs=lenet.group)
    assert page.get_by_key("lenet.source").value == "live"
    assert "source" not in page.query_params
    assert any("11 steps" in bar.proto.text for bar in page.get("progress"))
    open_from_menu(page, "degradation")
    assert page.get_by_key("degradation.source").value == "recorded"
    assert page.query_params["runs"] == compared[0].group
