"""Download files with known checksums; interrupted downloads are resumed, damaged ones detected."""

from __future__ import annotations

import hashlib
import shutil
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from explorer.errors import DatasetError, ExplorerError, NotAllowed
from explorer.rights import MACHINE, Visitor, check, limits

_BLOCK, _TIMEOUT, _ATTEMPTS = 64 * 1024, 15.0, 5
_HTTP_PARTIAL, _HTTP_RANGE = 206, 416

_FREE = 10**9  # bytes that stay free on the disk, for the run store

_FileProgress = Callable[[int], None]

Progress = Callable[[int, int], None]
"""Called as progress(bytes done, total bytes) during a download; bytes done never exceed the total."""


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file to download: name, size in bytes (approximate where the server sends it), and either its MD5 or the first
    digits of its SHA-256."""

    name: str
    md5: str = ""
    size: int = 0
    sha256: str = field(default="", kw_only=True)

    def is_whole(self, path: Path) -> bool:
        """Whether a local file has the checksum."""
        kind, digits = ("md5", self.md5) if self.md5 else ("sha256", self.sha256)
        with path.open("rb") as file:
            actual = hashlib.file_digest(file, lambda: hashlib.new(kind, usedforsecurity=False)).hexdigest()
        return bool(digits) and actual.startswith(digits)


def download(files: Sequence[RemoteFile], servers: Sequence[str], folder: Path, progress: Progress) -> None:
    """Download `files` into `folder` and verify their checksums.

    `servers` are base URLs, tried in turn. What was downloaded before, by this call or an earlier one, is not
    downloaded again; an incomplete file has the suffix `.part`. Raises `DatasetError` when no server provides a file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    total, before = sum(file.size for file in files), 0

    def report(done: int) -> None:
        progress(min(before + done, total), total)

    for file in files:
        _download_one(file, servers, folder, report)
        before += file.size
        report(0)


def _download_one(file: RemoteFile, servers: Sequence[str], folder: Path, progress: _FileProgress) -> None:
    target, part = folder / file.name, folder / f"{file.name}.part"
    if target.is_file() and file.is_whole(target):
        return
    failures = []
    for server in servers:
        for _ in range(_ATTEMPTS):
            size_before = _size(part)
            try:
                _stream(server + file.name, part, file.size, progress)
            except (OSError, HTTPException) as error:
                failures.append(f"{server} ({error or type(error).__name__})")
                if _size(part) > size_before:
                    continue  # interrupted: the same server may provide the rest
                break
            if file.is_whole(part):
                part.replace(target)
                return
            part.unlink()
            failures.append(f"{server} (wrong checksum)")
            if size_before == 0:
                break  # damaged though it came in one piece: this server has a different file
    tried = ", ".join(dict.fromkeys(failures))
    raise DatasetError(
        f"{file.name} could not be downloaded; tried {tried}. Connect to the internet and "
        "try again: what has arrived is kept. Or put a Parquet file or a folder of images into the data directory.",
        "not_downloaded",
        file=file.name,
        tried=tried,
    )


def _stream(url: str, part: Path, size: int, progress: _FileProgress) -> None:
    """Append the missing bytes to `part`. Raises `OSError` or `HTTPException`, also when the connection ends early."""
    start = _size(part)
    request = Request(url, headers={"Range": f"bytes={start}-"} if start else {})
    try:
        response = urlopen(request, timeout=_TIMEOUT)
    except HTTPError as error:
        error.close()
        if error.code == _HTTP_RANGE:  # no bytes after `start`: the part is complete, or another file
            return
        raise
    with response, part.open("ab") as file:
        content_range = response.headers.get("Content-Range", "")
        resumed = response.status == _HTTP_PARTIAL and content_range.startswith(f"bytes {start}-")
        if not resumed:
            file.truncate(0)
        done = start if resumed else 0
        length = response.headers.get("Content-Length")
        expected = done + int(length) if length else size
        while block := response.read(_BLOCK):
            file.write(block)
            done += len(block)
            progress(done)
    if done < expected:
        raise ConnectionError(f"cut after {done} of {expected} bytes")


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


# --- downloads in the background --------------------------------------------------------------------------------------

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


def start(name: str, get: Get, size: int, folder: Path, visitor: Visitor = MACHINE) -> None:
    """Fetch `size` bytes in a thread, unless that goes on already; one thing at a time.

    Raises `NotAllowed` where visitors may not, while something else is fetched, and where `folder`, in which what was
    fetched is kept, or its disk would become too full.
    """
    check(visitor, "fetch")
    with _lock:
        last = _downloads.get(name)
        if last is None or last.over:
            if any(not each.over for each in _downloads.values()):
                raise NotAllowed("Something else is being fetched.", "busy")
            _check_disk(size, folder)
            _downloads[name] = Download(get)
            threading.Thread(target=_downloads[name].work, name=f"fetch-{name}", daemon=True).start()


def _check_disk(size: int, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    kept = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    most = limits().fetch_gb
    if kept + size > most * 10**9:
        raise NotAllowed(f"At most {most} GB of fetched files are kept.", "fetched", most=most)
    if shutil.disk_usage(folder).free < size + _FREE:
        raise NotAllowed("The disk is too full.", "disk", size=f"{size / 10**6:,.0f}")
