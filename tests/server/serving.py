"""A real server for tests, which writes down whom it wants to reach outside."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0  # seconds until a server that does not answer is given up

LISTENING = '''
"""Imported by every Python that is started with this folder in its path: writes down whom it wants to reach."""
import os, socket
ours = {"127.0.0.1", "localhost", "::1", None, ""}
known, connect = socket.getaddrinfo, socket.socket.connect
def note(name):
    if name not in ours:
        with open(os.environ["OUTSIDE"], "a") as file:
            file.write(f"{name}\\n")
def getaddrinfo(host, *rest, **more):
    note(host.decode() if isinstance(host, bytes) else host)
    return known(host, *rest, **more)
def connected(self, address):
    if self.family in (socket.AF_INET, socket.AF_INET6):
        note(address[0])
    return connect(self, address)
socket.getaddrinfo, socket.socket.connect = getaddrinfo, connected
'''


@dataclass(frozen=True)
class Server:
    """A server on a port of this machine, and the file that names whom it wanted to reach outside."""

    port: int
    outside: Path

    def knock(self, host: str, origin: str | None) -> int:
        """The status that a browser gets which asks for a socket; 101 is a welcome."""
        lines = [
            "GET /_stcore/stream HTTP/1.1",
            f"Host: {host.format(port=self.port)}",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
            *([f"Origin: {origin.format(port=self.port)}"] if origin is not None else []),
        ]
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as line:
            line.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
            return int(line.recv(4096).split()[1])

    def ask(self, path: str, host: str) -> int:
        """The status of an answer to somebody who asks by that name."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers={"Host": host})
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            return refused.code

    def asked_outside(self) -> str:
        return self.outside.read_text() if self.outside.exists() else ""


@contextmanager
def serving(home: Path, options: Sequence[str] = (), **variables: str) -> Iterator[Server]:
    (home / "sitecustomize.py").write_text(LISTENING)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        server = Server(free.getsockname()[1], home / "outside.txt")
    path = os.pathsep.join(filter(None, (str(home), os.environ.get("PYTHONPATH"))))
    own = {"PYTHONPATH": path, "OUTSIDE": str(server.outside), "CONVNET_ATLAS_DATA": str(home), **variables}
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={server.port}", *options]
    with (home / "server.log").open("w") as log:
        process = subprocess.Popen(
            [*command, "--server.headless=true"], cwd=ROOT, stdout=log, stderr=log, env={**os.environ, **own}
        )
    try:
        begun = time.monotonic()
        while not answers(server.port):
            assert process.poll() is None, (home / "server.log").read_text()
            assert time.monotonic() - begun < PATIENCE
            time.sleep(0.1)
        yield server
    finally:
        process.terminate()
        process.wait(30)


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
