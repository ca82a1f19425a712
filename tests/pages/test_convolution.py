"""The page Convolution: its numbers are PyTorch's, what cannot be is mended, its code agrees."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest
from torch import nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from explorer import text
from explorer.blocks.setups import SETUPS
from explorer.figures.svg import file_of
from tests.blocks.test_convolving import run
from tests.pages.conftest import Visit, html, open_twin, sound, words
from tests.pages.test_before_torch import shown_before_torch

TRANSPOSED = {"view": "transposed"}


def shown(page: AppTest) -> dict[str, np.ndarray]:
    """The grids of the linked view, by key."""
    (data,) = (
        json.loads(each.proto.json)
        for each in page.get("bidi_component")
        if each.proto.component_name.endswith("linked")
    )
    return {p["key"]: np.array(p["values"]).reshape(p["rows"], p["columns"]) for p in data["planes"]}


def stacked(grids: dict[str, np.ndarray], letter: str) -> torch.Tensor:
    return torch.from_numpy(np.stack([grid for key, grid in grids.items() if key[0] == letter])).double()


def code_of(page: AppTest) -> str:
    (code,) = (each.value for each in page.code if "import torch" in each.value)
    return str(code)


def press(page: AppTest, label: str) -> AppTest:
    return sound(next(button for button in page.button if button.label == label).click().run())


# --- cell by cell -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", SETUPS)
def test_the_grids_of_every_example_are_pytorchs(visit: Visit, case: str) -> None:
    """From the padded input and the kernels as they are drawn; parameters and MACs counted by PyTorch."""
    page, setup = visit("convolution", lang="en", case=case), SETUPS[case]
    grids = shown(page)
    x, y = stacked(grids, "x")[None], stacked(grids, "y")
    w = stacked(grids, "w").unflatten(0, (len(y), -1))
    bias = torch.tensor(setup.bias or [0.0] * len(y), dtype=torch.float64)
    with FlopCounterMode(display=False) as counter:
        wanted = F.conv2d(x, w, bias, setup.stride, 0, setup.dilation, setup.groups)[0]
    assert torch.allclose(y, wanted)
    module = nn.Conv2d(x.shape[1], len(y), tuple(w.shape[2:]), groups=setup.groups)  # type: ignore[arg-type]
    facts = html(page)
    assert f">{sum(p.numel() for p in module.parameters()):,}<small>" in facts
    assert f">{counter.get_total_flops() // 2:,}<small>" in facts
    rows = "" if setup.line else f"{wanted.shape[1]} × "
    assert f">{rows}{wanted.shape[2]} × {len(y)}<small>" in facts
    assert np.allclose(np.squeeze(run(code_of(page))["y"]), np.squeeze(wanted.numpy()))


def test_a_link_holds_settings_numbers_and_the_cell_that_is_chosen(visit: Visit) -> None:
    link = {"case": "slide-edge", "x": "m1_2_3*4_5_6*7_8_9", "w": "m1_0*0_-1", "f": "2", "rows": "3", "columns": "3"}
    page = visit(
        "convolution", **link, kernel="given", s="2", pad="any", p="1", op="convolution", at="y0,1,1", b="m0.5"
    )
    grids = shown(page)
    assert grids["w0"].tolist() == [[-1, 0], [0, 1]]
    wanted = F.conv2d(
        torch.arange(1.0, 10).view(1, 1, 3, 3), torch.tensor([[[[-1.0, 0], [0, 1]]]]), torch.tensor([0.5]), 2, 1
    )
    assert grids["y0"].tolist() == wanted[0, 0].tolist()
    assert page.query_params["at"] == "y0,1,1"
    assert not page.toast


def test_a_cell_that_is_not_there_is_said_once(visit: Visit) -> None:
    page = visit("convolution", at="y0,9,9")
    assert "at" not in page.query_params
    assert len(page.toast) == 1


@pytest.mark.parametrize(
    ("link", "button", "left"),
    [
        ({"f": "7"}, "Use f = 6", {"f": "6"}),
        ({"f": "5", "d": "3"}, "Use d = 1", {"f": "5"}),
        ({"channels": "2", "filters": "3", "groups": "2"}, "Use groups = 1", {"channels": "2", "filters": "3"}),
        ({"alike": "0", "fh": "7"}, "Use f = 6", {"alike": "0", "fh": "6"}),
    ],
)
def test_what_cannot_be_says_why_and_is_mended(
    visit: Visit, link: dict[str, str], button: str, left: dict[str, str]
) -> None:
    page = visit("convolution", lang="en", **link)
    assert len(page.warning) == 1
    assert not any(each.proto.component_name.endswith("linked") for each in page.get("bidi_component"))
    page = press(page, button)
    assert not page.warning
    assert shown(page)
    assert left.items() <= dict(page.query_params).items()
    assert all(page.query_params.get(name) == left.get(name) for name in link)


def test_a_matrix_is_pasted_and_taken_back(visit: Visit) -> None:
    page = visit("convolution", lang="en")
    page.text_area(key="_paste-input").set_value("[[1, 2, 3],\n [4, 5, 6],\n [7, 8, 9]]")
    page = sound(page.button(key="paste-input").click().run())
    assert shown(page)["x0"].tolist() == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    assert page.query_params["x"] == "m1_2_3*4_5_6*7_8_9"
    page.text_area(key="_paste-kernel").set_value("1/4 1/4; 1/4 1/4")
    page = sound(page.button(key="paste-kernel").click().run())
    assert shown(page)["y0"].tolist() == [[3, 4], [6, 7]]
    page = sound(page.button(key="unpaste-input").click().run())
    assert "x" not in page.query_params


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize("pasted", ["", "1 2\n3", "1 <b>x</b>", "1e9", "1 " * 17, "9" * 19_000])
def test_a_text_that_is_no_matrix_is_refused(visit: Visit, lang: str, pasted: str) -> None:
    page = visit("convolution", lang=lang)
    before = {key: grid.tolist() for key, grid in shown(page).items()}
    page.text_area(key="_paste-kernel").set_value(pasted)
    page = sound(page.button(key="paste-kernel").click().run())
    assert len(page.warning) == 1
    assert "<b>" not in page.warning[0].value
    assert {key: grid.tolist() for key, grid in shown(page).items()} == before


def test_two_kernels_learn_the_one_on_screen(visit: Visit) -> None:
    page = visit("convolution", lang="en", steps="200", kernel="falling")
    wanted, correlated, convolved = _grids(page, 3, 3)
    assert np.allclose(wanted, shown(page)["w0"], atol=0.005)
    assert np.allclose(correlated, wanted, atol=0.015)
    assert np.allclose(convolved, wanted[::-1, ::-1], atol=0.015)


def _grids(page: AppTest, count: int, side: int) -> Any:
    """The numbers that stand in the cells of the square grids that are drawn."""
    (drawing,) = (each for each in page.get("html") if "svg+xml" in each.proto.body)
    texts = ElementTree.fromstring(file_of(drawing.proto.body)).iter("{http://www.w3.org/2000/svg}text")
    numbers = [float((each.text or "").replace("−", "-")) for each in texts if each.get("text-anchor") == "middle"]
    return np.array(numbers).reshape(count, side, side)


def test_the_table_behind_the_grids(visit: Visit) -> None:
    page = open_twin(visit("convolution", lang="en", case="decay"), "convolution-cells")
    table = page.dataframe[0].value
    outputs = table[table.iloc[:, 0] == "Output (y0)"]
    assert outputs.iloc[0, 2:].tolist() == [0, 4, 2, 1, 0, 0, 2, 3, 3.5, 3.5, 1.5, 0.5, 0, 0]
    assert "turned by 180°" in words(page)


def test_the_first_look_does_not_wait_for_torch() -> None:
    assert shown_before_torch("blocks/convolution.py") == ["convolution-cells", "convolution-learned"]
    first = shown_before_torch("blocks/convolution.py", **TRANSPOSED)
    assert first == ["transposed", "transposed-counts"]


# --- transposed -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "link",
    [{}, {"tn": "3", "tf": "4", "ts": "3", "tp": "2", "te": "2"}, {"tline": "1", "tn": "5", "ts": "1"}, {"tline": "1"}],
)
def test_all_three_ways_are_pytorchs(visit: Visit, link: dict[str, str]) -> None:
    page = visit("convolution", lang="en", **TRANSPOSED, **link)
    grids, line = shown(page), "tline" in link
    s, p, e = (int(link.get(name, usual)) for name, usual in (("ts", "2"), ("tp", "1"), ("te", "0")))
    how = ((1, s), (0, p), (0, e)) if line else (s, p, e)
    x, w = (torch.from_numpy(grids[key]).double()[None, None] for key in "xw")
    wanted = F.conv_transpose2d(x, w, None, *how)[0, 0]  # type: ignore[arg-type]
    for key in ("y", "yz", "ym"):
        assert grids[key].ravel().tolist() == wanted.flatten().tolist()
    assert (grids["m"] @ grids["xm"]).tolist() == grids["ym"].tolist()
    found = run(code_of(page))
    assert np.allclose(np.ravel(found["y"]), wanted.flatten())
    assert np.allclose(found["same"], found["y"])
    n = grids["x"].shape[1]
    assert f">{n}<small>" in html(page), "a convolution leads back"
    assert F.conv1d(torch.ones(1, 1, wanted.shape[1]), torch.ones(1, 1, w.shape[3]), stride=s, padding=p).shape[2] == n


@pytest.mark.parametrize(
    ("link", "button", "name", "value"),
    [
        ({"tp": "4"}, "Use p = 2", "tp", "2"),
        ({"te": "3"}, "Use output padding = 1", "te", "1"),
        ({"tn": "1", "ts": "1", "tp": "2"}, "Use p = 1", "tp", None),
    ],
)
def test_a_transposed_one_that_cannot_be_is_mended(
    visit: Visit, link: dict[str, str], button: str, name: str, value: str | None
) -> None:
    page = visit("convolution", lang="en", **TRANSPOSED, **link)
    assert len(page.warning) == 1
    page = press(page, button)
    assert not page.warning
    assert page.query_params.get(name) == value


@pytest.mark.parametrize(("f", "weights", "low", "high"), [("3", "ones", "0.444", "1.78"), ("3", "bilinear", "1", "1")])
def test_what_uneven_stamps_do_to_an_even_grey(visit: Visit, f: str, weights: str, low: str, high: str) -> None:
    """The values that the page says, of PyTorch's own transposed convolution of ones."""
    page = visit("convolution", lang="en", **TRANSPOSED, tf=f, tweights=weights)
    row = torch.tensor([1.0, 1, 1] if weights == "ones" else [0.5, 1, 0.5], dtype=torch.float64)
    row = 2 * row / row.sum()
    even = F.conv_transpose2d(torch.ones(1, 1, 9, 9).double(), torch.outer(row, row)[None, None], stride=2)[
        ..., 3:-3, 3:-3
    ]
    assert (f"{float(even.min()):.3g}", f"{float(even.max()):.3g}") == (low, high)
    assert (f"between {low} and {high}" in words(page)) == (low != high)
    (counts,) = _grids(page, 1, 15)
    wanted = F.conv_transpose2d(torch.ones(1, 1, 7, 7), torch.ones(1, 1, 3, 3), stride=2)[0, 0]
    assert counts.tolist() == wanted.tolist()


@pytest.mark.parametrize("link", [{}, TRANSPOSED])
def test_every_figure_can_be_presented(visit: Visit, link: dict[str, str]) -> None:
    for one in range(1, 3 if not link else 4):
        page = visit("convolution", present=str(one), **link)
        drawn = page.get("plotly_chart") or page.get("bidi_component") or page.get("html")
        assert drawn
        assert not page.get("popover") or one
    assert page.button(key="_present.on").disabled
