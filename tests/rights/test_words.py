"""Whatever a visitor is refused has its sentence in both languages, with its numbers put in."""

from __future__ import annotations

import pytest

from explorer import rights, text

REASONS: dict[str, dict[str, object]] = {
    **{action: {} for action in rights.ACTIONS},
    **{f"{whose}_{what}": {"most": 8, "new": 9} for whose in ("your", "all") for what in ("runs", "tasks")},
    "busy": {},
    "fetched": {"most": 20},
    "disk": {"size": "548"},
    "guesses": {"minutes": 10},
}


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize("reason", REASONS)
def test_a_refusal_is_a_sentence_with_its_numbers(lang: str, reason: str) -> None:
    said = text.say(lang, f"rights.{reason}", **REASONS[reason])
    assert said.endswith("。" if lang == "zh" else ".")
    first = next(iter(REASONS[reason].values()), None)
    assert first is None or str(first) in said
