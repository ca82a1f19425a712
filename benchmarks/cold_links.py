"""Deep links to a cold server, with what is recorded and without: `python -m benchmarks.cold_links [CHECKOUT]`.

Each round starts both servers afresh, turn about, and takes the time from opening the address to the first figure: the
drawing of a network's shapes, the depth strip of *Feature maps* (aim: at most 3 s each), all maps of *Why this class?*
and the filters of *What a unit wants* (4 s); then once more in a second browser, when the server is warm (1.5 s).
Another checkout of the project, if one is named, stands for the app without records.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Browser

from benchmarks._size import size
from benchmarks._stopwatch import ROOT, chromium, seconds_until, server
from benchmarks.switching import IDLE

ROUNDS = size(5, tiny=1)
DRAWING = "!!document.querySelector('[data-testid=stPlotlyChart] .main-svg')"
STRIP = "[...document.querySelectorAll('.atlas-strip img')].some(image => image.complete)"
MAPS = "document.querySelectorAll('[data-testid=stMain] :is([data-testid=stImage], .atlas-tiles) img').length > 3"
FILTERS = "!!document.querySelector('.st-key-filters [data-testid^=stBidiComponent]')"
LINKS = size(
    {"pipeline?net=resnet50": DRAWING, "pipeline": DRAWING, "maps": STRIP, "why": MAPS, "units": FILTERS},
    tiny={"pipeline?net=resnet50": DRAWING},
)

Times = dict[Path, tuple[list[float], list[float]]]
"""Seconds on a cold and on a warm server, by the app's folder."""


def without_records(folder: Path) -> Path:
    """A copy of the app that has nothing recorded but the Atlas's totals."""
    for name in ("pages", "explorer", ".streamlit"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.zip"))
    shutil.copy(ROOT / "app.py", folder)
    return folder


def first_figure(browser: Browser, link: str, condition: str) -> float:
    """Seconds from opening a link in a fresh profile to its first figure; returns when the page has come to rest."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    seconds = seconds_until(page, lambda: page.goto(link, wait_until="commit"), condition)
    page.wait_for_function(IDLE, timeout=120_000)
    context.close()
    return seconds


def measure(browser: Browser, link: str, condition: str, folders: Sequence[Path]) -> Times:
    """Seconds of a link, `ROUNDS` times with each app."""
    times: Times = {folder: ([], []) for folder in folders}
    for _ in range(ROUNDS):
        for folder, measured in times.items():
            with server(folder) as address:
                for seconds in measured:  # cold, then warm
                    seconds.append(first_figure(browser, f"{address}/{link}", condition))
    return times


def main(arguments: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        other = Path(arguments[0]).resolve() if arguments else without_records(Path(folder))
        for link, condition in LINKS.items():
            times = measure(browser, link, condition, (other, ROOT))
            before, now = ([statistics.median(seconds) for seconds in times[place]] for place in (other, ROOT))
            print(f"{link}: cold {before[0]:.2f} s -> {now[0]:.2f} s, warm {before[1]:.2f} s -> {now[1]:.2f} s")
            print(f"    cold with records / without = {now[0] / before[0]:.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
