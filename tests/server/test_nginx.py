"""The way into a class by nginx: what `docs/nginx.conf` says, tried with nginx itself, TLS and a real browser."""

from __future__ import annotations

import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import pytest
from playwright.sync_api import ConsoleMessage, Error, sync_playwright
from websockets.exceptions import InvalidStatus

from explorer.ui.shell.session import VISITOR
from tests.server.client import PATIENCE, ask, client
from tests.server.serving import ROOT, serving

CONF, README = ROOT / "docs" / "nginx.conf", ROOT / "README.md"
NAME = "atlas.localhost"  # a browser takes it for this machine without being told
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
MAIN = """
daemon off;
{user}
pid {home}/nginx.pid;
error_log {home}/nginx.log;
events {{ worker_connections 768; }}
http {{
    include {home}/mime.types;
    access_log off;
    client_body_temp_path {home}/body;
    proxy_temp_path {home}/proxy;
    fastcgi_temp_path {home}/f;
    uwsgi_temp_path {home}/u;
    scgi_temp_path {home}/s;
    include {home}/site.conf;
}}
"""


@dataclass(frozen=True)
class Way:
    """The ports that nginx listens on, and what trusts its certificate."""

    plain: int
    secure: int
    tls: ssl.SSLContext


def free_ports(count: int) -> list[int]:
    """Ports that nobody has, all different."""
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    found = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return found


def configured(text: str, changes: dict[str, str]) -> str:
    """The configuration as it ships, with what a school has to change, and ports that anybody may open."""
    for known, own in changes.items():
        assert known in text, known
        text = text.replace(known, own)
    return text


@pytest.fixture(scope="module")
def way(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Way]:
    nginx, openssl = shutil.which("nginx") or shutil.which("/usr/sbin/nginx"), shutil.which("openssl")
    if not nginx or not openssl:
        if os.environ.get("CI"):
            pytest.fail("nginx and openssl are needed to try the way into a class.", pytrace=False)
        pytest.skip("nginx and openssl are needed to try the way into a class.")
    home = tmp_path_factory.mktemp("nginx")
    plain, secure = free_ports(2)
    subject = ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}", "-days", "1"]
    made = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", *subject]
    made += ["-keyout", str(home / "atlas.key"), "-out", str(home / "atlas.pem")]
    subprocess.run(made, check=True, capture_output=True)
    (home / "mime.types").write_text("types { text/html html; }")
    server = tmp_path_factory.mktemp("server")
    hosts = {"STREAMLIT_SERVER_ALLOWED_HOSTS": f"{NAME} 127.0.0.1"}
    with serving(server, CONVNET_ATLAS_CLASS="train", **hosts) as app:
        changes = {
            "listen 80;": f"listen 127.0.0.1:{plain};",
            "listen 443 ssl;": f"listen 127.0.0.1:{secure} ssl;",
            "atlas.school.example": NAME,
            "/etc/ssl/certs/atlas.pem": str(home / "atlas.pem"),
            "/etc/ssl/private/atlas.key": str(home / "atlas.key"),
            "127.0.0.1:8501": f"127.0.0.1:{app.port}",
        }
        (home / "site.conf").write_text(configured(CONF.read_text(encoding="utf-8"), changes))
        user = "user root;" if os.geteuid() == 0 else ""
        (home / "main.conf").write_text(MAIN.format(home=home, user=user))
        command = [nginx, "-p", str(home), "-e", str(home / "nginx.log"), "-c", str(home / "main.conf")]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            begun = time.monotonic()
            while not listening(secure):
                assert process.poll() is None, (home / "nginx.log").read_text()
                assert time.monotonic() - begun < PATIENCE
                time.sleep(0.05)
            yield Way(plain, secure, ssl.create_default_context(cafile=str(home / "atlas.pem")))
        finally:
            process.terminate()
            process.wait(30)


def listening(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def test_pages_come_by_tls_alone_with_headers_and_a_cookie_for_it(way: Way) -> None:
    moved = ask(way.plain, NAME, None, "GET", "/runs?lang=zh")
    assert moved.status == 301
    assert f"Location: https://{NAME}/runs?lang=zh" in moved.headers
    page = ask(way.secure, NAME, way.tls, "GET", "/")
    assert page.status == 200
    cookie = next(line for line in page.headers.splitlines() if VISITOR in line)
    assert {"HttpOnly", "SameSite=Lax", "Secure"} <= set(cookie.split("; "))
    assert "Strict-Transport-Security: max-age=" in page.headers
    policies = re.findall(r"(?m)^Content-Security-Policy: (.*)$", page.headers, re.IGNORECASE)
    assert len(policies) == 2, "that of nginx, and the app's own"
    assert any("default-src 'self'" in policy for policy in policies)
    assert any("frame-ancestors 'self'" in policy for policy in policies)
    assert ask(way.secure, NAME, way.tls, "GET", "/_stcore/metrics").status == 404
    assert ask(way.secure, NAME, way.tls, "GET", "/", None, {"Host": "evil.example"}).status == 403


def test_a_socket_opens_for_pages_of_that_name_and_a_file_of_many_megabytes_arrives(way: Way) -> None:
    own = f"https://{NAME}:{way.secure}"
    with client(way.secure, "a-visitor", NAME, way.tls, own) as one:
        one.open("maps", "lang=en&pic=upload")
        assert one.put(14) == 204
        assert one.put(31, "2") == 413
    with (
        pytest.raises(InvalidStatus) as refused,
        client(way.secure, "a-visitor", NAME, way.tls, "https://evil.example"),
    ):
        pass
    assert refused.value.response.status_code == 403


@pytest.mark.skipif(CHROMIUM is None, reason="needs a browser")
def test_no_page_wants_what_the_policy_forbids(way: Way) -> None:
    forbidden: list[str] = []
    outside: list[str] = []

    def said(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            forbidden.append(message.text)

    def failed(error: Error) -> None:
        forbidden.append(str(error))

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_context(ignore_https_errors=True, locale="en-US").new_page()
        page.set_default_timeout(1000 * PATIENCE)
        page.on("console", said)
        page.on("pageerror", failed)
        page.on("request", lambda one: outside.append(one.url) if NAME not in one.url.split("/")[2] else None)
        for address in ("/pipeline?net=vgg16", "/maps", "/convolution", "/runs", "/lenet", "/feeding"):
            page.goto(f"https://{NAME}:{way.secure}{address}")
            page.locator("h1:visible").first.wait_for()
            app = page.locator('[data-testid=stApp][data-test-script-state="notRunning"]')
            app.wait_for()
        browser.close()
    assert not forbidden
    assert not [url for url in outside if not url.startswith(("data:", "blob:"))]


def test_the_readme_names_this_file_and_the_settings() -> None:
    words = README.read_text(encoding="utf-8")
    named = ("docs/nginx.conf", "allowedHosts", "ulimit -n", "CONVNET_ATLAS_CLASS", "CONVNET_ATLAS_LECTURER_KEY")
    assert not [name for name in (*named, "CONVNET_ATLAS_LIMITS") if name not in words]
