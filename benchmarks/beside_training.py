"""How fast a page answers while four networks train in the worker beside it, against the same page in peace.

A visitor switches between networks he has seen, in a real browser. Prints training / peace (aim: at most 2).
"""

from __future__ import annotations

import re
import statistics

from playwright.sync_api import Page

from benchmarks._size import size
from benchmarks._stopwatch import ROOT, chromium, server
from benchmarks.switching import IDLE, NETWORKS, switch

ROUNDS = size(2, tiny=1)


def answer(page: Page) -> float:
    """Median seconds of a cached switch."""
    times = [switch(page, *named) for _ in range(ROUNDS) for named in list(NETWORKS.items())[:3]]
    return statistics.median(times)


def main() -> None:
    with server(ROOT) as address, chromium() as browser:
        page = browser.new_context(viewport={"width": 1280, "height": 720}, locale="en-US").new_page()
        page.goto(address + "/pipeline")
        page.wait_for_selector("h3", timeout=60_000)
        page.wait_for_function(IDLE)
        answer(page)  # fills the caches
        peace = answer(page)
        trainer = browser.new_context(locale="en-US").new_page()
        trainer.goto(address + "/degradation?steps=800")
        trainer.get_by_role("button", name="Train these four now").click()
        bars = trainer.get_by_test_id("stProgress")
        bars.filter(has_text=re.compile(r"step [1-9]\d* of 800")).first.wait_for(timeout=120_000)
        busy = answer(page)
        trainer.get_by_test_id("stMain").get_by_role("button", name="Stop", exact=True).click()
        bars.filter(has_text="stopped at step").first.wait_for(timeout=30_000)
    print(f"a cached switch in peace {peace:.2f} s, while four networks train {busy:.2f} s")
    print(f"training / peace = {busy / peace:.2f} (aim: at most 2)")


if __name__ == "__main__":
    main()
