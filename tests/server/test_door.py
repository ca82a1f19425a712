"""A real server that is knocked at by pages of all kinds: who is let in, and that it asks nobody outside meanwhile."""

from __future__ import annotations

import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from explorer.ui.shell.session import VISITOR
from tests.server.serving import ROOT, Server, serving


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """As `make run` starts it."""
    with serving(tmp_path_factory.mktemp("server")) as one:
        yield one


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("127.0.0.1:{port}", "http://127.0.0.1:{port}", 101),
        ("localhost:{port}", "http://localhost:{port}", 101),
        ("127.0.0.1:{port}", None, 101),  # a program: no page of a browser comes without an origin
        ("evil.example:{port}", "http://evil.example:{port}", 403),  # a name that was bound to this machine
        ("evil.example:{port}", None, 403),
        ("127.0.0.1:{port}", "http://evil.example", 403),
        ("127.0.0.1:{port}", "http://evil.example:{port}", 403),
        ("127.0.0.1:{port}", "http://127.0.0.1:9", 403),  # another server on this machine
        ("127.0.0.1:{port}", "http://localhost:{port}", 403),
        ("localhost:{port}", "http://0.0.0.0:{port}", 403),
        ("127.0.0.1:{port}", "null", 403),  # a frame or a file
        ("127.0.0.1:{port}", "http://127.0.0.1:{port}.evil.example", 403),
        ("127.0.0.1:{port}", "http://user@127.0.0.1:{port}", 403),
        ("127.0.0.1:{port}", "http://[", 403),
    ],
)
def test_a_socket_is_for_pages_of_this_server(server: Server, host: str, origin: str | None, status: int) -> None:
    assert server.knock(host, origin) == status
    assert not server.asked_outside()


PATHS = ("/", "/runs", "/app/static/icon.png", "/_stcore/host-config", "/nothing/here.js")


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1.evil.example", "192.168.0.7", "a@localhost"]
)
def test_pages_and_files_are_only_for_who_asks_by_a_name_of_this_server(server: Server, host: str) -> None:
    assert {server.ask(path, host.format(port=server.port)) for path in PATHS} == {403}
    assert server.ask("/_stcore/health", host) == 200


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "localhost:{port}", "LOCALHOST", "[::1]:{port}"])
def test_this_machine_is_answered(server: Server, host: str) -> None:
    assert {server.ask(path, host.format(port=server.port)) for path in PATHS} == {200}


def test_every_answer_tells_the_browser_what_it_may_do(server: Server) -> None:
    for path in ("/", "/runs", "/_stcore/health", "/app/static/icon.png"):
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}") as answer:
            policy = answer.headers["Content-Security-Policy"]
            assert "frame-ancestors 'self'" in policy
            assert "img-src 'self' data: blob:" in policy
            assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert not server.asked_outside()


@pytest.mark.parametrize("way", ["option", "variable"])
def test_a_class_comes_by_the_name_that_the_server_was_given(tmp_path: Path, way: str) -> None:
    options = ["--server.allowedHosts=atlas.school.example", "--server.allowedHosts=127.0.0.1"]
    variables = {"STREAMLIT_SERVER_ALLOWED_HOSTS": "atlas.school.example 127.0.0.1"}
    with serving(tmp_path, options if way == "option" else (), **(variables if way == "variable" else {})) as server:
        assert server.knock("atlas.school.example", "https://atlas.school.example") == 101
        assert server.knock("127.0.0.1:{port}", "http://127.0.0.1:{port}") == 101
        assert server.knock("localhost:{port}", "http://localhost:{port}") == 403
        assert server.knock("atlas.school.example", "https://evil.example") == 403
        for host, status in (("atlas.school.example", 200), ("localhost", 200), ("other.school.example", 403)):
            assert server.ask("/", host) == server.ask("/app/static/icon.png", host) == status
        assert not server.asked_outside()


def test_a_page_from_elsewhere_may_be_let_in_and_nobody_is_asked_about_it(tmp_path: Path) -> None:
    """Behind a proxy that changes the name of the host."""
    with serving(tmp_path, ["--server.corsAllowedOrigins=https://atlas.school.example"]) as server:
        assert server.knock("127.0.0.1:{port}", "https://atlas.school.example") == 101
        assert server.knock("127.0.0.1:{port}", "https://evil.example") == 403
        assert server.asked_outside() in ("", "8.8.8.8\n"), "its address among its neighbours: nothing is sent for that"


def test_a_server_for_all_addresses_asks_nobody_for_its_own() -> None:
    """What it prints when it starts; nothing is bound to such an address here."""
    code = """
from streamlit import config, net_util
from streamlit.web import bootstrap
net_util._make_blocking_http_get = lambda url, timeout: print("asked", url)
config.set_option("server.address", "0.0.0.0", "command line")
config.set_option("server.headless", True, "command line")
bootstrap._print_url(False)
"""
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "http://127.0.0.1" in said
    assert "asked" not in said


def test_a_browser_is_known_again_by_a_cookie_that_no_script_can_read(server: Server) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/") as answer:
        cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"{VISITOR}=")
    assert len(cookie.partition("=")[2].partition(";")[0]) >= 32
    assert {"HttpOnly", "SameSite=Lax"} <= set(cookie.split("; "))
    again = urllib.request.Request(f"http://127.0.0.1:{server.port}/", headers={"Cookie": cookie.partition(";")[0]})
    with urllib.request.urlopen(again) as answer:
        assert answer.headers["Set-Cookie"] is None, "who has one keeps it"
