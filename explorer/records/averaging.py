"""Averaged answers: how a picture is cut into views, and what models said of a test set's images, view by view."""

from __future__ import annotations

import json
import lzma
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class View:
    """A square of `side` pixels cut from a square picture of `canvas` pixels at (top, left), and mirrored or not."""

    canvas: int
    top: int
    left: int
    side: int
    mirrored: bool = False


@dataclass(frozen=True, slots=True)
class SchemeShares:
    """One model's softmax on a test set, averaged over the views of a scheme.

    `shares` are uint8 (N, K), in steps of 1/255; `passes` and `macs` (of an image, all views) are what it costs.
    """

    passes: int
    macs: int
    shares: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class MemberShares:
    """A model and its answers by scheme; `seconds` for all of them."""

    model: str
    seconds: float
    schemes: Mapping[str, SchemeShares]


@dataclass(frozen=True, slots=True, kw_only=True)
class AveragedSet:
    """Several models on the same test images.

    `labels` are uint8 (N,), indices of `classes`; `examples` are some of the images, uint8 (E, H, W, 3) of `side`
    pixels, and `example_numbers` which of the N they are. `precision` is that of the forward passes; `data` cites the
    data set; `command`, `device`, `date` and `versions` say how it was made.
    """

    name: str
    dataset: str
    data: str
    classes: tuple[str, ...]
    labels: bytes = field(repr=False)
    members: tuple[MemberShares, ...]
    example_numbers: tuple[int, ...]
    examples: bytes = field(repr=False)
    side: int
    precision: str
    command: str
    device: str
    date: str
    versions: str

    def to_json(self) -> str:
        """One line of JSON. Bytes are compressed, the shares of all members together: what they say is much alike."""
        plain = asdict(self)
        plain |= {name: _packed(plain[name]) for name in ("labels", "examples")}
        shares = [each.pop("shares") for member in plain["members"] for each in member["schemes"].values()]
        plain["shares"] = _packed(_interleaved(shares))
        return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> AveragedSet:
        """Parse the text of `to_json`. Raises `ValueError`, `TypeError` or `KeyError` for another text."""
        plain: dict[str, Any] = json.loads(text)
        plain |= {name: _unpacked(plain[name]) for name in ("labels", "examples")}
        plain |= {name: tuple(plain[name]) for name in ("classes", "example_numbers")}
        whole, count = _unpacked(plain.pop("shares")), sum(len(member["schemes"]) for member in plain["members"])
        shares = iter([whole[start::count] for start in range(count)])
        plain["members"] = tuple(_member(member, shares) for member in plain["members"])
        return cls(**plain)


def _member(plain: Mapping[str, Any], shares: Iterator[bytes]) -> MemberShares:
    schemes = {
        name: SchemeShares(each["passes"], each["macs"], next(shares)) for name, each in plain["schemes"].items()
    }
    return MemberShares(plain["model"], plain["seconds"], schemes)


def _interleaved(parts: Sequence[bytes]) -> bytes:
    """The first byte of every part, the second of every part, ..."""
    whole = bytearray(sum(map(len, parts)))
    for start, part in enumerate(parts):
        whole[start :: len(parts)] = part
    return bytes(whole)


def _packed(content: bytes) -> str:
    return b64encode(lzma.compress(content, preset=9)).decode()


def _unpacked(text: str) -> bytes:
    try:
        return lzma.decompress(b64decode(text))
    except lzma.LZMAError as problem:
        raise ValueError(f"Damaged bytes: {problem}") from problem
