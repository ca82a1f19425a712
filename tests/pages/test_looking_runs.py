"""Whatever was trained here can be looked into on all three pages, also when its data set has changed, or is gone."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from explorer import text
from explorer.records import TrainConfig
from tests.pages.conftest import Here, Visit, sound

DIGITS = TrainConfig(
    network="thin-resnet",
    dataset="digits",
    steps=2,
    lr=0.05,
    options=(("base", 4), ("depth", 8), ("residual", True)),
    batch=32,
    log_every=2,
    eval_every=2,
)
VIEWS = [
    ("maps", {}),
    ("why", {}),
    *(("units", {"unitview": view}) for view in ("filters", "patches", "dream", "lesion")),
]


@pytest.fixture
def run(service: Here) -> Callable[[TrainConfig], str]:
    """`run(config)`: trains it, and returns the id of the finished run."""

    def trained(config: TrainConfig) -> str:
        (one,) = service.store.submit([config])
        service.train_all()
        return one.id

    return trained


def opened(visit: Visit, page: str, config: TrainConfig, run_id: str, **more: str) -> AppTest:
    """The page, looking into a run; it is this run that is looked into, and nothing went wrong."""
    found = sound(visit(page, net=config.network, weights=f"run:{run_id}", **more))
    assert not found.toast
    assert not found.warning
    said = text.say("en", "weights.is_run", title="", steps="2", accuracy="").split(",")[0]
    assert any(said.split("{")[0][:12] in caption.value for caption in found.caption)
    return found


@pytest.mark.parametrize(("page", "more"), VIEWS, ids=str)
@pytest.mark.parametrize(
    "config",
    [
        DIGITS,
        replace(DIGITS, network="lenet5", dataset="digits28", options=()),
        replace(DIGITS, network="cifar-resnet20", dataset="shapes", options=()),
        replace(DIGITS, network="cifar-resnet20", dataset="digits", options=(), batch=16),
    ],
    ids=["digits 8x8", "lenet", "shapes", "cifar on grey"],
)
def test_a_finished_run_is_looked_into(
    visit: Visit, run: Callable[[TrainConfig], str], config: TrainConfig, page: str, more: dict[str, str]
) -> None:
    opened(visit, page, config, run(config), **more)


def pets(folder: Path, classes: tuple[str, ...]) -> None:
    generator = np.random.default_rng(0)
    for part in ("train", "test"):
        for name in classes:
            place = folder / part / name
            place.mkdir(parents=True)
            for number in range(4):
                pixels = generator.integers(0, 256, (12, 12, 3), np.uint8)
                Image.fromarray(pixels).save(place / f"{number}.png")


@pytest.mark.parametrize(("page", "more"), VIEWS, ids=str)
@pytest.mark.parametrize("fate", ["a class more", "gone"])
def test_a_run_outlives_its_data_set(
    visit: Visit,
    run: Callable[[TrainConfig], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    page: str,
    more: dict[str, str],
    fate: str,
) -> None:
    monkeypatch.setenv("CONVNET_ATLAS_DATA", f"{tmp_path}")
    folder = tmp_path / "datasets" / "pets"
    pets(folder, ("ant", "bee", "cat"))
    config = replace(DIGITS, dataset="own:pets", batch=4)
    run_id = run(config)
    shutil.rmtree(folder)
    if fate == "a class more":
        pets(folder, ("aardvark", "ant", "bee", "cat"))
    found = opened(visit, page, config, run_id, **more)
    if page == "why":
        offered = next(box for box in found.selectbox if box.label == text.say("en", "why.any")).options
        assert sorted(option.split(" ")[0] for option in offered) == ["ant", "bee", "cat"]
