"""What the pages of "Looking inside" share: which network with which weights, and which picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.ui.cached_subjects import subject
from explorer.ui.looking_pictures import Seen, choose_picture, named_class
from explorer.ui.looking_weights import choose_subject
from explorer.ui.words import plain

if TYPE_CHECKING:
    from explorer.subjects import Subject

__all__ = ["Seen", "choose_picture", "choose_subject", "class_name", "subject"]


def class_name(subject: Subject, index: int) -> str:
    """The name of a class in the present language; ImageNet's, and those of one's own data, stay as they are."""
    name = subject.classes[index]
    return plain(name) if len(subject.classes) == 1000 else named_class(name)
