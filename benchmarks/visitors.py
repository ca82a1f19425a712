"""Thirty visitors at once on mixed pages, beside four networks that train: `python -m benchmarks.visitors`.

No browsers: visitors speak Streamlit's own protocol over a WebSocket each, and wait for the end of each run of a page,
as a browser does. All pages were seen before, so that what they show is cached, except for a few visitors who ask for
networks that nobody has looked into. Prints the time that 19 of 20 answers take (aim: at most 2 s for what is cached),
busy / alone, and for light pages the same with a few heavy neighbours instead of the crowd.
"""

from __future__ import annotations

import random
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from benchmarks._size import size
from benchmarks._stopwatch import ROOT, server
from explorer.jobs import RunStore
from explorer.training.presets import DIGITS

VISITORS, HEAVY, ROUNDS = size(30, tiny=2), size(4, tiny=1), size(2, tiny=1)
THINKING = size(5.0, tiny=0.1)  # seconds that a visitor looks at a page, on average: so 30 ask for six a second
LIGHT = ("atlas", "convolution", "residual", "runs")
CACHED = size((*LIGHT, "pipeline?net=resnet50", "maps", "why", "units"), tiny=(*LIGHT, "pipeline?net=resnet50"))
LARGE = ("vgg16", "densenet121", "resnet101")
UNSEEN = [f"{page}?net={net}&weights=random" for net in LARGE for page in ("maps", "why")]
_PATIENCE = 300.0  # seconds until an answer that does not come is given up


class Visitor:
    """A session, as a browser opens one."""

    def __init__(self, line: ClientConnection) -> None:
        self._line = line

    def look(self, page: str) -> float:
        """Seconds from asking for a page to the end of its run. Raises `RuntimeError` where it failed."""
        name, _, query = page.partition("?")
        ask = BackMsg()
        ask.rerun_script.page_name, ask.rerun_script.query_string = name, query
        begun = time.perf_counter()
        self._line.send(ask.SerializeToString())
        while True:
            message = ForwardMsg.FromString(bytes(self._line.recv(_PATIENCE)))
            if message.delta.new_element.HasField("exception"):
                raise RuntimeError(f"{page}: {message.delta.new_element.exception.message}")
            if message.WhichOneof("type") == "page_not_found":
                raise RuntimeError(f"there is no page {page}")
            if message.WhichOneof("type") == "script_finished" and message.script_finished == 0:
                return time.perf_counter() - begun


@contextmanager
def visitor(address: str) -> Iterator[Visitor]:
    """A visitor who comes, and leaves at the end."""
    stream = f"ws://{urlsplit(address).netloc}/_stcore/stream"
    with connect(stream, subprotocols=["streamlit"], max_size=None, origin=None) as line:  # type: ignore[list-item]
        yield Visitor(line)


def stroll(address: str, pages: Sequence[str], seed: int, thinking: float) -> list[tuple[str, float]]:
    """What one visitor waits for each of so many pages, in an order of their own."""
    chance = random.Random(seed)
    with visitor(address) as one:
        waited = []
        for page in [page for _ in range(ROUNDS) for page in chance.sample(pages, len(pages))]:
            time.sleep(chance.uniform(0, 2 * thinking))
            waited.append((page, one.look(page)))
        return waited


def crowd(address: str, visitors: int, pages: Sequence[str]) -> list[tuple[str, float]]:
    """What all of so many visitors wait."""
    with ThreadPoolExecutor(visitors) as pool:
        each = [pool.submit(stroll, address, pages, seed, THINKING) for seed in range(visitors)]
        return [answer for walk in each for answer in walk.result()]


@contextmanager
def heavy(address: str) -> Iterator[None]:
    """Visitors who ask, without a break, for what has to be computed."""
    over = threading.Event()

    def ask(seed: int) -> None:
        with visitor(address) as one:
            for page in random.Random(seed).choices(UNSEEN, k=1000):
                if over.is_set():
                    return
                one.look(f"{page}&pic={random.Random(page).choice(('cat', 'coffee', 'brick'))}")

    with ThreadPoolExecutor(HEAVY) as pool:
        asking = [pool.submit(ask, seed) for seed in range(HEAVY)]
        yield
        over.set()
        for each in asking:
            each.result()


def slowest(waited: Sequence[tuple[str, float]], pages: Sequence[str]) -> float:
    """Seconds within which 19 of 20 of these pages were there."""
    times = sorted(seconds for page, seconds in waited if page in pages)
    return times[int(0.95 * (len(times) - 1))]


def train(data: Path, first: Visitor) -> None:
    """Queue four networks; returns when they train: the server sees to it as soon as somebody looks."""
    four = [
        replace(DIGITS, steps=size(5000, tiny=20), options=(("depth", depth), ("residual", residual)))
        for depth in (20, 56)
        for residual in (False, True)
    ]
    with RunStore(f"sqlite:///{data / 'runs.sqlite'}") as store:
        runs = store.submit(four)
        deadline = time.monotonic() + _PATIENCE
        while not any(run.step for run in store.runs([run.id for run in runs])):
            if time.monotonic() > deadline:
                raise RuntimeError("nothing trains")
            first.look("runs")


def main() -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place, server(ROOT, data=Path(place)) as address:
        with visitor(address) as first:
            for page in (*CACHED, *CACHED):
                first.look(page)  # fills the caches, and sees libraries imported that a first look does without
            alone = stroll(address, CACHED, 0, 0.0)
            train(Path(place), first)
        busy = crowd(address, VISITORS, CACHED)
        with heavy(address):  # last: what they ask for drives out what was cached
            beside = crowd(address, size(4, tiny=1), LIGHT)
    for name, waited in (("alone", alone), (f"{VISITORS} visitors and training", busy)):
        light = slowest(waited, LIGHT)
        print(f"{name}: 19 of 20 answers within {slowest(waited, CACHED):.2f} s, of light pages within {light:.2f} s")
    print(f"light pages beside {HEAVY} heavy visitors and training: 19 of 20 within {slowest(beside, LIGHT):.2f} s")
    print(f"{VISITORS} visitors / alone = {slowest(busy, CACHED) / slowest(alone, CACHED):.2f} (aim: at most 2 s)")
    print(f"beside heavy / alone = {slowest(beside, LIGHT) / slowest(alone, LIGHT):.2f}, for light pages")


if __name__ == "__main__":
    main()
