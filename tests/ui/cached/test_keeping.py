"""What is made of a visitor's own image or weights is kept in that session alone, and gone when it ends."""

from __future__ import annotations

import ast
import gc
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from explorer import models
from explorer.records import Explain, InputImage, Lesion
from explorer.ui import cached
from explorer.ui.cached import maps, models as cached_models, training, units, why
from explorer.ui.cached.keeping import kept
from tests.models.making import safe, state_of
from tests.ui.cached.sessions import Visitor, kept_for_everybody

SHIPPED = "recorded:cifar-short-cifar-resnet20-seed0"
LENET = "recorded:lenet-lenet5-activation-tanh-pooling-max-seed0"
FILES = sorted(Path(cached.__file__).parent.glob("*.py"))


class Made:
    """What is computed; a record of who asked is kept in `times`."""


@pytest.fixture
def two() -> Iterator[tuple[Visitor, Visitor]]:
    ann, ben = Visitor("ann"), Visitor("ben")
    yield ann, ben
    ann.leaves()
    ben.leaves()


def image(own: bool, seed: int = 0) -> InputImage:
    pixels = np.random.default_rng(seed).integers(0, 256, (32, 32, 3), np.uint8)
    return InputImage(f"key-{seed}", pixels, own=own)


def counting() -> tuple[Any, list[str]]:
    times: list[str] = []

    @kept(max_entries=8)
    def compute(model_id: str, image: InputImage, more: str = "") -> Made:
        times.append(model_id)
        return Made()

    compute.clear()  # of what an earlier test has left under the same name
    return compute, times


def test_what_is_everybodys_is_computed_once(two: tuple[Visitor, Visitor]) -> None:
    compute, times = counting()
    first, second = (visitor.does(compute, SHIPPED, image(own=False)) for visitor in two)
    assert first is second
    assert len(times) == 1
    assert two[0].does(compute, SHIPPED, image(own=False, seed=1)) is not first, "another image"


@pytest.mark.parametrize(
    ("model_id", "own"), [(SHIPPED, True), ("own:abc", False), ("own:abc", True)], ids=["image", "weights", "both"]
)
def test_what_is_a_visitors_own_is_computed_for_each_and_released_at_the_end(
    two: tuple[Visitor, Visitor], model_id: str, own: bool
) -> None:
    compute, times = counting()
    ann, ben = two
    before = kept_for_everybody()
    first = ann.does(compute, model_id, image(own))
    assert ann.does(compute, model_id, image(own)) is first, "kept for herself"
    assert ben.does(compute, model_id, image(own)) is not first, "the same key, another visitor"
    assert len(times) == 2
    after = kept_for_everybody()
    assert {name: keys for name, keys in after.items() if keys - before.get(name, set())} == {}
    gone = weakref.ref(first)
    del first
    gc.collect()
    assert gone() is not None
    ann.leaves()
    gc.collect()
    assert gone() is None, "nothing holds it any more"
    ann.does(compute, model_id, image(own))
    assert len(times) == 3


def test_an_own_image_does_not_answer_for_one_of_everybodys(two: tuple[Visitor, Visitor]) -> None:
    compute, times = counting()
    mine = two[0].does(compute, SHIPPED, image(own=True))
    assert two[0].does(compute, SHIPPED, image(own=False)) is not mine
    assert len(times) == 2


def test_by_keyword_it_is_ones_own_as_well(two: tuple[Visitor, Visitor]) -> None:
    compute, times = counting()
    for visitor in two:
        visitor.does(lambda: compute(model_id=SHIPPED, image=image(own=True)))
    assert len(times) == 2


def test_a_data_set_of_the_servers_own_is_everybodys(two: tuple[Visitor, Visitor]) -> None:
    compute, times = counting()
    for visitor in two:
        visitor.does(compute, SHIPPED, image(own=False), "own:pets")
    assert len(times) == 1


def test_without_a_session_nothing_of_ones_own_is_kept() -> None:
    compute, times = counting()
    assert compute(SHIPPED, image(own=True)) is not compute(SHIPPED, image(own=True))
    assert len(times) == 2


def test_a_session_keeps_fewer_than_the_server(two: tuple[Visitor, Visitor]) -> None:
    compute, times = counting()  # eight for everybody: two for a session
    for seed in (0, 1, 2, 2, 1, 0):
        two[0].does(compute, SHIPPED, image(own=True, seed=seed))
    assert len(times) == 4, "the oldest of three made room"


