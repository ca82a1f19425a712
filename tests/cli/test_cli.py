"""The command line: trains through the run store, follows what is open, and says what is wrong in one sentence."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from explorer import cli
from explorer.cli import summaries
from explorer.cli.train import train
from explorer.jobs import LocalExecutor, RunService, RunStore
from explorer.training.parsing import configurations
from tests.jobs.conftest import ROOT, until
from tests.jobs.fake import config, undisturbed

QUICK = ["train", "digits", "steps=30", "option.depth=8"]


@pytest.fixture
def service(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunService]:
    """The service that commands find, with the trainer of tests."""
    executor = LocalExecutor(store, train="tests.jobs.fake:train", idle_timeout=0)
    monkeypatch.setattr(RunService, "default", lambda: RunService(store, executor))
    yield RunService(store, executor)
    executor.shutdown()


def test_runs_are_trained_and_followed_to_their_end(service: RunService, capsys: pytest.CaptureFixture[str]) -> None:
    configs = [config(0), config(1, fails=15)]
    fine, failed = train(configs)
    assert (fine.state, failed.state, failed.detail) == ("finished", "failed", "ValueError: no such thing")
    assert fine.points == undisturbed(configs[0])
    assert fine.weights.startswith(b"weights")
    assert "100/100" in capsys.readouterr().err


def test_an_experiment_is_trained_by_its_name(service: RunService, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(QUICK) == 0
    runs = service.runs()
    assert tuple(run.config for run in runs) == configurations("digits", ["steps=30", "option.depth=8"])
    said = capsys.readouterr().out
    assert said.count("finished at step 30") == len(runs) == 2


def test_what_is_open_is_followed(service: RunService, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["follow"]) == 0
    assert "No run waits or runs." in capsys.readouterr().out
    (one,) = service.start([config(2, steps=40)])
    assert cli.main(["follow"]) == 0
    assert service.run(one.id).state == "finished"
    assert cli.main(["follow", one.id]) == 0
    (bad,) = service.start([config(3, steps=40, fails=5)])
    assert cli.main(["follow", bad.id]) == 1
    capsys.readouterr()
    assert cli.main(["follow", "nothing"]) == 2
    assert "There is no run 'nothing'" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["train", "digits", "colour=blue"], ["train", "digits", "lr=fast"]])
def test_nonsense_is_one_sentence(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(words) == 2
    said = capsys.readouterr().err
    assert words[2].partition("=")[0] in said
    assert "Traceback" not in said


def test_an_interrupt_stops_the_runs(service: RunService) -> None:
    # A process in the background of a shell script is started with SIGINT ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)

    def press() -> None:
        until(lambda: any(run.step > 5 for run in service.runs()))
        os.kill(os.getpid(), signal.SIGINT)

    pressing = threading.Thread(target=press)
    pressing.start()
    try:
        (run,) = train([config(0, steps=100_000, pause=0.01)])
    finally:
        signal.signal(signal.SIGINT, before)
    pressing.join()
    assert run.state == "stopped"
    assert run.points == undisturbed(config(0, steps=run.points[-1].step))


def test_the_summaries_are_brought_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    monkeypatch.setattr(summaries.summaries, "bring_up_to_date", lambda: done.append("written"))
    assert cli.main(["summaries"]) == 0
    assert done == ["written"]


def test_it_is_a_program() -> None:
    help_of = (sys.executable, "-m", "explorer", "train", "--help")
    done = subprocess.run(help_of, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "python -m explorer train digits" in done.stdout
