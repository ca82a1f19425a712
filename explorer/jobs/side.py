"""Side tasks: what takes seconds to minutes on a page, in a process of its own, with its result kept on disk.

A task is a mapping of plain values with its weights as safetensors bytes; it goes to the process through its standard
input, so that no weights touch the disk. What comes back lies in `<data directory>/cache/units/<key>/`: `progress.json`
and what the task writes. Two visitors who ask for one key share one process; at most `AT_ONCE` run, others wait.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from explorer import places
from explorer.errors import ExplorerError

AT_ONCE = 2
KEPT_BYTES = 500_000_000
"""Results beyond this are dropped, the oldest first."""

OPEN = frozenset({"waiting", "running"})
_STALE_SECONDS = 30.0  # without a sign of life: a process needs some on a busy machine until its first
_ROOT = Path(__file__).parents[2]

_slots = threading.BoundedSemaphore(AT_ONCE)
_starting = threading.Lock()


@dataclass(frozen=True, slots=True)
class Progress:
    """How a task stands: "none" (never asked for), "waiting", "running", "done", "stopped", "failed", or "lost" where
    its process was killed. `values` are what the task reports on its way, `detail` the sentence of a failure."""

    state: str = "none"
    done: int = 0
    total: int = 0
    values: tuple[float, ...] = ()
    detail: str = ""
    pid: int = 0
    beat: float = field(default=0.0, compare=False)

    @property
    def is_open(self) -> bool:
        """Whether more may come."""
        return self.state in OPEN


def key_of(task: Mapping[str, Any], weights: str) -> str:
    """The name of a result: a digest of the task and of the digest of its weights."""
    return hashlib.sha256(json.dumps([dict(task), weights], sort_keys=True).encode()).hexdigest()[:32]


def folder(key: str) -> Path:
    """Where the result called `key` lies, or will lie."""
    if not re.fullmatch(r"[0-9a-f]{32}", key):
        raise ExplorerError(f"{key!r} names no side task.")
    return _home() / key


def _home() -> Path:
    return places.data_directory() / "cache" / "units"


def look(key: str) -> Progress:
    """How a task stands now."""
    try:
        found = json.loads((folder(key) / "progress.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Progress()
    progress = Progress(**{**found, "values": tuple(found["values"])})
    silent = time.time() - progress.beat > _STALE_SECONDS
    if progress.is_open and silent:
        return Progress("lost", progress.done, progress.total, progress.values)
    return progress


def together(parts: Sequence[Progress]) -> Progress:
    """Several tasks as one: open while one is, done when all are, else in the first state that is neither."""
    states = [part.state for part in parts]
    open_ones = [state for state in states if state in OPEN]
    ended = [part for part in parts if part.state not in OPEN | {"done"}]
    state = ("running" if "running" in open_ones else "waiting") if open_ones else ended[0].state if ended else "done"
    values = parts[0].values if len(parts) == 1 else ()
    done, total = sum(part.done for part in parts), sum(part.total for part in parts)
    return Progress(state, done, total, values, next((part.detail for part in ended), ""))


def write(key: str, progress: Progress) -> None:
    """Replace what is known of a task, in one step; whoever reads sees the one or the other."""
    place = folder(key)
    place.mkdir(parents=True, exist_ok=True)
    fresh = place / f".progress-{threading.get_ident()}"
    fresh.write_text(json.dumps({**asdict(progress), "beat": time.time()}), encoding="utf-8")
    fresh.replace(place / "progress.json")


def start(key: str, task: Mapping[str, Any], weights: Callable[[], bytes]) -> None:
    """Make sure that a task runs, waits, or is done; returns at once. `weights` is called when its turn has come."""
    with _starting:
        if look(key).state in OPEN | {"done"}:
            return
        shutil.rmtree(folder(key), ignore_errors=True)
        _make_room()
        write(key, Progress("waiting"))
    threading.Thread(target=_attend, args=(key, dict(task), weights), name=f"side-{key[:6]}", daemon=True).start()


def stop(key: str) -> None:
    """Ask a task to end; what it has written stays. One that is already over is left as it is."""
    if look(key).is_open:
        (folder(key) / "stop").touch()


def _attend(key: str, task: dict[str, Any], weights: Callable[[], bytes]) -> None:
    """Wait for a slot, run the process, and write down how it ended where it could not do so itself."""
    slots = _slots
    while not slots.acquire(timeout=0.5):
        if (folder(key) / "stop").exists():
            write(key, Progress("stopped"))
            return
        write(key, Progress("waiting"))
    try:
        if (folder(key) / "stop").exists():
            write(key, Progress("stopped"))
            return
        path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
        process = subprocess.Popen(
            (sys.executable, "-m", "explorer.jobs.side_worker", key),
            stdin=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
            start_new_session=True,
        )
        write(key, Progress("running", pid=process.pid))
        process.communicate(json.dumps(task).encode() + b"\n" + weights())
        last = look(key)
        if last.is_open and last.pid == process.pid:  # not that of somebody who has started it again
            write(key, Progress("lost", last.done, last.total, last.values))
    except (OSError, ExplorerError) as problem:
        write(key, Progress("failed", detail=" ".join(str(problem).split())[:300]))
    finally:
        slots.release()


def _make_room() -> None:
    """Drop the oldest results until the others take less than `KEPT_BYTES`."""
    home = _home()
    home.mkdir(parents=True, exist_ok=True)
    found = []
    for place in filter(Path.is_dir, home.iterdir()):
        sizes = [path.stat() for path in place.glob("*") if path.is_file()]
        newest = max((size.st_mtime for size in sizes), default=0.0)
        found.append((newest, sum(size.st_size for size in sizes), place))
    total = sum(size for _, size, _ in found)
    for _, size, place in sorted(found, key=lambda one: one[0]):
        if total <= KEPT_BYTES:
            break
        if not look(place.name).is_open:
            shutil.rmtree(place, ignore_errors=True)
            total -= size
