"""A real server and a real Chromium, one of each for all browser tests.

Whatever a test does, at its end nothing may have left this machine, no script may have failed, and no page may have
shown an exception.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

ROOT = Path(__file__).parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
PATIENCE = 60_000  # milliseconds until something that should appear is taken for missing

IDLE = """() => {
    const app = document.querySelector("[data-testid=stApp]");
    return app?.dataset.testScriptState === "notRunning" && app.dataset.testConnectionState === "CONNECTED"
        && !document.querySelector("[data-testid=stSkeleton], [data-testid=stAppSkeleton]");
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
        assert not os.environ.get("CI"), line
        _missing.append(line)
        pytest.skip(line)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Visitor:
    """One browser window at the app, with everything that should not have happened to it."""

    url: str
    page: Page
    failures: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.failures.append(f"script: {error}"))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("websocket", lambda socket: self.requests.append(socket.url))
        self.page.set_default_timeout(PATIENCE)

    def go(self, address: str) -> Page:
        """Open an address of the app and wait until it is painted."""
        self.page.goto(self.url + address)
        return self.settle()

    def settle(self) -> Page:
        """Wait until the head of a page is there and nothing runs any more."""
        expect(self.page.locator("h1")).to_be_visible()
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
def app(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """A fresh server on a port of its own. Its very first request is a deep link, so that a test can look at it."""
    port, log = _free_port(), tmp_path_factory.mktemp("server") / "server.log"
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}"]
    options = ["--server.address=127.0.0.1", "--server.headless=true", "--server.fileWatcherType=none"]
    with log.open("w") as out:
        server = subprocess.Popen([*command, *options], cwd=ROOT, stdout=out, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + PATIENCE / 1000
        while not _healthy(url):
            assert time.monotonic() < deadline, log.read_text()
            with suppress(subprocess.TimeoutExpired):
                assert server.wait(0.05) is None, log.read_text()
        yield _first_visit(chromium, url)
    finally:
        server.terminate()
        server.wait(30)
    assert "Traceback" not in log.read_text(), log.read_text()[-5000:]


def _first_visit(chromium: Browser, url: str) -> App:
    context = chromium.new_context(locale="en-US")
    page = Visitor(url, context.new_page()).go("/pipeline?net=vgg16&level=stage")
    menu = page.get_by_test_id("stSidebarNavLink").all_inner_texts()
    heading, text = page.locator("h1").inner_text(), page.get_by_test_id("stMain").inner_text()
    context.close()
    return App(url, [entry.split("\n")[-1] for entry in menu], heading, text)


@pytest.fixture
def window(chromium: Browser, app: App) -> Iterator[Callable[..., Visitor]]:
    """`window(**options)`: a new browser with its own cookies and session, checked when the test is over."""
    contexts: list[BrowserContext] = []
    visitors: list[Visitor] = []

    def new(width: int = 1280, height: int = 720, locale: str = "en-US", dark: bool = False) -> Visitor:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            locale=locale,
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            accept_downloads=True,
        )
        contexts.append(context)
        visitors.append(Visitor(app.url, context.new_page()))
        return visitors[-1]

    yield new
    for visitor in visitors:
        visitor.check()
    for context in contexts:
        context.close()


@pytest.fixture
def visitor(window: Callable[..., Visitor]) -> Visitor:
    """A visitor with an English browser of 1280 x 720 pixels."""
    return window()
