"""Touching *Building blocks* in the browser: a slider to its new figure, and pointing at linked grids.

A slider is moved by an arrow key. Its figure is new when the first figure of the page to change has changed for the
last time, and the page is when anything on it has (further figures, sentences, tables). That takes a round trip to the
server, which on a page of a slider, a line and nothing else takes its time as well: it is measured beside the pages,
turn about. Pointing must do without one: the time is what the component needs of an animation frame, on grids of
16 x 16 with three channels. Aims: under 200 ms, under 16 ms.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Locator, Page

from benchmarks._size import size
from benchmarks._stopwatch import ROOT, chromium, server

SLIDERS = size(
    (
        "convolution",
        "convolution?view=shift",
        "nonlinearities",
        "residual",
        "inception?view=auxiliary",
        "efficient?view=inverted",
        "efficient?view=scaling",
        "efficient?view=scaling&compare=family",
    ),
    tiny=("residual",),
)
GRIDS = "convolution?case=slide-volume&rows=16&columns=16&pad=same"
MOVES = size(7, tiny=2)
IDLE = "document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'"
QUIET = 700  # milliseconds without a change: nothing more will come
POLLING = 200  # milliseconds; by default the question is put in every frame, for which the browser then has to draw one

BARE = """import streamlit as st
@st.fragment
def draw():
    value = st.slider("value", 0, 100, 50)
    st.html(f"<hr style='width: {value}%'>")
st.title("One slider")
draw()
"""
AS_HERE = "[runner]\nmagicEnabled = false\npostScriptGC = false\n"  # as the pages are run

_WATCH = """() => {
    const slider = node => (node.nodeType === 1 ? node : node.parentElement)?.closest('[data-testid=stSlider]');
    const home = node => node.getRootNode().host ? home(node.getRootNode().host)
        : (node.nodeType === 1 ? node : node.parentElement)?.closest(window.figures);
    const changed = all => {
        const now = performance.now();
        for (const one of all) {
            if (slider(one.target)) continue;
            window.changed = now;
            const figure = home(one.target);
            if (figure) window.drawn.set(figure, now);
        }
    };
    const watch = root => {
        const all = {subtree: true, childList: true, attributes: true, characterData: true};
        new MutationObserver(changed).observe(root, all);
        root.querySelectorAll('*').forEach(each => each.shadowRoot && watch(each.shadowRoot));
    };
    watch(document.querySelector('[data-testid=stMain]'));
    window.figures = ['Html', 'Image', 'BidiComponent', 'PlotlyChart', 'EChartsChart']
        .map(kind => `[data-testid=st${kind}]`).join();
    addEventListener('keydown', event => {
        window.pressed = window.changed = event.timeStamp;
        window.drawn = new Map();
    }, {capture: true});
}"""
_FIGURE = "Math.min(...window.drawn.values()) - window.pressed"
_PAGE = "window.changed - window.pressed"
_SETTLED = f"window.changed > window.pressed && performance.now() - window.changed > {QUIET}"

_POINT = """async (canvas, moves) => {
    const box = canvas.getBoundingClientRect(), frame = () => new Promise(requestAnimationFrame), spent = [];
    for (let move = 0; move < moves; move++) {
        let from, to;
        requestAnimationFrame(() => { from = performance.now(); });
        canvas.dispatchEvent(new PointerEvent('pointermove', {
            pointerType: 'mouse', bubbles: true, composed: true,
            clientX: box.left + box.width * ((move * 7) % 53 + 0.5) / 53,
            clientY: box.top + box.height * ((move * 11) % 53 + 0.5) / 53,
        }));
        requestAnimationFrame(() => { to = performance.now(); });
        await frame();
        spent.push(to - from);
    }
    return spent;
}"""


def moved(page: Page, thumb: Locator) -> list[tuple[float, float]]:
    """Milliseconds from the key that moves a slider to the new figure and to the new page, for each of a few moves."""
    page.evaluate(_WATCH)
    spent = []
    for _ in range(MOVES):
        thumb.focus()
        page.keyboard.press("ArrowRight" if thumb.evaluate("input => +input.value < +input.max") else "Home")
        page.wait_for_function(_SETTLED, polling=POLLING)
        page.wait_for_function(IDLE, polling=POLLING)
        spent.append((float(page.evaluate(_FIGURE)), float(page.evaluate(_PAGE))))
    return spent[1:]  # the first of them may have been the first of its kind on the server


def opened(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector("h1")
    page.wait_for_timeout(size(4_000, tiny=500))
    page.wait_for_function(IDLE)


def slid(page: Page, address: str) -> list[tuple[float, float]]:
    """The same, of the first slider at an address."""
    opened(page, address)
    return moved(page, page.get_by_test_id("stSlider").first.get_by_role("slider"))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, server(ROOT) as address, chromium() as browser:
        (Path(folder) / "app.py").write_text(BARE, encoding="utf-8")
        (Path(folder) / ".streamlit").mkdir()
        (Path(folder) / ".streamlit" / "config.toml").write_text(AS_HERE, encoding="utf-8")
        page = browser.new_page(viewport={"width": 1280, "height": 720}, locale="en-US")
        figures, pages, bare = [], [], []
        with server(Path(folder)) as one_slider:
            for path in SLIDERS:
                bare += [whole for _, whole in slid(page, one_slider)]
                moves = slid(page, f"{address}/{path}")
                drawn, whole = zip(*moves, strict=True)
                said = f"new figure {statistics.median(drawn):.0f} ms, worst {max(drawn):.0f} (aim: under 200)"
                print(f"{path}: {said}, new page {statistics.median(whole):.0f}")
                figures += drawn
                pages += whole
        opened(page, f"{address}/{GRIDS}")
        canvases = page.locator("canvas[data-plane]")
        canvases.first.wait_for()
        pointing = [ms for canvas in canvases.all() for ms in canvas.evaluate(_POINT, size(50, tiny=5))]
    figure, whole, floor, pointed = (statistics.median(each) for each in (figures, pages, bare, pointing))
    print(f"all: new figure {figure:.0f} ms, new page {whole:.0f}, a page with one slider {floor:.0f}")
    print(f"pointing {pointed:.1f} ms of a frame, worst {max(pointing):.1f} (aim: under 16)")
    print(f"slider to new figure / slider of a bare page = {figure / floor:.2f}")
    print(f"slider to new figure / pointing = {figure / pointed:.2f}")


if __name__ == "__main__":
    main()
