"""Checkpoints as training scripts write them: one prefix, what is left over is named, any option is found."""

from __future__ import annotations

import argparse
import io
import pickle
import warnings
import zipfile
from collections import defaultdict
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from explorer.errors import BadWeights
from explorer.models import own_model, random_model, read_state
from explorer.models.fitting import _PROFILER_KEYS, _WRAPPERS, match_state
from explorer.models.torch_files import Stored
from explorer.networks import network, networks
from explorer.records import NetworkInstance
from explorer.tracing import build_on_meta
from tests.models.making import archive, pickled, safe, state_of
from tests.random_weights import on_meta

NET = "lenet5"


class Settings:
    """A class that this program does not have to know."""

    def __init__(self, **given: Any) -> None:
        self.__dict__.update(given)


class Box(dict[str, Any]):
    """A mapping of somebody's own."""


def prefixed(prefix: str, slug: str = NET) -> dict[str, Tensor]:
    return {prefix + key: value for key, value in state_of(slug).items()}


def other(prefix: str = "") -> dict[str, Tensor]:
    """The same keys with other values."""
    return {prefix + key: value + 1 for key, value in state_of(NET).items()}


def trained() -> dict[str, Any]:
    """Weights beside those of their optimizer, of which there are more."""
    module = nn.Linear(4, 4)
    optimizer = torch.optim.Adam(module.parameters())
    module(torch.ones(1, 4)).sum().backward()
    optimizer.step()
    return {"optimizer": optimizer.state_dict(), "scheduler": {"last_epoch": 3, "_last_lr": [0.1]}}


def nested(state: dict[str, Tensor]) -> dict[str, Any]:
    """A mapping of mappings, one for each part."""
    found: dict[str, Any] = defaultdict(dict)
    for key, value in state.items():
        part, _, rest = key.partition(".")
        found[part][rest] = value
    return dict(found)


def looped() -> dict[str, Any]:
    """An object that holds itself, as trainers and their models do."""
    settings = Settings(model=state_of(NET))
    settings.owner = settings
    return {"trainer": settings, "again": settings}


CHECKPOINTS: dict[str, Callable[[], tuple[Any, set[tuple[str, int]]]]] = {
    "averaged": lambda: ({"n_averaged": torch.tensor(5), **prefixed("module.")}, {("n_averaged", 1)}),
    "a loss with weights": lambda: (
        {"state_dict": {**prefixed("net."), "criterion.weight": torch.ones(10)}},
        {("state_dict.criterion", 1)},
    ),
    "counted before": lambda: (
        {**state_of(NET), "total_ops": torch.zeros(1), "c3.total_params": torch.zeros(1)},
        set(),
    ),
    "a compiled part": lambda: ({key.replace("c3.", "c3._orig_mod."): v for key, v in state_of(NET).items()}, set()),
    "a parallel part": lambda: ({key.replace("c1.", "c1.module."): v for key, v in state_of(NET).items()}, set()),
    "compiled and parallel": lambda: (prefixed("_orig_mod.module."), set()),
    "inside a larger model": lambda: (prefixed("student.visual."), set()),
    "a prefix without a dot": lambda: (prefixed("encoder_q_"), set()),
    "any wrapper": lambda: ({"generator_weights": state_of(NET), "epoch": 3}, set()),
    "a wrapper in a wrapper": lambda: ({"best": {"model": state_of(NET), "score": 0.9}, "loop": 7}, set()),
    "very deep": lambda: ({"a": {"b": [{"c": ({"d": {"e": state_of(NET)}},)}]}}, set()),
    "the best of a list": lambda: ({"kept": [state_of(NET), other()]}, {("kept.1", 10)}),
    "a mapping for each part": lambda: ({"net": nested(state_of(NET))}, set()),
    "an epoch among the tensors": lambda: ({**state_of(NET), "epoch": 5, "name": "mine"}, set()),
    "an optimizer beside it": lambda: ({"model": state_of(NET), **trained()}, set()),
    "options beside it": lambda: ({"model": state_of(NET), "args": argparse.Namespace(lr=0.1)}, set()),
    "inside a namespace": lambda: (argparse.Namespace(lr=0.1, model=state_of(NET)), set()),
    "inside an object": lambda: ({"trainer": Settings(model=Settings(weights=state_of(NET)))}, set()),
    "inside a mapping of its own kind": lambda: (Box(model=Box(state_of(NET))), set()),
    "a class of somebody's own beside it": lambda: ({"settings": Settings(lr=0.1), "model": state_of(NET)}, set()),
    "a number of numpy's beside it": lambda: ({"state_dict": state_of(NET), "best": np.float64(0.9)}, set()),
    "its moving average beside it": lambda: ({"model": state_of(NET), "ema": other("module.")}, {("ema", 10)}),
    "a projection head beside it": lambda: (
        {**state_of(NET), "proj.0.weight": torch.ones(2, 2), "proj.2.weight": torch.ones(2, 2)},
        {("proj", 2)},
    ),
    "a larger network before it": lambda: (
        {**prefixed("teacher.", "lenet5-1998"), **prefixed("student.")},
        {("teacher", len(state_of("lenet5-1998")))},
    ),
    "what is sparse beside it": lambda: ({"net": state_of(NET), "graph": torch.eye(3).to_sparse()}, {("graph", 1)}),
    "what is complex beside it": lambda: ({**state_of(NET), "fft": torch.zeros(2, dtype=torch.cfloat)}, {("fft", 1)}),
    "an object that holds itself": lambda: (looped(), {("again", 10)}),
}


