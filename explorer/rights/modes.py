"""The three modes of a server, and what a visitor may do in each."""

from __future__ import annotations

import os
from dataclasses import dataclass

from explorer.errors import BadSetting, NotAllowed

ACTIONS = ("train", "search", "change", "upload", "fetch", "clear")
"""What can be reserved: training, ordering tasks, stopping and deleting what one has started, handing over files,
fetching files, clearing what is kept."""

_ALLOWED = {
    "full": frozenset(ACTIONS),
    "train": frozenset({"train", "search", "change", "upload"}),
    "watch": frozenset[str](),
}
MODES = tuple(_ALLOWED)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks: by the secret of a browser, "" for none; `leads` is whether the lecturer's key was typed there."""

    secret: str = ""
    leads: bool = False


MACHINE = Visitor(leads=True)
"""Who sits at the machine itself: the command line."""


def mode() -> str:
    """The mode of this server, one of `MODES`. Raises `BadSetting`."""
    named = os.environ.get("CONVNET_ATLAS_CLASS", "").strip().lower() or MODES[0]
    if named not in MODES:  # a slip of the pen must not open what was to be closed
        raise BadSetting(f"CONVNET_ATLAS_CLASS is {named!r}; it can be {', '.join(MODES)}.")
    return named


def may(visitor: Visitor, action: str) -> bool:
    """Whether a visitor may do one of `ACTIONS`."""
    return visitor.leads or action in _ALLOWED[mode()]


def check(visitor: Visitor, action: str) -> None:
    """Raise `NotAllowed`, with the action as its reason, where a visitor may not."""
    if not may(visitor, action):
        raise NotAllowed(f"On this server only the lecturer may {action}.", action)
