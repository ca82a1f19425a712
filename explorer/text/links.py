"""Links of a lesson to pages of the app, in the state that it speaks of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import parse_qsl

from explorer.errors import CatalogueError

_LINK = re.compile(r"^- \[(?P<label>[^\]]+)\]\((?P<page>[a-z]+)(?:\?(?P<query>[^)\s]+))?\)$")


@dataclass(frozen=True, slots=True)
class Link:
    """What a link says, the slug of its page, and the parameters of its address."""

    label: str
    page: str
    query: Mapping[str, str]


def links(markdown: str) -> tuple[Link, ...]:
    """The links of a slot that has nothing else: a line each, `- [label](page?name=value&...)`.

    Raises `CatalogueError` for a line that is no such link.
    """
    return tuple(_link(line) for line in markdown.splitlines())


def _link(line: str) -> Link:
    found = _LINK.match(line)
    if not found:
        raise CatalogueError(f"No link to a page of the app: {line!r}. What works: - [label](page?name=value).")
    query = dict(parse_qsl(found["query"] or "", keep_blank_values=True))
    return Link(found["label"], found["page"], MappingProxyType(query))
