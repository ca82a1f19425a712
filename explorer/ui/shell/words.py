"""Words in the language of the present session."""

from __future__ import annotations

from collections.abc import Iterable

from explorer import glossary, text
from explorer.errors import (
    BadImage,
    BadWeights,
    DataDirectoryError,
    DatasetError,
    NotAllowed,
    RunStoreError,
    ShapeMismatch,
)
from explorer.text import plain
from explorer.ui.shell import session

__all__ = [
    "dataset_name",
    "elsewhere",
    "explained",
    "group",
    "lesson",
    "linked",
    "listed",
    "named_class",
    "plain",
    "protocol",
    "refusal",
    "sentences",
    "t",
]

_WITH_REASON = (BadImage, BadWeights, DataDirectoryError, DatasetError, NotAllowed, RunStoreError)


def t(key: str, /, **values: object) -> str:
    """An interface string."""
    return text.say(session.language(), key, **values)


def elsewhere(key: str) -> str:
    """An interface string in the other language."""
    return text.say(next(lang for lang in text.LANGUAGES if lang != session.language()), key)


def lesson(kind: str, key: str, slot: str) -> str:
    """One slot of a lesson on "networks" or "pages", as Markdown."""
    return text.lesson(session.language(), kind, key)[slot]


def explained(slug: str) -> str:
    """What a term says, as Markdown, and the link to its entry in the glossary: the help of a column or a control."""
    return f"{t(f'term.{slug}.says')} [{t('nav.glossary')}]({glossary.address(slug, session.language())})"


def linked(markdown: str, seen: set[str] | None = None) -> str:
    """Markdown with a link to the glossary at the first occurrence of each term, but for those in `seen`."""
    return glossary.linked(session.language(), markdown, set() if seen is None else seen)


def listed(names: Iterable[str]) -> str:
    """Names one after the other, with the comma of the present language."""
    return ("、" if session.language() == "zh" else ", ").join(names)


def sentences(*said: str) -> str:
    """Whole sentences one after the other: with a space between them, which Chinese does not have."""
    return ("" if session.language() == "zh" else " ").join(said)


def group(prefix: str) -> dict[str, str]:
    """All strings below `prefix`, keyed by the rest of their key: the labels of a figure."""
    return dict(text.group(session.language(), prefix))


def protocol(measured: str) -> str:
    """Name of an evaluation protocol."""
    return text.protocol(session.language(), measured)


def named_class(name: str) -> str:
    """A class name in the session's language; digits and classes of own data sets are left as they are."""
    return t(f"class.{name}") if name in group("class") else plain(name)


def dataset_name(slug: str) -> str:
    """A data set's name in the session's language; an own one ("own:x") is named after its file and its choice."""
    return group("data").get(slug) or plain(slug.removeprefix("own:").replace("/", " · "))


def refusal(problem: Exception) -> str:
    """What was wrong, and what would work; in the present language where it has a reason."""
    if isinstance(problem, ShapeMismatch):
        return _misfit(problem)
    if not isinstance(problem, _WITH_REASON) or not problem.reason:
        return plain(problem, 300)
    values = {name: plain(value, 300) if isinstance(value, str) else value for name, value in problem.values.items()}
    if isinstance(problem, DatasetError):
        return t(f"dataset.{problem.reason}", **values)
    if isinstance(problem, NotAllowed):
        return t(f"rights.{problem.reason}", **values)
    if isinstance(problem, DataDirectoryError | RunStoreError):
        return t(f"store.{problem.reason}", **values)
    return t(f"upload.{problem.reason}", **values)


def _misfit(problem: ShapeMismatch) -> str:
    """Which layer cannot take an input, and the smallest one that all of them can."""
    cure = t("problem.cure", smallest=problem.smallest) if problem.smallest else t("problem.no_cure")
    what = t(f"problem.{problem.reason}", network=problem.network, layer=problem.layer, **problem.values)
    return sentences(what, cure)
