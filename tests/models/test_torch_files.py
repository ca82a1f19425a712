"""Files of `torch.save` are read as `torch.load` reads them, and a hostile file only raises `BadWeights`."""

from __future__ import annotations

import argparse
import io
import pickle
import subprocess
import sys
import zipfile
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Lock
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from explorer.errors import BadWeights
from explorer.models import read_state, reading, torch_files
from explorer.models.pickles import MOST_STEPS, BadPickle, GlobalName, TooManySteps, UnexecutedCall, parse
from explorer.models.torch_files import Stored
from tests.models.making import archive, many_bytes, nested_tuples, pickled, safe, state_of

ROOT = Path(__file__).parents[2]
WAYS: tuple[dict[str, Any], ...] = (
    {},
    {"_use_new_zipfile_serialization": False},
    *({"pickle_protocol": protocol} for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1)),
)


def reason(data: bytes) -> str:
    with pytest.raises(BadWeights) as caught:
        read_state(data)
    assert "\n" not in str(caught.value)
    return caught.value.reason


# --- as PyTorch reads it ----------------------------------------------------------------------------------------------


def every_kind() -> dict[str, Tensor]:
    """Tensors that are stored in different ways."""
    drawn = torch.randn(6, 4, generator=torch.Generator().manual_seed(0))
    kinds = (torch.float16, torch.bfloat16, torch.float64, torch.int8, torch.uint8, torch.int16, torch.int32)
    return {
        **{str(kind): (10 * drawn).abs().to(kind) for kind in kinds},
        "single": drawn,
        "yes or no": drawn > 0,
        "number": torch.tensor(7),
        "nothing": torch.zeros(0, 3),
        "turned": drawn.T,
        "a part": drawn[1:5:2, 2],
        "tied": drawn,
        "parameter": torch.nn.Parameter(drawn[0]),
        "with state": with_state(drawn),
    }


def with_state(drawn: Tensor) -> Tensor:
    parameter = torch.nn.Parameter(drawn)
    parameter.note = "kept beside it"  # type: ignore[attr-defined]
    return parameter


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_every_kind_of_tensor_is_read_as_pytorch_reads_it(way: dict[str, Any]) -> None:
    data = pickled(every_kind(), **way)
    theirs = torch.load(io.BytesIO(data), weights_only=way.get("pickle_protocol", 2) == 2)
    ours = read_state(data).tensors
    assert list(ours) == list(theirs)
    for key, value in theirs.items():
        assert torch.equal(ours[key], value), key
        assert (ours[key].dtype, ours[key].shape, ours[key].stride()) == (value.dtype, value.shape, value.stride())
    assert ours["tied"].data_ptr() == ours["single"].data_ptr()


def test_the_weights_of_a_module_are_read_with_what_it_notes_beside_them() -> None:
    module = torch.nn.Sequential(torch.nn.Conv2d(2, 3, 3), torch.nn.BatchNorm2d(3))
    data = pickled(module.state_dict())
    assert all(torch.equal(read_state(data).tensors[key], value) for key, value in module.state_dict().items())


def test_a_mapping_that_python_2_wrote_is_read() -> None:
    """Python 2 passes the pairs to the constructor, where Python 3 adds them afterwards."""
    value = torch.arange(3.0)
    pairs = b"ccollections\nOrderedDict\n(]X\x01\x00\x00\x00a"
    made = b"ctorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03"
    made += b"\x00\x00\x00cpuK\x03tQK\x00K\x03\x85K\x01\x85\x89NtR"
    data = archive(b"\x80\x02" + pairs + made + b"\x86atR.", {"0": value.numpy().tobytes()})
    assert torch.equal(read_state(data).tensors["a"], value)


def test_an_archive_may_be_packed() -> None:
    whole, buffer = zipfile.ZipFile(io.BytesIO(pickled(state_of()))), io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in whole.namelist():
            packed.writestr(name, whole.read(name))
    assert torch.equal(read_state(buffer.getvalue()).tensors["fc.weight"], state_of()["fc.weight"])


# --- what is refused --------------------------------------------------------------------------------------------------