def same(found: Any, state: dict[str, Tensor]) -> None:
    assert set(found.state) == set(state)
    for key, value in state.items():
        assert torch.equal(found.state[key], value), key


@pytest.mark.parametrize("way", [{}, {"_use_new_zipfile_serialization": False}], ids=["archive", "stream"])
@pytest.mark.parametrize("kind", CHECKPOINTS)
def test_a_checkpoint_as_a_training_script_writes_it_is_read(kind: str, way: dict[str, Any]) -> None:
    saved, aside = CHECKPOINTS[kind]()
    found = own_model(pickled(saved, **way), NET)
    same(found, state_of(NET))
    assert set(found.aside) == aside


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_a_plain_pickle_is_read(protocol: int) -> None:
    held = {"model": state_of(NET), "args": argparse.Namespace(lr=0.1), "best": np.float32(0.5)}
    same(own_model(pickle.dumps(held, protocol), NET), state_of(NET))


@pytest.mark.parametrize("way", [{}, {"_use_new_zipfile_serialization": False}], ids=["archive", "stream"])
@pytest.mark.parametrize(
    "wrapped", [lambda module: module, nn.DataParallel, lambda module: {"net": module, "epoch": 3}]
)
def test_a_network_that_was_saved_whole_is_read_without_its_class(wrapped: Any, way: dict[str, Any]) -> None:
    module = network("cifar-resnet20").build(classes=10, **network("cifar-resnet20").options())
    found = own_model(pickled(wrapped(module), **way), "cifar-resnet20")
    same(found, {key: value.detach() for key, value in module.state_dict().items()})
    assert not found.aside


def test_safetensors_with_more_than_the_network_are_read() -> None:
    found = own_model(safe({**prefixed("backbone."), "neck.weight": torch.zeros(3)}), NET)
    same(found, state_of(NET))
    assert found.aside == (("neck", 1),)


@pytest.mark.parametrize("slug", ["googlenet", "googlenet-torchvision", "inception-v3"])
def test_auxiliary_heads_are_set_aside_as_those_of_published_weights_are(slug: str) -> None:
    spec = network(slug)
    tensors = spec.build(classes=1000, **spec.options({"aux": True})).state_dict()
    fit = match_state(spec, Stored(tensors))
    assert fit.options == spec.options()
    assert dict(fit.aside) == {part: sum(key.startswith(f"{part}.") for key in tensors) for part, _ in fit.aside}
    assert set(fit.tensors) | {key for key in tensors if key.startswith(("aux", "Aux"))} == set(tensors)
    assert {part.lower()[:3] for part, _ in fit.aside} == {"aux"}


def test_what_would_compute_something_else_is_not_set_aside() -> None:
    """A bias or a gate inside a part that the network has: without it, the same tensors give other answers."""
    for key in ("conv1.bias", "layer1.0.se.fc1.weight", "layer1.3.conv1.weight"):
        with pytest.raises(BadWeights) as caught:
            own_model(safe({**state_of(), key: torch.zeros(16)}), "cifar-resnet20")
        assert caught.value.problems == ((key, "surplus", "16", ""),)


def test_the_first_network_of_a_file_is_taken_and_the_other_is_named() -> None:
    found = own_model(pickled({**prefixed("b."), **other("a.")}), NET)
    same(found, state_of(NET))
    assert found.aside == (("a", 10),)


def test_no_network_of_the_catalogue_names_a_part_as_a_wrapper_does() -> None:
    """Such names are stripped."""
    for spec in networks().values():
        keys = on_meta(spec.slug).state_dict()
        assert not {part for key in keys for part in key.split(".")} & {*_WRAPPERS, *_PROFILER_KEYS}, spec.slug


@pytest.mark.parametrize("slug", ["resnet18", "efficientnet-b0", "googlenet", "lenet5"])
@pytest.mark.parametrize("prefix", ["", "ema_model.", "model.backbone.", "x"])
def test_nothing_is_lost_behind_any_prefix(slug: str, prefix: str) -> None:
    spec = network(slug)
    keys = {prefix + key: value for key, value in build_on_meta(NetworkInstance.of(spec)).state_dict().items()}
    fit = match_state(
        spec, Stored({key: torch.zeros((), dtype=value.dtype).expand(value.shape) for key, value in keys.items()})
    )
    assert [prefix + key for key in fit.tensors] == list(keys)
    assert not fit.aside


