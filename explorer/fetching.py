"""Fetching files that are known by their checksum, so that a cut or damaged download never looks like a whole one."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from explorer.errors import DatasetError, ExplorerError

_BLOCK, _TIMEOUT, _ATTEMPTS = 64 * 1024, 15.0, 5
_HTTP_PARTIAL, _HTTP_RANGE = 206, 416

_Grown = Callable[[int], None]

Progress = Callable[[int, int], None]
"""Called as (bytes done, bytes in all) while a download runs; bytes done never exceed bytes in all."""


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file as its publisher declares it: name, size in bytes (roughly, where the server tells it), and either its
    MD5 or the first digits of its SHA-256."""

    name: str
    md5: str = ""
    size: int = 0
    sha256: str = field(default="", kw_only=True)

    def is_whole(self, path: Path) -> bool:
        """Whether a file has the checksum."""
        kind, digits = ("md5", self.md5) if self.md5 else ("sha256", self.sha256)
        with path.open("rb") as file:
            found = hashlib.file_digest(file, lambda: hashlib.new(kind, usedforsecurity=False)).hexdigest()
        return bool(digits) and found.startswith(digits)


def download(files: Sequence[RemoteFile], servers: Sequence[str], folder: Path, progress: Progress) -> None:
    """Have all `files` in `folder`, each whole and with its checksum.

    `servers` are base URLs, tried in turn. What was fetched before, by this call or an earlier one, is not fetched
    again; a file grows under a `.part` name. Raises `DatasetError` when no server gave a file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    total, before = sum(file.size for file in files), 0

    def grown(done: int) -> None:
        progress(min(before + done, total), total)

    for file in files:
        _have(file, servers, folder, grown)
        before += file.size
        grown(0)


def _have(file: RemoteFile, servers: Sequence[str], folder: Path, progress: _Grown) -> None:
    target, part = folder / file.name, folder / f"{file.name}.part"
    if target.is_file() and file.is_whole(target):
        return
    failures = []
    for server in servers:
        for _ in range(_ATTEMPTS):
            had = _size(part)
            try:
                _stream(server + file.name, part, file.size, progress)
            except (OSError, HTTPException) as error:
                failures.append(f"{server} ({error or type(error).__name__})")
                if _size(part) > had:
                    continue  # cut on the way: the same server can give the rest
                break
            if file.is_whole(part):
                part.replace(target)
                return
            part.unlink()
            failures.append(f"{server} (wrong checksum)")
            if had == 0:
                break  # damaged though it came in one piece: this server has another file
    tried = ", ".join(dict.fromkeys(failures))
    raise DatasetError(
        f"{file.name} could not be downloaded; tried {tried}. Connect to the internet and "
        "try again: what has arrived is kept. Or put a Parquet file or a folder of images into the data directory.",
        "not_downloaded",
        file=file.name,
        tried=tried,
    )


def _stream(url: str, part: Path, size: int, progress: _Grown) -> None:
    """Append to `part` what is missing. Raises `OSError` or `HTTPException`, also when the connection ends early."""
    had = _size(part)
    request = Request(url, headers={"Range": f"bytes={had}-"} if had else {})
    try:
        answer = urlopen(request, timeout=_TIMEOUT)
    except HTTPError as error:
        error.close()
        if error.code == _HTTP_RANGE:  # nothing after what we have: it is whole, or it is another file
            return
        raise
    with answer, part.open("ab") as file:
        resumed = answer.status == _HTTP_PARTIAL and answer.headers.get("Content-Range", "").startswith(f"bytes {had}-")
        if not resumed:
            file.truncate(0)
        done = had if resumed else 0
        length = answer.headers.get("Content-Length")
        expected = done + int(length) if length else size
        while block := answer.read(_BLOCK):
            file.write(block)
            done += len(block)
            progress(done)
    if done < expected:
        raise ConnectionError(f"cut after {done} of {expected} bytes")


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


# --- beside whoever waits for it --------------------------------------------------------------------------------------

Get = Callable[[Progress], None]
"""Fetches something, reporting on the way. Raises `ExplorerError`."""


@dataclass(slots=True)
class Download:
    """A download that one visitor started and all who wait for the same thing watch. `done` is a share from 0 to 1."""

    get: Get
    done: float = 0.0
    problem: ExplorerError | None = None
    over: bool = False

    def work(self) -> None:
        """Fetch, in a thread of its own."""
        try:
            self.get(self._grown)
        except ExplorerError as problem:
            self.problem = problem
        except Exception as error:  # whatever it is, whoever waits must learn of it
            self.problem = ExplorerError(f"The download ended with {type(error).__name__}: {error}")
        finally:
            self.over = True

    def _grown(self, done: int, total: int) -> None:
        self.done = done / max(total, 1)


_lock = threading.Lock()
_downloads: dict[str, Download] = {}
"""By the name of the file, or of the data set."""


def known(name: str) -> Download | None:
    """The last download of that name in this process, None before the first."""
    return _downloads.get(name)


def start(name: str, get: Get) -> None:
    """Fetch something in a thread, unless that goes on already."""
    with _lock:
        last = _downloads.get(name)
        if last is None or last.over:
            _downloads[name] = Download(get)
            threading.Thread(target=_downloads[name].work, name=f"fetch-{name}", daemon=True).start()