def test_files_that_froze_the_server_or_filled_its_memory_end_in_a_sentence() -> None:
    """In a process of their own, which is killed if it does not answer: 2^60 steps, and 8 gigabytes of a few bytes."""
    code = """
import resource
from explorer.errors import BadWeights
from explorer.models import read_state
from tests.models.making import archive, many_bytes, nested_tuples
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
hostile = nested_tuples(60), many_bytes(8_000_000_000), b"\\x80\\x02(" + b"}" * 10**7 + b"t."
for data in map(archive, hostile):
    try:
        read_state(data)
    except BadWeights as problem:
        print(problem.reason)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 700_000)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.split() == ["no_state", "code", "too_many", "True"]
    assert len(archive(nested_tuples(60))) < 1_000
    assert len(archive(many_bytes(8_000_000_000))) < 1_000


@pytest.mark.parametrize(
    ("held", "wanted"),
    [
        ([1, 2], "no_state"),
        ({}, "no_state"),
        ({"epoch": 3}, "no_state"),
        ({3: torch.zeros(2)}, "no_state"),
        (argparse.Namespace(lr=0.1), "code"),
        ({"model": argparse.Namespace(lr=0.1)}, "code"),
        ({"weights": np.zeros(3)}, "code"),
        ({"a": torch.eye(3).to_sparse()}, "strange"),
        ({"a": torch.zeros(3, device="meta")}, "strange"),
        ({"a": torch.zeros(3, dtype=torch.complex64)}, "complex"),
        ({"a": torch.zeros(1).expand(1_000)}, "strange"),
    ],
)
def test_what_is_no_state_dict_of_dense_tensors_is_refused(held: Any, wanted: str) -> None:
    for way in WAYS[:2]:
        assert reason(pickled(held, **way)) == wanted


def test_a_tensor_may_not_reach_beyond_its_numbers() -> None:
    whole = pickled({"a": torch.arange(6.0)})
    honest = zipfile.ZipFile(io.BytesIO(whole)).read("archive/data.pkl")
    for place, value in ((b"K\x06\x85", b"K\x07\x85"), (b"QK\x00", b"QK\x01"), (b"K\x01\x85", b"K\x02\x85")):
        assert honest.count(place) == 1
        hurt = archive(honest.replace(place, value), {"0": np.arange(6, dtype=np.float32).tobytes()})
        assert reason(hurt) == "cut"
    assert torch.equal(read_state(archive(honest, {"0": bytes(24)})).tensors["a"], torch.zeros(6))


def test_more_than_any_network_has_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_MOST_KEYS", 100)
    state = {f"layer{number}": torch.zeros(1) for number in range(101)}
    assert reason(pickled(state)) == "too_many"
    monkeypatch.setattr("safetensors.torch.load", lambda data: pytest.fail("a header of any length was parsed"))
    assert reason(safe(state)) == "too_many"


def test_a_header_of_safetensors_may_not_be_endless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("safetensors.torch.load", lambda data: pytest.fail("a header of any length was parsed"))
    header = b'{"__metadata__":{"x":"' + b"y" * (17 * 2**20) + b'"}}'
    assert reason(len(header).to_bytes(8, "little") + header) == "too_many"


def test_an_archive_is_not_unpacked_by_strange_means() -> None:
    honest = zipfile.ZipFile(io.BytesIO(pickled({"a": torch.zeros(2)}))).read("archive/data.pkl")
    assert reason(archive(honest, {"0": bytes(8)}, packed=zipfile.ZIP_LZMA)) == "cut"


def test_two_files_at_a_time_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    inside, most, lock, both = 0, 0, Lock(), Barrier(2, timeout=60)

    def slow(*_: Any) -> Stored:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        both.wait()
        with lock:
            inside -= 1
        return Stored({"a": torch.zeros(1)})

    monkeypatch.setattr(torch_files, "stored_in", slow)
    data = pickled({"a": torch.zeros(1)})
    with ThreadPoolExecutor(6) as pool:
        assert len(list(pool.map(lambda _: read_state(data), range(6)))) == 6
    assert most == 2


def test_a_pickle_of_somebody_elses_is_no_file_of_weights() -> None:
    assert reason(pickle.dumps({"a": [1, 2]})) == "not_weights"
    assert reason(nested_tuples(60)) == "not_weights"
    assert reason(many_bytes(8_000_000_000)) == "not_weights"


# --- the reader of pickles --------------------------------------------------------------------------------------------


def read(data: bytes) -> Any:
    return parse(io.BytesIO(data), lambda name: ("beside", name))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_plain_data_is_read_as_pickle_reads_it(protocol: int) -> None:
    plain = {
        "numbers": [0, -1, 255, 65_536, 2**70, -(2**40), 1.5, True, False, None],
        "texts": ("", "été", "猫" * 300, b"\x00\xff" if protocol > 2 else ""),
        "nested": [{"a": ()}, [[]], (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)],
    }
    shared = ["twice"]
    both = {**plain, "shared": [shared, shared]}
    found = read(pickle.dumps(both, protocol))
    assert found == both
    assert found["shared"][0] is found["shared"][1]
    assert read(pickle.dumps(OrderedDict(a=1, b=2), protocol)) == {"a": 1, "b": 2}


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_what_would_be_called_is_noted_and_what_stands_around_it_is_read(protocol: int) -> None:
    found = read(pickle.dumps(["before", argparse.Namespace(lr=1), {1, 2}, 3 + 4j, "behind"], protocol))
    assert (found[0], found[-1], len(found)) == ("before", "behind", 5)
    assert isinstance(found[1], UnexecutedCall)
    assert isinstance(found[3], UnexecutedCall)
    named = read(pickle.dumps(argparse.Namespace, protocol))
    assert isinstance(named, GlobalName)
    assert (named.module, named.name) == ("argparse", "Namespace")


def test_keys_other_than_text_are_left_out() -> None:
    assert read(pickle.dumps({1: "a", (2, 3): "b", "kept": "c", None: "d"})) == {"kept": "c"}


def test_no_pickle_takes_more_steps_than_it_may() -> None:
    with pytest.raises(TooManySteps):
        read(b"\x80\x02(" + b"]" * MOST_STEPS + b"t.")
    pairs = b"(]q\x01(" + b"X\x01\x00\x00\x00aK\x01\x86" * 1_000 + b"e\x85q\x02"
    with pytest.raises(TooManySteps):  # the same thousand pairs, asked for again and again
        read(b"\x80\x02ccollections\nOrderedDict\nq\x00" + pairs + b"h\x00h\x02R0" * 2_000 + b"h\x02.")


@pytest.mark.parametrize("damaged", [b"", b"\x80\x02", b"\x80\x02]", b"\x80\x02\x82\x01.", b"a.", b"\x80\x02h\x07."])
def test_a_damaged_pickle_raises(damaged: bytes) -> None:
    with pytest.raises((BadPickle, ValueError, LookupError)):
        read(damaged)
