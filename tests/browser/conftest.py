"""A real server and a real Chromium, one of each for all browser tests.

Whatever a test does, at its end nothing may have left this machine, no script may have failed, and no page may have
shown an exception.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    Request,
    ViewportSize,
    WebSocket,
    expect,
    sync_playwright,
)
from sqlalchemy import select

from explorer.jobs import RunStore
from explorer.jobs.processes import host_name
from explorer.jobs.schema import slots
from explorer.records import OPEN_STATES

ROOT = Path(__file__).parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
SCREEN: ViewportSize = {"width": 1280, "height": 720}
PATIENCE = 60_000  # milliseconds until something that should appear is taken for missing

IDLE = """() => {
    const app = document.querySelector("[data-testid=stApp]");
    return app?.dataset.testScriptState === "notRunning" && app.dataset.testConnectionState === "CONNECTED"
        && !document.querySelector("[data-testid=stSkeleton], [data-testid=stAppSkeleton]");
}"""

STILL = """async element => {
    let before = "", frames = 0;
    while (frames < 20) {
        await new Promise(requestAnimationFrame);
        const { x, y, width, height } = element.getBoundingClientRect(), now = [x, y, width, height].join();
        frames = now === before ? frames + 1 : 0;
        before = now;
    }
}"""

expect.set_options(timeout=PATIENCE)
_missing: list[str] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in _missing:
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser; without one the tests are skipped on a person's machine and fail where CI runs them."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        line = f"Browser tests need one of {', '.join(NAMES)}, or its path in the variable CHROMIUM."
        if os.environ.get("CI"):
            pytest.fail(line, pytrace=False)
        _missing.append(line)
        pytest.skip(line)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


def still(element: Locator) -> Locator:
    """An element that has kept its place for twenty frames; before, a click at a place in it may land in another."""
    element.evaluate(STILL)
    return element


@dataclass
class Visitor:
    """One browser window at the app, with everything that should not have happened to it."""

    url: str
    page: Page
    failures: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE)
        self.page.on("pageerror", self._failed)
        self.page.on("console", self._said)
        self.page.on("request", self._requested)
        self.page.on("websocket", self._requested)

    def _failed(self, error: Error) -> None:
        self.failures.append(str(error))

    def _said(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:  # something of our own that our own rules keep out
            self.failures.append(message.text)

    def _requested(self, wanted: Request | WebSocket) -> None:
        self.requests.append(wanted.url)

    def leave(self) -> None:
        """Stop watching: the page is somebody else's now."""
        self.page.remove_listener("pageerror", self._failed)
        self.page.remove_listener("console", self._said)
        self.page.remove_listener("request", self._requested)
        self.page.remove_listener("websocket", self._requested)

    def go(self, address: str) -> Page:
        """Open an address of the app and wait until it is painted; what the page asks first is skipped."""
        self.page.goto(self.url + address)
        return self.skip()

    def skip(self) -> Page:
        """Wait until a page is painted, and skip what it asks first."""
        self.settle()
        skip = self.page.locator("[class*=st-key-predict-][class*=-skip] button")
        while asked := skip.count():
            skip.first.click()
            expect(skip).to_have_count(asked - 1)
        return self.settle()

    def settle(self) -> Page:
        """Wait until the head of a page is there, or the figure that is presented, and nothing runs any more."""
        expect(self.page.locator("h1:visible, .st-key-presented").first).to_be_visible()
        self.page.wait_for_function(IDLE)
        return self.page

    def parameters(self) -> dict[str, str]:
        """The query parameters of the address bar."""
        return dict(parse_qsl(urlsplit(self.page.url).query))

    def wait_for(self, **parameters: str) -> None:
        """Wait until the address bar holds these values."""
        wanted = {name.replace("__", "."): value for name, value in parameters.items()}
        self.page.wait_for_url(lambda url: wanted.items() <= dict(parse_qsl(urlsplit(url).query)).items())
        self.settle()

    def check(self) -> None:
        """Nothing happened that should not."""
        outside = {url for url in self.requests if urlsplit(url).hostname not in {"127.0.0.1", None}}
        assert not outside, "a request left this machine"
        assert not self.failures
        assert self.page.get_by_test_id("stException").count() == 0


