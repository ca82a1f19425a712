"""The service in a real browser, on a server of its own: train, reload, stop, resume, list, delete."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from explorer.text import say
from explorer.weights import recorded_runs
from tests.browser.conftest import Visitor

SMALL = "shallow=8&deep=14&steps=60"
LONG = "shallow=8&deep=14&steps=800"


def main(page: Page, button: str) -> None:
    """Press a button of the page (the tool bar may hold one of the same name)."""
    page.get_by_test_id("stMain").get_by_role("button", name=button, exact=True).click()


def followed(page: Page) -> list[str]:
    """What the bars above the curves say."""
    return page.get_by_test_id("stProgress").all_inner_texts()


def table(page: Page, count: int) -> Locator:
    """The table of the page "Runs" when it has so many rows: a canvas, with its text for screen readers."""
    return page.get_by_role("button", name=f"Show/hide columns: Table of {count} runs")


def test_train_reload_stop_resume_list_and_delete(visitor: Visitor) -> None:
    page = visitor.go(f"/degradation?lang=en&{SMALL}")
    bars = page.get_by_test_id("stProgress")
    main(page, "Train these four now")
    expect(bars).to_have_count(4)
    expect(bars.filter(has_text=re.compile("step [1-9]|done, 60")).first).to_be_visible()
    link = page.url
    first = visitor.parameters()["runs"]

    page.goto("about:blank")
    page.goto(link)
    expect(bars.filter(has_text="done, 60 steps")).to_have_count(4)
    assert visitor.parameters()["runs"] == first
    assert [name.split(" ·")[0] for name in followed(page)] == ["Plain-8", "Residual-8", "Plain-14", "Residual-14"]
    expect(page.locator("canvas").first).to_be_visible()

    page.goto(f"{visitor.url}/degradation?lang=en&{LONG}")
    main(page, "Train these four now")
    expect(bars.filter(has_text=re.compile(r"step [1-9]\d* of 800")).first).to_be_visible()
    main(page, "Stop")
    expect(bars.filter(has_text="stopped at step")).to_have_count(4, timeout=15_000)
    second = visitor.parameters()["runs"]
    assert second != first
    main(page, "Resume")
    expect(bars.filter(has_text=re.compile(r"· step \d+ of 800")).first).to_be_visible()  # and not only after a reload
    main(page, "Stop")
    expect(bars.filter(has_text="stopped at step")).to_have_count(4, timeout=15_000)

    page.goto(f"{visitor.url}/runs?lang=en&find=depth")
    with_depth = [run for run in recorded_runs().values() if "depth" in dict(run.config.options)]
    expect(table(page, 8 + len(with_depth))).to_have_count(1)
    page.goto(f"{visitor.url}/runs?lang=en&standing=stopped&pick=")
    expect(table(page, 4)).to_have_count(1)
    box = page.get_by_test_id("stDataFrame").first.bounding_box()
    assert box
    page.mouse.click(box["x"] + 16, box["y"] + 38 + 35 + 17)  # the box of the second row
    expect(page.get_by_test_id("stMain").get_by_role("button", name="Delete", exact=True)).to_be_visible()
    assert len(visitor.parameters()["pick"].split(",")) == 1

    dialog = page.get_by_role("dialog")
    main(page, "Delete")
    expect(dialog.get_by_role("listitem")).to_have_text([re.compile("^Residual-8")])
    dialog.get_by_role("button", name="Keep").click()
    expect(dialog).to_have_count(0)
    expect(table(page, 4)).to_have_count(1)
    main(page, "Delete")
    dialog.get_by_role("button", name="Delete 1").click()
    expect(table(page, 3)).to_have_count(1)
    expect(dialog).to_have_count(0)


def test_what_is_behind_a_live_figure_stays_open_and_stays_closed(visitor: Visitor) -> None:
    """The page draws itself anew every second; neither the figure nor what was opened below it is built anew for it."""
    page = visitor.go(f"/degradation?lang=en&{LONG}&seed=1")
    main(page, "Train these four now")
    body = page.get_by_test_id("stPopoverBody")
    expect(page.get_by_test_id("stProgress").filter(has_text=re.compile(r"step [1-9]")).first).to_be_visible()
    page.get_by_role("button", name=say("en", "exhibit.details")).first.click()
    expect(body.get_by_test_id("stDataFrame")).to_be_visible()
    opened, figure = body.element_handle(), page.get_by_test_id("stMain").locator("canvas").first.element_handle()
    ticks(page, 5)
    assert opened.evaluate("node => node.isConnected")
    assert figure.evaluate("node => node.isConnected")
    page.keyboard.press("Escape")
    expect(body).to_have_count(0)
    ticks(page, 5)
    assert body.count() == 0
    assert figure.evaluate("node => node.isConnected")
    main(page, "Stop")


def ticks(page: Page, count: int) -> None:
    """Wait until the bars have said something new so many times."""
    for _ in range(count):
        before = followed(page)
        expect(page.get_by_test_id("stProgress").filter(has_text=before[-1])).to_have_count(0)
