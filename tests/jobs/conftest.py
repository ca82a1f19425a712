"""A separate run store for each test, and workers that end with the test."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from explorer.jobs import RunStore
from explorer.jobs.lease import Lease
from tests.jobs.fake import config
from tests.jobs.postgres import Server, missing, serving

ROOT = Path(__file__).parents[2]
FOUR = [config(seed) for seed in range(4)]
ON_SQLITE = pytest.mark.parametrize("url", ["sqlite"], indirect=True)  # where another database makes no difference
Start = Callable[..., "subprocess.Popen[bytes]"]
PATIENCE = 100.0  # seconds after which what should happen is taken never to: a busy machine is no fault


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server of the tests' own. In CI there is one; a person's machine may have none."""
    if lacking := missing():
        if os.environ.get("CI"):
            pytest.fail(lacking, pytrace=False)
        pytest.skip(lacking)
    with serving() as server:
        yield server


@pytest.fixture(params=("sqlite", "postgresql"))
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A store that is empty yet; the settings name it, also for processes that are started."""
    monkeypatch.setenv("CONVNET_ATLAS_DATA", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH")))))
    with ExitStack() as stack:
        if request.param == "sqlite":
            where = f"sqlite:///{tmp_path / 'runs.sqlite'}"
        else:
            where = stack.enter_context(request.getfixturevalue("postgres").database())
        monkeypatch.setenv("CONVNET_ATLAS_STORE", where)
        yield where


@pytest.fixture
def store(url: str) -> Iterator[RunStore]:
    with RunStore(url) as opened:
        yield opened


@pytest.fixture
def python(url: str) -> Iterator[Start]:
    """`python(*arguments)` starts an interpreter; what still runs at the end of the test is killed."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, *arguments], env=dict(os.environ), stderr=subprocess.DEVNULL)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def worker(python: Start) -> Callable[[], subprocess.Popen[bytes]]:
    """`worker()` starts a worker with the trainer of `tests.jobs.fake`."""
    return lambda: python("-m", "explorer.jobs.worker", "--idle-timeout", "0", "--train", "tests.jobs.fake:train")


def until(true: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait for something; fails when it does not happen."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.01)


def leased(store: RunStore) -> Lease:
    lease = Lease(store)
    assert lease.acquire()
    return lease


def running(store: RunStore, seed: int = 0) -> tuple[Lease, str]:
    """A run that a worker has claimed."""
    (run,) = store.submit([config(seed)])
    lease = leased(store)
    assert [each.id for each in lease.claim()] == [run.id]
    return lease, run.id
