"""Opening the Shape pipeline and switching networks in the browser, the first time and again from the cache.

Times run by the browser's clock from the click to the animation frame in which the new network's drawing and lesson are
on screen. Aims: under 1 s the first time, under 0.3 s cached. Prints the ratio first / cached.
"""

from __future__ import annotations

import statistics

from playwright.sync_api import Page

from benchmarks._size import size
from benchmarks._stopwatch import ROOT, chromium, seconds_from_click, server

NETWORKS = {
    "vgg16": "VGG-16 (D)",
    "googlenet": "GoogLeNet (paper)",
    "mobilenet-v2": "MobileNet v2",
    "densenet121": "DenseNet-121",
    "efficientnet-b0": "EfficientNet-B0",
    "resnet152": "ResNet-152",
}
NETWORKS = dict(list(NETWORKS.items())[: size(len(NETWORKS), tiny=2)])
IDLE = "document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'"


def shown(slug: str, title: str) -> str:
    """JavaScript: the introduction names the network and its own drawing is there."""
    return (
        f"document.querySelector('.atlas-introduction')?.textContent.includes({title!r})"
        f" && !!document.querySelector('.st-key-pipeline-{slug}-block svg.main-svg .textpoint')"
    )


def switch(page: Page, slug: str, title: str) -> float:
    """Seconds from choosing a network in the list to its page."""
    box = page.get_by_test_id("stSelectbox").first.locator("input")
    box.click()
    box.fill(title)
    option = page.get_by_role("option").first
    option.wait_for()
    seconds = seconds_from_click(page, option, shown(slug, title))
    page.wait_for_timeout(size(1_500, tiny=100))  # the rest of the page comes
    page.wait_for_function(IDLE)
    return seconds


def main() -> None:
    with server(ROOT) as address, chromium() as browser:
        page = browser.new_context(viewport={"width": 1280, "height": 720}, locale="en-US").new_page()
        page.goto(address)
        page.wait_for_selector("h1")
        page.wait_for_timeout(size(8_000, tiny=100))  # a visitor reads the Atlas; torch is imported meanwhile
        link = page.get_by_test_id("stSidebarNavLink").nth(1)
        opening = seconds_from_click(page, link, shown("resnet50", "ResNet-50"))
        page.wait_for_function(IDLE)
        first = [switch(page, *named) for named in NETWORKS.items()]
        cached = [switch(page, *named) for named in NETWORKS.items()]
    print(f"opening the Shape pipeline {opening:.2f} s (aim: under 1)")
    print(f"first time {statistics.median(first):.2f} s, worst {max(first):.2f} s (aim: under 1)")
    print(f"cached {statistics.median(cached):.2f} s, worst {max(cached):.2f} s (aim: under 0.3)")
    print(f"first / cached = {statistics.median(first) / statistics.median(cached):.2f}")


if __name__ == "__main__":
    main()
