"""What can be taken away arrives whole and needs nothing from the network."""

from __future__ import annotations

import csv
import io
from html.parser import HTMLParser
from pathlib import Path

from playwright.sync_api import expect

from explorer.text import say
from tests.browser.conftest import Visitor


class Loaded(HTMLParser):
    """Collects everything that a page would load, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href", "srcset", "data", "action"}]


def test_the_ledger_arrives_as_csv(visitor: Visitor, tmp_path: Path) -> None:
    page = visitor.go("/pipeline?net=vgg16")
    with page.expect_download() as download:
        page.get_by_role("button", name=say("en", "pipeline.ledger_csv")).click()
    assert download.value.suggested_filename == "vgg16-ledger.csv"
    download.value.save_as(tmp_path / "ledger.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "ledger.csv").read_text(encoding="utf-8-sig"))))
    assert sum(int(row["parameters"]) for row in rows) == 138_357_544
    assert rows[0]["input"] == "224×224×3"
    assert (rows[0]["parameter_formula"], rows[0]["parameters"]) == ("3·3·3·64 + 64", "1792")


def test_a_figure_arrives_as_a_page_that_works_alone(visitor: Visitor, tmp_path: Path) -> None:
    page = visitor.go("/pipeline?net=lenet5&level=stage")
    page.locator(".st-key-details-pipeline-lenet5-stage button").click()
    with page.expect_download() as download:
        page.get_by_test_id("stPopoverBody").get_by_role("button", name=say("en", "download.html")).click()
    assert download.value.suggested_filename == "pipeline-lenet5-stage.html"
    saved = tmp_path / "figure.html"
    download.value.save_as(saved)
    parsed = Loaded()
    parsed.feed(saved.read_text(encoding="utf-8"))
    assert {"html", "script", "body"} <= set(parsed.tags)
    assert not [address for address in parsed.addresses if "//" in address]
    alone = page.context.new_page()
    requests: list[str] = []
    alone.on("request", lambda request: requests.append(request.url))
    alone.goto(saved.as_uri())
    expect(alone.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    alone.close()
    assert requests == [saved.as_uri()]
