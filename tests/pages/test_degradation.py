"""Plain against residual: the recorded runs, a live experiment from its first step to its last, and links to it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from explorer import text
from explorer.jobs import Lab, RunStore
from explorer.records import TrainingRun
from explorer.training import train, weights_of
from explorer.ui import lab as ui_lab
from tests.pages.conftest import Visit, sound


class Here:
    """An executor that trains in the test's own process when it is told to: no process to wait for."""

    def __init__(self, store: RunStore) -> None:
        self.store = store

    def wake(self, device: str) -> None:
        """Nothing: `train_all` does the work."""

    def shutdown(self) -> None:
        """Nothing to end."""

    def train_all(self) -> None:
        """Train whatever waits."""
        from explorer.jobs.lease import Lease

        lease = Lease(self.store)
        assert lease.take()
        while claimed := lease.claim():
            for one in claimed:
                blobs: dict[str, bytes] = {}
                lease.started(one.id, 1, ("conv1",), "cpu")

                def keep(step: int, blob: bytes, blobs: dict[str, bytes] = blobs) -> None:
                    blobs["last"] = blob

                lease.append(one.id, list(train(one.config, device="cpu", on_checkpoint=keep)))
                lease.finish(one.id, "finished", its_weights=weights_of(blobs["last"]))


@pytest.fixture
def laboratory(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> Iterator[Here]:
    """A laboratory of this test's own."""
    with RunStore(f"sqlite:///{tmp_path}/runs.sqlite") as store:
        here = Here(store)
        its_lab = Lab(store, here)
        monkeypatch.setattr(ui_lab, "lab", lambda: its_lab)
        yield here


def group_of(page: AppTest) -> str:
    """The group of runs in the address."""
    value = page.query_params["runs"]
    group = value if isinstance(value, str) else value[0]
    assert len(group) > 8
    return group


def charts(page: AppTest) -> int:
    return len(page.get("echarts_chart"))


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_a_recorded_run_is_shown_at_once_and_says_so(visit: Visit, lang: str) -> None:
    page = visit("degradation", lang=lang)
    captions = " ".join(caption.value for caption in page.caption)
    assert "python -m explorer.training digits" in captions
    assert charts(page) == 5
    verdict = next(m.value for m in page.markdown if "56" in m.value and "**" in m.value)
    assert "52.7" in verdict or "%" in verdict
    assert page.slider(key="replay").value == 200
    sound(page.slider(key="replay").set_value(5).run())
    waiting = text.say(lang, "degradation.waiting")
    assert not any(m.value == waiting for m in page.markdown)


def test_training_is_queued_followed_and_found_again(visit: Visit, laboratory: Here) -> None:
    page = visit("degradation", shallow="8", deep="14", steps="60")
    button = next(b for b in page.button if b.label == text.say("en", "degradation.train"))
    sound(button.click().run())
    group = group_of(page)
    runs = laboratory.store.runs(group=group)
    assert [(dict(run.config.options)["depth"], dict(run.config.options)["residual"]) for run in runs] == [
        (8, False),
        (8, True),
        (14, False),
        (14, True),
    ]
    assert {run.state for run in runs} == {"queued"}
    laboratory.train_all()
    sound(page.run())
    other = visit("degradation", runs=group)
    for one in (page, other):
        rows = one.dataframe[0].value
        assert list(rows["step"]) == [60] * 4
        assert rows["train_error"].notna().all()
    assert charts(other) == 5


def test_two_visitors_pressing_at_once_share_the_runs(visit: Visit, laboratory: Here) -> None:
    groups = set()
    for _ in range(2):
        page = visit("degradation", shallow="8", deep="14", steps="60")
        sound(next(b for b in page.button if b.label == text.say("en", "degradation.train")).click().run())
        groups.add(group_of(page))
    assert len(groups) == 1
    assert len(laboratory.store.runs()) == 4


def test_a_link_to_runs_that_are_gone_shows_the_recorded_ones(visit: Visit, laboratory: Here) -> None:
    page = visit("degradation", runs="nowhere")
    assert len(page.toast) == 1
    assert page.slider(key="replay").value == 200


def test_a_run_that_failed_says_why_in_the_readers_language(visit: Visit, laboratory: Here) -> None:
    from explorer.jobs.lease import Lease
    from explorer.training.presets import EXPERIMENTS

    runs: tuple[TrainingRun, ...] = laboratory.store.submit(EXPERIMENTS["digits"].configs)
    lease = Lease(laboratory.store)
    assert lease.take()
    first, *_ = lease.claim()
    lease.finish(first.id, "failed", "diverged", "At step 3 ...")
    page = visit("degradation", lang="zh", runs=runs[0].group)
    shown = " ".join(bar.proto.text for bar in page.get("progress"))
    assert text.say("zh", "lab.failed_diverged") in shown


def test_a_gpu_offers_the_papers_networks(visit: Visit, laboratory: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ui_lab, "has_cuda", lambda: True)
    page = visit("degradation", preset="cifar-he")
    sound(next(b for b in page.button if b.label == text.say("en", "degradation.train")).click().run())
    configs = [run.config for run in laboratory.store.runs(group=group_of(page))]
    assert [config.network for config in configs] == [
        "cifar-plain20",
        "cifar-resnet20",
        "cifar-plain56",
        "cifar-resnet56",
    ]
    assert {config.steps for config in configs} == {64_000}


def test_the_live_view_settles_when_the_runs_are_done(visit: Visit, laboratory: Here) -> None:
    started = time.monotonic()
    page = visit("degradation", shallow="8", deep="14", steps="60")
    sound(next(b for b in page.button if b.label == text.say("en", "degradation.train")).click().run())
    assert page.session_state["_live"] is True
    laboratory.train_all()
    sound(page.run())
    assert page.session_state["_live"] is False
    assert time.monotonic() - started < 120
