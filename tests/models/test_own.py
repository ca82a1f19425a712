"""A visitor's file of weights: every way to save one, all that may be wrong with it, and code that never runs."""

from __future__ import annotations

import io
import os
import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from explorer.errors import BadWeights
from explorer.models import open_options, own_model, random_model, read_state, reading, with_options
from explorer.weights import shipped_runs, weights_file
from tests.models.making import SMALL, pickled, safe, state_of


def refused(data: bytes, slug: str = SMALL) -> BadWeights:
    with pytest.raises(BadWeights) as caught:
        own_model(data, slug)
    assert "\n" not in str(caught.value)
    return caught.value


def same(found: Any, state: dict[str, Tensor]) -> None:
    for key, value in state.items():
        assert torch.equal(found.state[key], value), key


# --- what is taken ----------------------------------------------------------------------------------------------------


def test_every_way_to_save_weights_is_read() -> None:
    state = state_of()
    parallel = OrderedDict((f"module.{key}", value) for key, value in state.items())
    ways = (
        safe(state),
        pickled(state),
        pickled(state, _use_new_zipfile_serialization=False),
        pickled({"state_dict": parallel, "epoch": 7}),
        pickled({"model": {f"_orig_mod.module.{key}": value for key, value in state.items()}}),
        pickled({key: torch.nn.Parameter(v) if v.is_floating_point() else v for key, v in state.items()}),
    )
    for data in ways:
        same(own_model(data, SMALL), state)


def test_what_is_read_computes_the_same() -> None:
    model = random_model(SMALL)
    x = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    mine = own_model(safe(model.state), SMALL)
    assert torch.equal(mine.instantiate()(x), model.instantiate()(x))
    assert mine.categories[3] == "cat"
    assert mine.id.startswith("own:")
    assert torch.equal(mine.scale.mean, model.scale.mean)


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float64])
def test_other_precisions_become_single(kind: torch.dtype) -> None:
    state = {key: value.to(kind) if value.is_floating_point() else value for key, value in state_of().items()}
    found = own_model(pickled(state), SMALL)
    assert {value.dtype for value in found.state.values()} == {torch.float32, torch.int64}


def test_the_number_of_classes_is_read_off_the_head() -> None:
    state = state_of()
    state["fc.weight"], state["fc.bias"] = torch.zeros(7, 64), torch.zeros(7)
    found = own_model(safe(state), SMALL)
    assert found.categories == tuple("0123456")
    assert found.instantiate()(torch.zeros(1, 3, 32, 32)).shape == (1, 7)


def test_options_are_those_that_the_keys_fit() -> None:
    spec = random_model("resnet18").spec
    ours = spec.build(classes=5, **spec.options({"shortcut": "C"})).state_dict()
    assert dict(own_model(safe(ours), "resnet18").instance.options)["shortcut"] == "C"
    shipped = dict(own_model(safe(state_of("lenet5")), "lenet5").instance.options)
    assert shipped["activation"] == "tanh", "where keys cannot tell, the options of the weights that ship are assumed"


def test_counters_of_batch_normalisation_may_be_missing() -> None:
    old = {key: value for key, value in state_of().items() if not key.endswith("num_batches_tracked")}
    assert len(own_model(safe(old), SMALL).state) > len(old)


def test_old_densenets_have_their_keys_renamed() -> None:
    state = {key.replace(".norm1.", ".norm.1.").replace(".conv2.", ".conv.2."): v for key, v in _dense().items()}
    assert set(read_state(pickled(state)).tensors) == set(_dense())


def _dense() -> dict[str, Tensor]:
    names = ("denselayer1.norm1.weight", "denselayer1.conv2.weight")
    return {f"features.denseblock1.{name}": torch.zeros(2) for name in names}


def test_two_files_and_one_file_for_two_networks_have_two_sources() -> None:
    state = state_of()
    first, other = own_model(safe(state), SMALL), own_model(pickled(state), SMALL)
    assert first.id != other.id


# --- what is refused --------------------------------------------------------------------------------------------------


def test_every_key_that_does_not_fit_is_named() -> None:
    state = state_of()
    state["extra.weight"] = torch.zeros(2, 3)
    state["conv1.weight"] = torch.zeros(16, 3, 5, 5)
    del state["bn1.bias"], state["layer1.0.conv1.weight"]
    problem = refused(safe(state))
    assert problem.reason == "no_fit"
    assert (problem.values["missing"], problem.values["surplus"], problem.values["misshapen"]) == (2, 1, 1)
    assert set(problem.problems) == {
        ("bn1.bias", "missing", "", "16"),
        ("layer1.0.conv1.weight", "missing", "", "16×16×3×3"),
        ("extra.weight", "surplus", "2×3", ""),
        ("conv1.weight", "misshapen", "16×3×5×5", "16×3×3×3"),
    }


