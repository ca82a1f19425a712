"""Pages without a browser: the frame script is run, then the page that was asked for.

AppTest asks `format_func` of every widget between two runs, where there is no session and so no language but English:
a page is interacted with in English only, here. The browser tests do it in both.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from functools import cache, partial
from html import unescape
from os.path import relpath
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from google.protobuf.json_format import MessageToDict
from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.app_test import TMP_DIR

from explorer import ui
from explorer.jobs import RunService, RunStore
from explorer.jobs.lease import Lease
from explorer.jobs.task_lease import TaskLease
from explorer.jobs.task_worker import Catalogue
from explorer.jobs.worker import do_task, work
from explorer.jobs.workers import TASK_SLOTS
from explorer.records import TrainConfig, TrainPoint
from explorer.training import train, weights_of
from explorer.ui.cached import runs as ui_runs
from explorer.ui.shell import layout, prewarm

FRAME = Path(ui.__file__).with_name("frame.py")
FILES = {path.stem: path for path in (FRAME.parents[2] / "pages").rglob("*.py")}

Visit = Callable[..., AppTest]


@pytest.fixture(autouse=True, scope="session")
def _tidy() -> Iterator[None]:
    """AppTest's own folder is removed here: left to the end of the process, it is reported as a leak."""
    yield
    TMP_DIR.cleanup()


@pytest.fixture(autouse=True)
def _light(monkeypatch: pytest.MonkeyPatch) -> None:
    """No imports in the background, no waiting for a browser, no search of all packages for components."""
    monkeypatch.setattr(layout, "_PAINT", 0)
    monkeypatch.setattr(prewarm, "behind_the_first_page", lambda: None)
    monkeypatch.setattr(type(st.context), "cookies", property(lambda self: {}))  # AppTest: another mock every time
    monkeypatch.setattr(RunService, "prepare", lambda self, device="auto": None)
    monkeypatch.setattr(BidiComponentManager, "discover_and_register_components", lambda *args, **kwargs: None)


@cache
def _trained(config: TrainConfig) -> tuple[tuple[TrainPoint, ...], bytes]:
    """All points of a run, and its weights."""
    blobs: dict[int, bytes] = {}
    points = tuple(train(config, device="cpu", on_checkpoint=blobs.__setitem__))
    return points, weights_of(blobs[config.steps])


def trained(config: TrainConfig) -> tuple[tuple[TrainPoint, ...], bytes]:
    """The same, trained once for all tests that ask for it: a configuration gives the same points every time.

    But for a data set of one's own, which is another one in every test.
    """
    return _trained.__wrapped__(config) if config.dataset.startswith("own:") else _trained(config)


class Here:
    """An executor that works in the test's own process when it is told to: no process to wait for."""

    def __init__(self, store: RunStore) -> None:
        self.store = store

    def ensure_worker(self, device: str) -> None:
        """Nothing: `train_all` and `do_tasks` do the work."""

    def shutdown(self) -> None:
        """Nothing to end."""

    def train_all(self) -> None:
        """Train whatever waits."""
        lease = Lease(self.store)
        assert lease.acquire()
        while claimed := lease.claim():
            for each in claimed:
                points, weights = trained(each.config)
                lease.started(each.id, 1, ("conv1",), "cpu")
                lease.append({each.id: list(points)})
                lease.finish(each.id, "finished", weights_blob=weights)

    def do_tasks(self) -> None:
        """Do the tasks that wait."""
        lease = TaskLease(self.store, TASK_SLOTS[0])
        assert lease.acquire()
        work(lease, partial(do_task, lease, Catalogue.load("explorer.tasks")), threading.Event())


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Here]:
    """A service of this test's own."""
    with RunStore(f"sqlite:///{tmp_path}/runs.sqlite") as store:
        here = Here(store)
        run_service = RunService(store, here)
        monkeypatch.setattr(ui_runs, "service", lambda: run_service)
        yield here


