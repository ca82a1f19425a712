"""What a page says of a problem is said in the language of the session."""

from __future__ import annotations

import pytest

from explorer import text
from explorer.errors import ShapeMismatch
from explorer.networks import network
from explorer.records import NetworkInstance
from explorer.tracing import trace_shapes
from explorer.ui.shell import session, words


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize(
    ("slug", "side", "smallest"),
    [("vgg16", 16, 32), ("lenet5", 20, 28)],
    ids=["a window that does not fit", "another number of features"],
)
def test_an_input_that_does_not_fit_is_refused_in_the_language_of_the_session(
    slug: str, side: int, smallest: int, lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "language", lambda: lang)
    with pytest.raises(ShapeMismatch) as caught:
        trace_shapes(NetworkInstance.of(network(slug), size=(side, side)))
    problem = caught.value
    said = words.refusal(problem)
    reason = text.say(lang, f"problem.{problem.reason}", network=problem.network, layer=problem.layer, **problem.values)
    cure = text.say(lang, "problem.cure", smallest=str(smallest))
    assert said == reason + {"en": " ", "zh": ""}[lang] + cure