def test_clear_forgets(two: tuple[Visitor, Visitor]) -> None:
    compute, times = counting()
    for own in (True, False):
        two[0].does(compute, SHIPPED, image(own))
    two[0].does(compute.clear)
    for own in (True, False):
        two[0].does(compute, SHIPPED, image(own))
    assert len(times) == 4


# --- the calls of the pages -------------------------------------------------------------------------------------------

LESION = Lesion(blocks=("layer3.2",))
OF_AN_IMAGE: dict[str, Callable[[str, InputImage], Any]] = {
    "maps": maps.maps,
    "depth_strip": lambda model_id, each: maps.depth_strip(model_id, each, 5),
    "layer_sheet": lambda model_id, each: maps.layer_sheet(model_id, each, "layer1.0.relu1", "strength", True),
    "effective_receptive_field": lambda model_id, each: maps.effective_receptive_field(
        model_id, each, "layer1.0.relu1", (1, 2)
    ),
    "projective_field": lambda model_id, each: maps.projective_field(model_id, each, (3, 4)),
    "map_png": lambda model_id, each: why.map_png(model_id, each, Explain("saliency", 3), "overlay"),
    "agreement": lambda model_id, each: why.agreement(model_id, each, Explain("saliency", 3)),
    "curves": lambda model_id, each: why.curves(model_id, each, Explain(why.RANDOM_ORDER, 3)),
    "photograph": why.photograph,
    "input_png": units.input_png,
    "ablated_answers": lambda model_id, each: units.ablated_answers(model_id, each, LESION),
}


@pytest.mark.parametrize("name", OF_AN_IMAGE)
def test_nothing_made_of_an_own_image_lies_where_another_visitor_reads(two: tuple[Visitor, Visitor], name: str) -> None:
    ann, _ = two
    ann.does(OF_AN_IMAGE[name], SHIPPED, image(own=False, seed=1))  # what belongs to the model alone is everybody's
    before = kept_for_everybody()
    ann.does(OF_AN_IMAGE[name], SHIPPED, image(own=True, seed=2))
    assert kept_for_everybody() == before
    ann.does(OF_AN_IMAGE[name], SHIPPED, image(own=False, seed=3))
    assert kept_for_everybody() != before, "an image of everybody's would have been noticed"


def test_a_drawn_digit_stays_with_who_drew_it(two: tuple[Visitor, Visitor]) -> None:
    two[0].does(training.forward_pass, LENET, image(own=False, seed=1))
    before = kept_for_everybody()
    two[0].does(training.forward_pass, LENET, image(own=True, seed=2))
    assert kept_for_everybody() == before


OF_WEIGHTS: dict[str, Callable[[str], Any]] = {
    "maps.layers": maps.layers,
    "filters": lambda model_id: units.filters(model_id, True),
    "layers": units.layers,
    "blocks": units.blocks,
    "accuracy": lambda model_id: units.accuracy(model_id, "shapes", LESION),
    "evaluation_dataset": units.evaluation_dataset,
    "relus": why.relus,
    "grids": why.grids,
    "evaluation": lambda model_id: training.evaluation(model_id, "shapes"),
    "explained": lambda model_id: why.explained(model_id, image(own=False), Explain("saliency", 3)),
}


def test_nothing_made_of_own_weights_lies_where_another_visitor_reads(two: tuple[Visitor, Visitor]) -> None:
    own = models.own_model(safe(state_of()), "cifar-resnet20")
    two[0].does(cached_models.keep_own, own)
    for call in OF_WEIGHTS.values():
        two[0].does(call, SHIPPED)
    before = kept_for_everybody()
    for call in OF_WEIGHTS.values():
        two[0].does(call, own.id)
    assert kept_for_everybody() == before
    with pytest.raises(Exception, match="file of weights in this session"):
        two[1].does(units.filters, own.id, True)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_whatever_takes_an_image_or_a_model_is_kept_by_this_one_rule(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            takes = {arg.arg for arg in node.args.args} | {ast.unparse(arg.annotation or arg) for arg in node.args.args}
            by = {ast.unparse(each).partition("(")[0] for each in node.decorator_list}
            assert not (takes & {"model_id", "InputImage"} and by & {"st.cache_data", "st.cache_resource"}), node.name
