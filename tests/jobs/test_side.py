"""Side tasks: joined, bounded, stopped at once, noticed when killed, and nothing of the weights on the disk."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from explorer.errors import ExplorerError
from explorer.jobs import side
from explorer.jobs.side import Progress

PATIENCE = 120.0
TASK = {
    "network": "lenet5",
    "classes": 10,
    "options": [],
    "shape": [1, 28, 28],
    "mean": [0.0],
    "std": [255.0],
}
DREAM = {
    **TASK,
    "kind": "dream",
    "settings": {"objective": "channel", "layer": "a3", "index": 1, "steps": 6, "enlarge": 1},
}
LONG = {**DREAM, "settings": {**DREAM["settings"], "steps": 100_000, "enlarge": 4}}  # type: ignore[dict-item]


@pytest.fixture(autouse=True)
def _place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A data directory of this test's own, where nothing runs on afterwards."""
    monkeypatch.setenv("CONVNET_ATLAS_DATA", str(tmp_path))
    yield
    for place in (tmp_path / "cache" / "units").glob("*"):
        side.stop(place.name)
        until(lambda name=place.name: not side.look(name).is_open)  # type: ignore[misc]


def until(true: Callable[[], object], seconds: float = PATIENCE) -> float:
    """Wait; returns how long it took."""
    begun = time.monotonic()
    while not true():
        assert time.monotonic() - begun < seconds, "waited in vain"
        time.sleep(0.02)
    return time.monotonic() - begun


@pytest.fixture(scope="module")
def weights() -> bytes:
    """A LeNet-5's, as they go to the process."""
    import torch
    from safetensors.torch import save

    from explorer.networks import network

    spec = network("lenet5")
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(0)
        return save(spec.build(classes=10, **spec.options()).state_dict())


def begun(task: dict[str, object], weights: bytes) -> str:
    key = side.key_of(task, "these")
    side.start(key, task, lambda: weights)
    return key


def test_a_task_leaves_its_frames_and_nothing_of_the_weights(weights: bytes, tmp_path: Path) -> None:
    key = begun(DREAM, weights)
    assert side.look(key).is_open
    until(lambda: not side.look(key).is_open)
    ended = side.look(key)
    assert (ended.state, ended.done, ended.total, len(ended.values)) == ("done", 6, 6, 7), ended
    files = sorted(path.name for path in side.folder(key).iterdir())
    assert files[-1] == "progress.json"
    assert {name.partition("-")[0] for name in files[:-1]} == {"frame", "frame.png"}
    assert sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) < len(weights) / 2
    before = (side.folder(key) / "progress.json").stat().st_mtime_ns
    side.start(key, DREAM, lambda: pytest.fail("it is there already"))
    assert (side.folder(key) / "progress.json").stat().st_mtime_ns == before


def test_patches_come_back_as_they_were_found(weights: bytes) -> None:
    import numpy as np

    task = {**TASK, "kind": "patches", "layer": "a3", "dataset": "digits28", "pictures": 64, "keep": 3}
    key = begun(task, weights)
    until(lambda: not side.look(key).is_open)
    assert side.look(key).state == "done", side.look(key)
    with np.load(side.folder(key) / "result.npz") as found:
        assert found["pictures"].shape == (16, 3)
        assert int(found["seen"]) == 64


def test_two_who_ask_share_a_process_and_stop_acts_within_a_second(weights: bytes) -> None:
    key = begun(LONG, weights)
    until(lambda: side.look(key).done > 1)
    pid = side.look(key).pid
    side.start(key, LONG, lambda: pytest.fail("one process is enough"))
    assert side.look(key).pid == pid
    side.stop(key)
    assert until(lambda: not side.look(key).is_open) < 1.5
    assert side.look(key).state == "stopped"
    assert (side.folder(key) / "frame.png").exists()
    until(lambda: _is_gone(pid))


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no signals here")
def test_a_killed_process_is_noticed_and_can_be_started_again(weights: bytes) -> None:
    key = begun(LONG, weights)
    until(lambda: side.look(key).done > 1)
    os.kill(side.look(key).pid, signal.SIGKILL)
    assert until(lambda: not side.look(key).is_open) < 5
    assert side.look(key).state == "lost"
    begun(LONG, weights)
    assert side.look(key).is_open


def test_silence_is_noticed_without_whoever_started_it() -> None:
    key = side.key_of(DREAM, "others")
    side.write(key, Progress("running", 3, 6))
    path = side.folder(key) / "progress.json"
    written = json.loads(path.read_text())
    path.write_text(json.dumps({**written, "beat": time.time() - 60}))
    assert side.look(key).state == "lost"


def test_a_task_beyond_the_bound_waits_and_can_be_stopped(weights: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side, "_slots", threading.BoundedSemaphore(1))
    assert side._slots.acquire(timeout=1)
    try:
        key = begun(DREAM, weights)
        time.sleep(0.8)
        assert side.look(key).state == "waiting"
        side.stop(key)
        until(lambda: side.look(key).state == "stopped", 3)
    finally:
        side._slots.release()


def test_what_cannot_be_done_is_said_in_a_sentence(weights: bytes) -> None:
    settings = {"objective": "channel", "layer": "a3", "index": 99, "steps": 2}
    key = begun({**DREAM, "settings": settings}, weights)
    until(lambda: not side.look(key).is_open)
    assert side.look(key).state == "failed"
    assert side.look(key).detail == "There is no channel 99: choose 0 to 15."


def test_the_oldest_results_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [side.key_of({"number": number}, "x") for number in range(4)]
    for age, key in enumerate(keys):
        side.write(key, Progress("done"))
        (side.folder(key) / "result.npz").write_bytes(bytes(1000))
        for path in side.folder(key).iterdir():
            os.utime(path, (time.time() - 1000 + age, time.time() - 1000 + age))
    monkeypatch.setattr(side, "KEPT_BYTES", 2_500)
    side._make_room()
    assert [side.folder(key).exists() for key in keys] == [False, False, True, True]


@pytest.mark.parametrize("key", ["", "..", "../../x", "A" * 32, "0" * 31])
def test_a_key_is_no_path(key: str) -> None:
    with pytest.raises(ExplorerError):
        side.folder(key)


def test_several_tasks_are_one() -> None:
    done, running = Progress("done", 3, 3), Progress("running", 1, 4)
    assert side.together([done, running]) == Progress("running", 4, 7)
    assert side.together([done, Progress("waiting")]).state == "waiting"
    assert side.together([done, Progress("lost")]).state == "lost"
    assert side.together([done, done]).state == "done"
    assert side.together([Progress(), Progress()]).state == "none"


def _is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False