def test_weights_of_another_network_do_not_fit() -> None:
    problem = refused(safe(state_of("lenet5")))
    assert problem.reason == "no_fit"
    assert len(problem.problems) > 100
    assert len(str(problem)) < 400


class Evil:
    """Unpickling it would create a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.path),)


def test_code_in_a_pickle_is_refused_and_never_runs(tmp_path: Path) -> None:
    trap = tmp_path / "trapped"
    for data in (
        pickled({"conv1.weight": Evil(trap)}),
        pickled({"conv1.weight": Evil(trap)}, _use_new_zipfile_serialization=False),
        pickle.dumps({"conv1.weight": Evil(trap)}),
    ):
        assert refused(data).reason in ("code", "not_weights")
        assert not trap.exists()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"hello", "not_weights"),
        (b"\xff" * 64, "not_weights"),
        (b"PK\x03\x04" + bytes(60), "cut"),
        (pickled([1, 2]), "no_state"),
        (pickled({}), "no_state"),
        (pickled({"epoch": 3}), "no_state"),
    ],
)
def test_what_holds_no_weights_is_refused(data: bytes, reason: str) -> None:
    assert refused(data).reason == reason


def test_sparse_tensors_are_no_weights() -> None:
    assert refused(pickled({"a": torch.eye(3).to_sparse()})).reason in ("strange", "cut")


def test_what_is_cut_short_is_refused() -> None:
    for whole in (safe(state_of()), pickled(state_of()), pickled(state_of(), _use_new_zipfile_serialization=False)):
        for share in (0.1, 0.5, 0.99):
            assert refused(whole[: int(share * len(whole))]).reason in ("cut", "not_weights", "code")


def test_numbers_that_are_not_finite_are_refused() -> None:
    state = state_of()
    state["bn1.weight"][3] = torch.nan
    problem = refused(safe(state))
    assert (problem.reason, problem.values["key"]) == ("not_finite", "bn1.weight")


def test_one_number_is_not_blown_up_to_gigabytes() -> None:
    state = state_of()
    state["fc.weight"] = torch.zeros(1).expand(99_999, 64)
    data = pickled(state)
    assert len(data) < 2_000_000
    assert refused(data).reason == "strange"


def test_an_archive_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_MEGABYTES", 1)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", pickle.dumps({}))
        archive.writestr("archive/data/0", bytes(5 * 2**20))
    assert len(buffer.getvalue()) < 100_000
    assert refused(buffer.getvalue()).reason == "too_large"
    assert refused(bytes(2**20 + 1)).reason == "too_large"


# --- what a file leaves open ------------------------------------------------------------------------------------------


def test_zeros_of_shortcut_a_are_asked_for_and_change_the_answer() -> None:
    """The same tensors fit with zeros behind or on both sides, and as a plain network; only the answers differ."""
    data = safe(random_model("cifar-resnet20").state)
    mine = own_model(data, "cifar-resnet20")
    asked = {control.name: control for control in open_options(data, mine)}
    assert set(asked) == {"residual", "zeros"}
    assert (asked["zeros"].choices, asked["zeros"].default) == (("behind", "both"), "behind")
    other = with_options(mine, {"zeros": "both"})
    assert other.id == f"{mine.id}~zeros=both"
    assert dict(other.instance.options)["zeros"] == "both"
    x = torch.randn(1, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    assert not torch.allclose(mine.instantiate()(x), other.instantiate()(x), atol=1e-3)
    padded = other.instantiate().layer2[0].downsample(torch.ones(1, 16, 4, 4))[0, :, 0, 0]
    assert padded.tolist() == 8 * [0.0] + 16 * [1.0] + 8 * [0.0]


def test_nothing_is_asked_where_the_file_says_it_or_the_shapes_do() -> None:
    shipped = weights_file(next(run.name for run in shipped_runs("cifar-resnet20"))).read_bytes()
    assert open_options(shipped, own_model(shipped, "cifar-resnet20")) == ()
    data = safe(random_model("mobilenet-v1").state)
    assert open_options(data, own_model(data, "mobilenet-v1")) == (), "another width has other shapes"