@pytest.fixture
def visit() -> Visit:
    """`visit(slug, lang=..., **parameters)`: a fresh session whose first request is this address.

    What a page asks for first is skipped, unless `asked` is true.
    """
    return lambda slug, **how: sound(knock(slug, **how))


def knock(slug: str, *, asked: bool = False, **parameters: str) -> AppTest:
    """The same, for a page that may say that it cannot go on."""
    page = AppTest.from_file(str(FRAME), default_timeout=240)
    if not asked:
        page.session_state[f"_predicted.{slug}"] = ("", "")
    page.switch_page(relpath(FILES[slug], FRAME.parent))
    for name, value in parameters.items():
        page.query_params[name.replace("__", ".")] = value
    return page.run()


def sound(page: AppTest) -> AppTest:
    """The page itself, once it is sure that nothing was raised. (The traceback is in the captured log.)"""
    assert not page.exception, [error.message for error in page.exception]
    fallen = [error.value for error in page.error if error.icon == ":material/report:"]
    assert not fallen, fallen  # the sentence of `boundary`
    return page


def open_twin(page: AppTest, exhibit: str) -> AppTest:
    """The page with the words, numbers and code of an exhibit opened."""
    page.session_state[f"details-{exhibit}"] = True
    return sound(page.run())


def in_a_column(page: AppTest, exhibit: str) -> bool:
    """Whether the button of an exhibit stands in a column: below one figure of several alone."""

    def buttons(block: Any) -> int:
        return sum(each.proto.id.endswith(f"-details-{exhibit}") for each in block.get("popover"))

    assert buttons(page.main) == 1
    return any(map(buttons, page.columns))


def html(page: AppTest) -> str:
    """All raw HTML of a page: its head and its strip of facts."""
    return "\n".join(element.proto.body for element in page.get("html"))


def figures(page: AppTest) -> list[dict[str, Any]]:
    """The Plotly figures of a page."""
    return [json.loads(element.proto.spec) for element in page.get("plotly_chart")]


def live_figures(page: AppTest) -> list[dict[str, Any]]:
    """The ECharts figures of a page."""
    return [json.loads(element.proto.spec) for element in page.get("echarts_chart")]


def alts(page: AppTest) -> list[str]:
    """What stands for each image of a page, tiles that are buttons included, for those who do not see it."""
    found: list[str] = []
    for element in page._tree:
        if element.type == "image":
            found += [image.alt for image in element.proto.imgs]
        elif element.type == "html" and "atlas-tiles" in element.proto.body:
            found += map(unescape, re.findall(r' alt="([^"]*)"', element.proto.body))
    return found


def buttons(page: AppTest) -> list[int]:
    """The numbers that the images of a page open when they are clicked."""
    return [int(number) for number in re.findall(r'role="button" tabindex="0" data-opens="(\d+)"', html(page))]


def group_of(page: AppTest) -> str:
    """The group of runs in the address."""
    value = page.query_params["runs"]
    group = value if isinstance(value, str) else value[0]
    assert len(group) > 8
    return group


def charts(page: AppTest) -> int:
    """How many ECharts figures a page has."""
    return len(page.get("echarts_chart"))


def words(page: AppTest) -> str:
    """All text of a page that is not a widget's."""
    return "\n".join(each.value for kind in ("markdown", "caption", "info", "warning") for each in page.get(kind))


def everything(page: AppTest) -> str:
    """Every text that a page sends to the browser, but for what stands in boxes to type into."""

    def inside(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            for name, inner in value.items():
                yield from inside(inner) if name != "id" else ()  # which no page shows
        elif isinstance(value, list):
            for inner in value:
                yield from inside(inner)
        elif isinstance(value, str):
            yield value

    shown = [node.proto for node in page._tree if getattr(node, "proto", None) and node.type != "text_input"]
    return "\n".join(part for proto in shown for part in inside(MessageToDict(proto)))
