"""What a cold link shows before torch is imported: in a process of its own, where the import of torch ends the page."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from explorer import ui

ROOT = Path(ui.__file__).parents[2]

_VISIT = """
import json, sys
from importlib.abc import MetaPathFinder
from streamlit.testing.v1 import AppTest
from explorer.ui.shell import exhibit, prewarm

class AskedForTorch(BaseException): pass

class Watch(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name in ("torch", "torchvision", "captum"):
            raise AskedForTorch(name)

sys.meta_path.insert(0, Watch())
prewarm.behind_the_first_page = lambda: None
shown, show = [], exhibit.show

def noting(figure, **how):
    shown.append(figure.key)
    return show(figure, **how)

exhibit.show = noting
page = AppTest.from_file("explorer/ui/frame.py", default_timeout=240)
for slug in ("pipeline", "transfer"):
    page.session_state[f"_predicted.{slug}"] = ("", "")
page.switch_page(sys.argv[1])
for name, value in json.loads(sys.argv[2]).items():
    page.query_params[name] = value
try:
    page.run()
except BaseException:
    pass
print(json.dumps(shown))
"""


def shown_before_torch(path: str, **parameters: str) -> list[str]:
    """The exhibits of a page that are drawn before it asks for torch."""
    relative = str(Path("../..") / "pages" / path)
    found = subprocess.run(
        [sys.executable, "-c", _VISIT, relative, json.dumps(parameters)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert found.returncode == 0, found.stderr[-2000:]
    shown: list[str] = json.loads(found.stdout.splitlines()[-1])
    return shown


@pytest.mark.parametrize("net", ["resnet50", "lenet5", "efficientnet-lite0", "inception-v4"])
def test_a_link_to_a_network_draws_everything_but_the_maps(net: str) -> None:
    shown = [key.split("-")[0] for key in shown_before_torch("architectures/pipeline.py", net=net)]
    block = [] if net == "lenet5" else ["block"]  # of LeNet's blocks no two are alike
    assert shown == ["pipeline", *block, "input", "sizes", "shares"]


def test_the_first_look_at_feature_maps_is_there() -> None:
    assert shown_before_torch("looking/maps.py") == ["photograph", "answer", "strip-0"]


def test_the_first_explanation_is_there() -> None:
    assert shown_before_torch("looking/why.py") == ["why-image", "why-saliency", "why-guided-backprop", "why-grad-cam"]


def test_the_first_filters_are_there() -> None:
    assert shown_before_torch("looking/units.py") == ["filters-efficientnet-lite0"]


def test_what_was_measured_of_transfer_is_there() -> None:
    shown = shown_before_torch("training/transfer.py")
    assert shown == [f"transfer-{name}" for name in ("regimes", "gains", "stages", "parameters", "cka")]


def test_the_first_look_at_ten_crops_is_there() -> None:
    shown = shown_before_torch("practice/crops.py", test="cifar")
    assert shown[:4] == ["crops-picture", "crops-views", "crops-running", "crops-lites"]
    assert {"crops-cost", "crops-agreement", "crops-counted", "crops-examples", "crops-calibration"} <= set(shown)


@pytest.mark.parametrize(("term", "expected"), [("", ["anatomy"]), ("hard-swish", [])])
def test_the_glossary_is_there(term: str, expected: list[str]) -> None:
    assert shown_before_torch("architectures/glossary.py", **({"term": term} if term else {})) == expected


def test_the_first_non_linearity_is_there() -> None:
    assert shown_before_torch("blocks/nonlinearities.py") == ["activation"]


def test_what_was_recorded_of_feeding_is_there() -> None:
    shown = shown_before_torch("practice/feeding.py", workers="4")
    assert shown == ["feeding-timeline", "feeding-rates", "feeding-switches"]


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        ("photograph", ["filter-before", "filter-after", "filter-numbers"]),
        ("field", ["stack-pyramid", "stack-frames", "stack-seen", "stack-pair"]),
        (
            "dense",
            ["wiring-costs", "wiring-matrix-dense", "wiring-matrix-local", "wiring-matrix-conv", "wiring-linked"],
        ),
        ("shift", ["shift"]),
        ("odd", ["same-odd", "same-even", "same-drift"]),
    ],
)
def test_a_convolution_needs_no_torch(view: str, expected: list[str]) -> None:
    assert shown_before_torch("blocks/convolution.py", view=view) == expected
