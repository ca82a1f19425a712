"""Servers, a browser and a clock for the benchmarks."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, sync_playwright
from sqlalchemy import select

from explorer.jobs import RunStore
from explorer.jobs.schema import slots

ROOT = Path(__file__).parents[1]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


@contextmanager
def server(folder: Path, script: str = "app.py", data: Path | None = None) -> Iterator[str]:
    """A Streamlit server on loopback for `script` in `folder`, with nothing kept from before; yields its address.

    It keeps what it stores in an empty directory `data`, or in one of its own.
    """
    with served(folder, script, data) as (address, _):
        yield address


@contextmanager
def served(
    folder: Path, script: str = "app.py", data: Path | None = None
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The same, with its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", script, f"--server.port={port}", "--server.headless=true"]
    command += ["--server.address=127.0.0.1", "--server.fileWatcherType=none", "--browser.gatherUsageStats=false"]
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as own:
        place = str(data or own)
        env = {**os.environ, "CONVNET_ATLAS_DATA": place, "CONVNET_ATLAS_STORE": ""}
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait(address + "/_stcore/health", process)
            yield address, process
        finally:
            process.terminate()
            process.wait(10)
            _end_workers(f"sqlite:///{place}/runs.sqlite")


def _end_workers(store_url: str) -> None:
    """Workers outlive their server; these are wanted no more."""
    with RunStore(store_url) as store, store.database.reading() as connection:
        pids = connection.execute(select(slots.c.pid)).scalars().all()
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=1) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"no server at {url}")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium: $CHROMIUM, or the one on the path."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


_WATCH = """condition => {
    const shown = new Function('return ' + condition);
    addEventListener('click', click => {
        const look = now => shown() ? window.seconds = (now - click.timeStamp) / 1000 : requestAnimationFrame(look);
        window.seconds = 0;
        requestAnimationFrame(look);
    }, {capture: true, once: true});
}"""


def seconds_from_click(page: Page, target: Locator, condition: str) -> float:
    """Seconds from a click on `target` to the frame in which `condition` holds, by the browser's own clock."""
    page.evaluate(_WATCH, condition)
    target.click()
    return float(page.wait_for_function("window.seconds", timeout=120_000).json_value())


def seconds_until(page: Page, action: object, condition: str) -> float:
    """Seconds from `action()` to the animation frame in which the JavaScript `condition` holds."""
    start = time.perf_counter()
    action()  # type: ignore[operator]
    page.wait_for_function(condition, polling="raf", timeout=120_000)
    return time.perf_counter() - start
