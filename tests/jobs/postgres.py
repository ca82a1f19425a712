"""A PostgreSQL server of the tests' own: a temporary cluster on a free port of this machine, or one line why not."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import OperationalError

_PATIENCE = 30.0  # seconds until a server that does not start is given up
_DEBIAN = "/usr/lib/postgresql/*/bin"  # Debian leaves the server's programs out of the path
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",  # nobody cuts the power of a test
    "max_connections": "60",
    "shared_buffers": "16MB",
}


def missing() -> str:
    """What this machine lacks for a server, "" if nothing."""
    if find_spec("psycopg") is None:
        return "no psycopg"
    return "" if _program("postgres") and _program("initdb") else "no PostgreSQL"


def _program(name: str) -> str | None:
    folders = [str(folder) for folder in sorted(Path("/").glob(_DEBIAN[1:]), reverse=True)]
    return shutil.which(name, path=os.pathsep.join((*folders, os.environ.get("PATH", ""))))


def _account() -> str | None:
    """The user to run as, None for one's own: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


class Server:
    """A running server; it can be stopped and started, as an administrator does in the middle of a lecture."""

    def __init__(self, folder: Path, password: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self._folder, self._password = folder, password
        self.start()

    def url(self, database: str) -> str:
        """SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://atlas:{self._password}@127.0.0.1:{self._port}/{database}"

    @contextmanager
    def database(self) -> Iterator[str]:
        """The URL of an empty database; it is dropped with all its connections."""
        name = f"t{uuid.uuid4().hex}"
        self._do(f"CREATE DATABASE {name}")
        try:
            yield self.url(name)
        finally:
            self._do(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self) -> None:
        """Stop it without waiting for clients; returns when it is gone."""
        self._process.send_signal(signal.SIGINT)  # "fast" in PostgreSQL's words
        self._process.wait(_PATIENCE)

    def start(self) -> None:
        """Start it, with the data that it had; returns when it answers."""
        options = [f"-c{name}={value}" for name, value in _SETTINGS.items()]
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(_program("postgres")), "-D", str(self._folder / "data"), "-p", str(self._port), *options],
                stdout=log,
                stderr=log,
                cwd=self._folder,
                user=_account(),
            )
        begun = time.monotonic()
        while not self._answers():
            assert self._process.poll() is None, (self._folder / "server.log").read_text()
            assert time.monotonic() - begun < _PATIENCE
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            self._do("SELECT 1")
        except OperationalError:
            return False
        return True

    def _do(self, statement: str) -> None:
        engine: Engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()


@contextmanager
def serving() -> Iterator[Server]:
    """A server with an empty cluster in a temporary folder; both are gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="convnet-atlas-postgres-"))
    try:
        password = secrets.token_hex(16)
        (folder / "password").write_text(password, encoding="utf-8")
        if account := _account():
            for path in (folder, folder / "password"):
                shutil.chown(path, account)
        _initialise(folder, ["-U", "atlas", "-A", "scram-sha-256", f"--pwfile={folder / 'password'}", "--no-sync"])
        server = Server(folder, password)
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _initialise(folder: Path, options: Sequence[str]) -> None:
    command = [str(_program("initdb")), "-D", str(folder / "data"), "-E", "UTF8", "--locale=C", *options]
    subprocess.run(command, cwd=folder, user=_account(), check=True, capture_output=True)