@pytest.mark.parametrize("slug", ["thin-resnet", "vgg11", "resnet18", "lenet5", "mobilenet-v2"])
def test_options_are_found_wherever_they_are(slug: str) -> None:
    """Every option is changed, and the first and last values together: the shapes come out the same."""
    spec = network(slug)
    controls = [control for control in spec.controls if control.choices]
    ends = [dict(zip([c.name for c in controls], values, strict=True)) for values in product(*map(_ends, controls))]
    for options in ends[:24]:
        wanted = build_on_meta(NetworkInstance.of(spec, options=options)).state_dict()
        tensors = {f"net.{key}": torch.zeros((), dtype=v.dtype).expand(v.shape) for key, v in wanted.items()}
        fit = match_state(spec, Stored(tensors))
        assert {key: value.shape for key, value in fit.tensors.items()} == {k: v.shape for k, v in wanted.items()}


def _ends(control: Any) -> tuple[Any, ...]:
    return (control.choices[0], control.choices[-1])


# --- what is refused, and as what -------------------------------------------------------------------------------------


def reason(data: bytes, slug: str = NET) -> tuple[str, str]:
    with pytest.raises(BadWeights) as caught:
        own_model(data, slug)
    assert "\n" not in str(caught.value)
    return caught.value.reason, str(caught.value)


@pytest.mark.parametrize("kind", [torch.int8, torch.uint8, torch.int32, torch.bool])
def test_whole_numbers_are_no_weights(kind: torch.dtype) -> None:
    state = {key: (100 * value).to(kind) for key, value in state_of(NET).items()}
    assert reason(pickled({"state_dict": state}))[0] == "quantised"
    assert reason(safe(state))[0] == "quantised"


def test_quantised_tensors_are_named() -> None:
    state: dict[str, Any] = dict(state_of(NET))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        state["c1.weight"] = torch.quantize_per_tensor(state["c1.weight"], 0.1, 0, torch.qint8)
        data = pickled(state)
    said, sentence = reason(data)
    assert said == "quantised"
    assert "c1.weight" in sentence


def test_complex_numbers_among_the_weights_are_refused() -> None:
    state = {**state_of(NET), "f6.weight": state_of(NET)["f6.weight"].to(torch.cfloat)}
    assert reason(pickled(state))[0] == "complex"
    assert reason(safe(state))[0] == "complex"


@pytest.mark.parametrize("kind", [torch.float8_e4m3fn, torch.float8_e5m2])
def test_floating_point_numbers_of_8_bits_are_weights(kind: torch.dtype) -> None:
    state = {key: value.to(kind) for key, value in state_of(NET).items()}
    for data in (pickled(state), safe(state)):
        same(own_model(data, NET), {key: value.float() for key, value in state.items()})


def test_torchscript_is_named_as_what_it_is() -> None:
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is deprecated
        torch.jit.save(torch.jit.script(random_model(NET).instantiate()), buffer)
    said, sentence = reason(buffer.getvalue())
    assert said == "program"
    assert "TorchScript" in sentence


def test_an_exported_program_is_named_as_what_it_is() -> None:
    buffer = io.BytesIO()
    torch.export.save(torch.export.export(nn.Linear(2, 2), (torch.zeros(1, 2),)), buffer)
    said, sentence = reason(buffer.getvalue())
    assert said == "program"
    assert "torch.export" in sentence


def test_files_of_other_programs_are_named() -> None:
    arrays = io.BytesIO()
    np.savez(arrays, **{key: value.numpy() for key, value in state_of(NET).items()})
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as written:
        written.writestr("lenet.pth", pickled(state_of(NET)))
    for data, kind in (
        (arrays.getvalue(), "NumPy"),
        (packed.getvalue(), "ZIP"),
        (b"\x89HDF\r\n\x1a\n" + bytes(100), "Keras (HDF5)"),
        (b"\x1f\x8b\x08" + bytes(100), "gzip"),
        (b"GGUF" + bytes(100), "GGUF"),
    ):
        said, sentence = reason(data)
        assert said == "other_format", kind
        assert kind in sentence


def test_a_file_that_branches_without_end_is_refused() -> None:
    """Forty lists, each holding the one before twice: 2^40 ways through a file of a few hundred bytes."""
    twice = b"".join(b"]q" + bytes([n + 1]) + b"(h" + bytes([n]) + b"h" + bytes([n]) + b"e" for n in range(40))
    assert reason(archive(b"\x80\x02}q\x00" + twice + b"."))[0] == "too_many"


def test_names_that_are_too_long_are_no_tensors_of_a_network() -> None:
    assert not read_state(pickled({"a": torch.zeros(1), "b" * 5_000: torch.zeros(1)})).tensors.keys() - {"a"}
