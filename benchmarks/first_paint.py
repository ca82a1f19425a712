"""First paint of the app against a Streamlit app of two lines, in the same browser, turn about.

Each round starts both servers afresh and takes the time from opening the address to the heading on screen. Prints the
ratio of the medians (aim: at most 1.3).
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from benchmarks._size import size
from benchmarks._stopwatch import ROOT, chromium, seconds_until, server

ROUNDS = size(5, tiny=1)
HEADING = "!!document.querySelector('[data-testid=stMain] h1')?.textContent"


def first_paint(browser: Browser, address: str) -> float:
    """Seconds from opening `address` in a fresh profile to its heading."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    seconds = seconds_until(page, lambda: page.goto(address, wait_until="commit"), HEADING)
    context.close()
    return seconds


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        (Path(folder) / "app.py").write_text("import streamlit as st\nst.title('Two lines')\n")
        times: dict[Path, list[float]] = {Path(folder): [], ROOT: []}
        for _ in range(ROUNDS):
            for place, measured in times.items():
                with server(place) as address:
                    measured.append(first_paint(browser, address))
        plain, atlas = (statistics.median(measured) for measured in times.values())
    print(f"two lines {plain:.2f} s, ConvNet Atlas {atlas:.2f} s (medians of {ROUNDS} fresh servers)")
    print(f"Atlas / two lines = {atlas / plain:.2f} (aim: at most 1.3)")


if __name__ == "__main__":
    main()
