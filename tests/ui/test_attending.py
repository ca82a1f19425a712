"""What was queued before the server was started is trained though nobody opens a page."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.jobs import LocalExecutor, RunService, RunStore
from explorer.ui.cached import attending, runs as ui_runs
from tests.jobs.conftest import until
from tests.jobs.fake import config


def test_nobody_need_look_at_what_is_queued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path}/runs.sqlite"
    with RunStore(url) as before:
        (run,) = before.submit([config(0)])
    monkeypatch.setenv("CONVNET_ATLAS_DATA", str(tmp_path))
    with RunStore(url) as store:
        executor = LocalExecutor(store, "tests.jobs.fake:train", idle_timeout=0)
        service = RunService(store, executor)
        monkeypatch.setattr(ui_runs, "service", lambda: service)
        attending.at_launch(0).join()
        until(lambda: store.run(run.id).state == "finished")
        executor.shutdown()


def test_a_store_that_cannot_be_opened_does_not_keep_the_server_from_starting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CONVNET_ATLAS_DATA", str(tmp_path / "file"))
    ui_runs.service.clear()
    attending.at_launch(0).join()
    assert "cannot be used" in caplog.text
