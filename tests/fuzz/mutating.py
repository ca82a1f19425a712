"""Damaged files, the same ones every time: what a bad disk, a cut connection or a hostile hand makes of a good file."""

from __future__ import annotations

import numpy as np

HEAD = 96
"""Bytes at the beginning that are hit more often: sizes, counts and addresses stand there."""

_EXTREMES = (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\1\0\0", b"\x80\0\0\0")


def mutated(whole: bytes, others: list[bytes], rng: np.random.Generator) -> bytes:
    """One of the mutations below, drawn with everything about it from `rng`."""
    kind = int(rng.integers(7))
    if kind == 0:
        return _flipped(whole, rng, len(whole), int(rng.integers(1, 40)))
    if kind == 1:
        return _flipped(whole, rng, min(HEAD, len(whole)), int(rng.integers(1, 6)))
    if kind == 2:
        return whole[: int(rng.integers(len(whole)))]
    if kind == 3:
        return _with_extremes(whole, rng, min(HEAD, len(whole)))
    if kind == 4:
        return _with_extremes(whole, rng, len(whole))
    if kind == 5:
        return _spliced(whole, others[int(rng.integers(len(others)))], rng)
    return _rearranged(whole, rng)


def _flipped(whole: bytes, rng: np.random.Generator, within: int, count: int) -> bytes:
    """Single bits turned over among the first `within` bytes."""
    data = bytearray(whole)
    for place in rng.integers(within, size=count):
        data[place] ^= 1 << int(rng.integers(8))
    return bytes(data)


def _with_extremes(whole: bytes, rng: np.random.Generator, within: int) -> bytes:
    """The least and largest numbers written over some places: lengths that lie."""
    data = bytearray(whole)
    for place in rng.integers(within, size=int(rng.integers(1, 4))):
        data[place : place + 4] = _EXTREMES[int(rng.integers(len(_EXTREMES)))]
    return bytes(data)


def _spliced(whole: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    """The beginning of one file, the end of another."""
    return whole[: int(rng.integers(len(whole)))] + other[int(rng.integers(len(other))) :]


def _rearranged(whole: bytes, rng: np.random.Generator) -> bytes:
    """A stretch left out, doubled, or filled with noise."""
    start, stop = sorted(int(i) for i in rng.integers(len(whole) + 1, size=2))
    middle = (b"", 2 * whole[start:stop], rng.bytes(min(stop - start, 4096)))[int(rng.integers(3))]
    return whole[:start] + middle + whole[stop:]