@dataclass(frozen=True)
class App:
    """The running app, and what its very first visitor saw."""

    url: str
    first_menu: list[str]
    first_heading: str
    first_text: str


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_stcore/health", timeout=1) as answer:
            return bool(answer.read() == b"ok")
    except OSError:
        return False


@pytest.fixture(scope="session")
def tab(chromium: Browser) -> Iterator[Page]:
    """A page that is used again and again: what it has compiled stays, and a visit takes half the time.

    Every visit is a session of its own all the same.
    """
    context = chromium.new_context(**_settings("en-US"))
    yield context.new_page()
    context.close()


def _settings(locale: str) -> dict[str, Any]:
    return {"locale": locale, "viewport": SCREEN, "color_scheme": "light", "reduced_motion": "reduce"}


@pytest.fixture(scope="session")
def app(tab: Page, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """A fresh server on a port of its own. Its very first request is a deep link, so that a test can look at it."""
    home = tmp_path_factory.mktemp("server")
    port, log = _free_port(), home / "server.log"
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}"]
    options = ["--server.address=127.0.0.1", "--server.headless=true", "--server.fileWatcherType=none"]
    store = f"sqlite:///{home / 'runs.sqlite'}"
    env = {**os.environ, "CONVNET_ATLAS_DATA": str(home), "CONVNET_ATLAS_STORE": store}
    with log.open("w") as out:
        server = subprocess.Popen([*command, *options], cwd=ROOT, stdout=out, stderr=subprocess.STDOUT, env=env)
    try:
        deadline = time.monotonic() + PATIENCE / 1000
        while not _healthy(url):
            assert time.monotonic() < deadline, log.read_text()
            with suppress(subprocess.TimeoutExpired):
                assert server.wait(0.05) is None, log.read_text()
        yield _first_visit(tab, url)
    finally:
        server.terminate()
        server.wait(30)
        _end_workers(store)
    assert "Traceback" not in log.read_text(), log.read_text()[-5000:]


def _end_workers(url: str) -> None:
    """Workers outlive their server: nothing is left for one that still starts, and those that work are ended."""
    with RunStore(url) as store:
        store.request_stop([run.id for run in store.runs(states=OPEN_STATES)])
        with store.database.reading() as connection:
            ours = connection.execute(select(slots.c.pid).where(slots.c.host == host_name())).scalars().all()
    for pid in ours:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _first_visit(tab: Page, url: str) -> App:
    first = Visitor(url, tab)
    page = first.go("/pipeline?net=vgg16&level=stage")
    menu = page.get_by_test_id("stSidebarNavLink").all_inner_texts()
    heading, text = page.locator("h1").inner_text(), page.get_by_test_id("stMain").inner_text()
    first.leave()
    return App(url, [entry.split("\n")[-1] for entry in menu], heading, text)


@pytest.fixture
def visitor(tab: Page, app: App) -> Iterator[Visitor]:
    """A visitor with an English browser and a window of 1280 x 720 pixels, checked when the test is over."""
    tab.set_viewport_size(SCREEN)
    tab.emulate_media(color_scheme="light")
    one = Visitor(app.url, tab)
    yield one
    one.leave()
    one.check()


@pytest.fixture
def stranger(chromium: Browser, app: App) -> Iterator[Callable[[str], Visitor]]:
    """`stranger(locale)`: somebody else, with a browser that has never been here, checked when the test is over."""
    contexts: list[BrowserContext] = []
    visitors: list[Visitor] = []

    def arrive(locale: str) -> Visitor:
        contexts.append(chromium.new_context(**_settings(locale)))
        visitors.append(Visitor(app.url, contexts[-1].new_page()))
        return visitors[-1]

    yield arrive
    for each in visitors:
        each.check()
    for context in contexts:
        context.close()
