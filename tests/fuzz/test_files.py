"""Thousands of damaged images and files of weights: a result or a refusal, and in bounded memory.

`FUZZ=10` in the environment tries ten times as many. What each reader took at most is printed (`pytest -s`).
"""

from __future__ import annotations

import faulthandler
import io
import os
import pickle
import resource
import sys
import time
import zipfile
from argparse import Namespace
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image

from explorer.errors import BadImage, BadWeights
from explorer.images import decode, decoding
from explorer.models import own_model, read_state, torch_files
from explorer.networks import network
from tests.fuzz.mutating import mutated
from tests.images.making import HEIC
from tests.models.making import archive, pickled, safe, state_of

SEED = 20_151_210
TIMES = int(os.environ.get("FUZZ", "1"))
PHOTOGRAPHS, APART, WEIGHTS = 2_400 * TIMES, 12 * TIMES, 720 * TIMES  # mutations in all
MOST_MEGABYTES = 700.0
PATIENCE = 300  # seconds until a run that hangs is ended with its traceback: no bound on how fast it is
SLUG = "lenet5-1998"


def images() -> dict[str, bytes]:
    """An image in every format, in the modes that take different ways through a decoder."""
    rng = np.random.default_rng(SEED)
    colour = Image.fromarray(rng.integers(0, 256, (40, 56, 3), dtype=np.uint8))
    deep = Image.fromarray(rng.integers(0, 65_536, (30, 30), dtype=np.uint16))
    exif = Image.Exif()
    exif[0x0112] = 6
    made: dict[str, tuple[Image.Image, str, dict[str, Any]]] = {
        "png": (colour, "PNG", {"exif": exif}),
        "png-palette": (colour.convert("P"), "PNG", {"transparency": 3}),
        "png-16": (deep, "PNG", {}),
        "png-alpha": (colour.convert("RGBA"), "PNG", {}),
        "jpeg": (colour, "JPEG", {"exif": exif}),
        "jpeg-progressive": (colour, "JPEG", {"progressive": True}),
        "jpeg-cmyk": (colour.convert("CMYK"), "JPEG", {}),
        "webp": (colour, "WEBP", {"exif": exif}),
        "webp-lossless": (colour.convert("RGBA"), "WEBP", {"lossless": True}),
        "gif": (colour, "GIF", {"save_all": True, "append_images": [colour]}),
        "tiff": (colour, "TIFF", {"exif": exif}),
        "tiff-lzw": (colour, "TIFF", {"compression": "tiff_lzw"}),
        "tiff-jpeg": (colour, "TIFF", {"compression": "jpeg"}),
        "tiff-fax": (colour.convert("1"), "TIFF", {"compression": "group4"}),
        "tiff-16": (deep, "TIFF", {"compression": "tiff_deflate"}),
    }
    return {name: _saved(*each) for name, each in made.items()}


def _saved(image: Image.Image, form: str, options: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def weights() -> dict[str, bytes]:
    """The weights of a small network in every way they can be stored."""
    state = {key: value[:] for key, value in state_of(SLUG).items()}
    legacy = {"_use_new_zipfile_serialization": False}
    whole = network(SLUG).build(classes=10, **network(SLUG).options())
    return {
        "safetensors": safe(state),
        "zip": pickled(state),
        "zip-wrapped": pickled({"state_dict": {f"module.{key}": value.half() for key, value in state.items()}}),
        "legacy": pickled(state, **legacy),
        "module": pickled(whole),
        "module-legacy": pickled({"best": [whole]}, **legacy),
        "namespace": pickled(Namespace(lr=0.1, ema=state, best=np.float64(0.9))),
        "pickle": pickle.dumps({"model": state, "args": Namespace(lr=0.1)}),
    }


def structures() -> dict[str, bytes]:
    """Archives whose pickles alone are hit: the numbers, most of a file, are left out, and each is read as damaged."""
    found = {}
    for name, data in weights().items():
        if data.startswith(torch_files.ARCHIVE):
            whole = zipfile.ZipFile(io.BytesIO(data))
            found[name] = whole.read(next(each for each in whole.namelist() if each.endswith("data.pkl")))
    return found


def megabytes() -> float:
    """The most memory that this process has held so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def tried(
    corpus: dict[str, bytes],
    count: int,
    read: Callable[[bytes], object],
    refusal: type[BadImage] | type[BadWeights],
) -> Counter[str]:
    """Read `count` mutations; whatever but `refusal` is raised comes out with the number of the mutation."""
    whole, outcomes = list(corpus.values()), Counter[str]()
    before, slowest = megabytes(), 0.0
    for number in range(count):
        data = mutated(whole[number % len(whole)], whole, np.random.default_rng((SEED, number)))
        started = time.process_time()
        try:
            read(data)
            said = "read", "It was read."
        except refusal as problem:
            said = problem.reason, str(problem)
        except Exception as error:
            pytest.fail(f"mutation {number} of {list(corpus)[number % len(whole)]}: {type(error).__name__}: {error}")
        slowest = max(slowest, time.process_time() - started)
        assert said[0]
        assert "\n" not in said[1]
        outcomes[said[0]] += 1
    more = megabytes() - before
    print(f"{count:,} mutations: {dict(outcomes)}; the slowest took {slowest:.2f} s, all {more:.0f} MB more")
    assert more < MOST_MEGABYTES
    return outcomes


@pytest.fixture(autouse=True)
def _watched() -> Iterator[None]:
    faulthandler.dump_traceback_later(PATIENCE, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()


def test_damaged_images() -> None:
    assert PHOTOGRAPHS + APART + 2 * WEIGHTS >= 3_000

    def read(data: bytes) -> None:
        pixels = decode(data)
        assert pixels.dtype == np.uint8
        assert pixels.shape[2] == 3
        assert 1 <= min(pixels.shape[:2]) <= max(pixels.shape[:2]) <= decoding.LARGEST_SIDE

    outcomes = tried(images(), PHOTOGRAPHS, read, BadImage)
    assert {"read", "unknown", "damaged"} <= set(outcomes)
    assert outcomes["read"] < 0.6 * PHOTOGRAPHS


def test_damaged_images_that_are_decoded_apart() -> None:
    """HEIC and AVIF, whatever happens to their decoders."""
    colour = Image.fromarray(np.random.default_rng(SEED).integers(0, 256, (40, 56, 3), dtype=np.uint8))
    outcomes = tried({"heic": HEIC, "avif": _saved(colour, "AVIF", {})}, APART, decode, BadImage)
    assert set(outcomes) <= {"read", "unknown", "damaged", "exhausting", "too_many_pixels", "tiff"}
    assert outcomes["read"] < APART


def test_damaged_pickles_in_sound_archives() -> None:
    """A bit that is turned over in an archive mostly fails its checksum; here the parser itself is reached."""
    outcomes = tried(structures(), WEIGHTS, lambda data: read_state(archive(data)), BadWeights)
    assert {"cut", "code", "no_state"} & set(outcomes)
    assert outcomes["read"] < 0.6 * WEIGHTS


def test_damaged_weights() -> None:
    def read(data: bytes) -> None:
        subject = own_model(data, SLUG)
        assert all(np.isfinite(value.numpy()).all() for value in subject.state.values())

    outcomes = tried(weights(), WEIGHTS, read, BadWeights)
    assert {"read", "cut", "not_weights", "not_finite"} <= set(outcomes)
    assert outcomes["read"] < 0.6 * WEIGHTS
