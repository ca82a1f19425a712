"""Looking inside ResNet-50 at 224 x 224: keeping every map against a bare forward pass, and what a browser waits for.

Prints capture / bare (aim: at most 1.15), the largest sheet of 512 maps on its way to the browser (aim: under 400 KB),
and the seconds until the maps of a layer seen before are on screen (aim: under 0.3).
"""

from __future__ import annotations

import statistics
import time
from base64 import b64encode
from collections.abc import Callable

import torch
from playwright.sync_api import Page

from benchmarks._size import size
from benchmarks._stopwatch import ROOT, chromium, server
from benchmarks.switching import IDLE
from explorer.figures.maps import sheet
from explorer.images import load
from explorer.models import random_model
from explorer.tracing import capture, layers_of

NET = size("resnet50", tiny="cifar-resnet20")
SHEETS, MAPS = size((("vgg16", "resnet50"), 512), tiny=((NET,), 64))
ROUNDS = size(31, tiny=1)
LAYERS = size(
    ("layer2.0.conv3", "layer3.1.conv1", "layer2.3.bn2", "layer4.0.conv2"), tiny=("layer2.0.conv1", "layer3.1.conv1")
)


def seconds(work: Callable[[], object]) -> float:
    """Of one call; what it returns is dropped before the next."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def capturing() -> tuple[float, float, float]:
    """Median seconds of a bare forward pass and of one that keeps all maps, in turn, and of each round their ratio."""
    model = random_model(NET)
    net, layers, x = model.instantiate(), layers_of(model.instance), model.preprocess(load("cat"))

    def bare() -> None:
        with torch.inference_mode():
            net(x)

    for work in (bare, lambda: capture(net, x, layers)):
        work()
    times = [(seconds(bare), seconds(lambda: capture(net, x, layers))) for _ in range(ROUNDS)]
    bare_seconds, kept_seconds = zip(*times, strict=True)
    ratios = [kept / alone for alone, kept in times]
    return statistics.median(bare_seconds), statistics.median(kept_seconds), statistics.median(ratios)


def heaviest() -> tuple[str, int]:
    """The layer with at least `MAPS` maps whose sheet is the largest, and the bytes of it as they travel."""
    found = {}
    for slug in SHEETS:
        model = random_model(slug)
        maps = capture(model.instantiate(), model.preprocess(load("cat")), layers_of(model.instance)).maps
        for name, volume in maps.items():
            if volume.ndim == 3 and len(volume) >= MAPS:
                found[f"{slug} {name}"] = len(b64encode(sheet(volume, shared=False, columns=32).png))
    return max(found.items(), key=lambda item: item[1])


PAINTED = """label => {
    const within = root => [...root.querySelectorAll("*")].some(
        e => e.getAttribute("aria-label")?.includes(label) || (e.shadowRoot && within(e.shadowRoot)));
    return within(document) && performance.now() - window.clicked;
}"""
NOTE_CLICK = "addEventListener('click', () => { window.clicked = performance.now() }, { capture: true, once: true })"


def change(page: Page, layer: str) -> float:
    """Seconds, by the browser's clock, from the click on a layer to its grid in the page."""
    page.get_by_role("combobox", name="Layer").click()
    page.keyboard.type(layer)
    option = page.get_by_role("option").filter(has_text=f"· {layer} ·").first
    option.wait_for()
    page.evaluate(NOTE_CLICK)
    option.click()
    taken: float = page.wait_for_function(PAINTED, arg=f"maps of {layer};").json_value()
    page.wait_for_function(IDLE)
    return taken / 1000


def switching() -> float:
    """Median seconds of a change to a layer seen before."""
    with server(ROOT) as address, chromium() as browser:
        page = browser.new_context(viewport={"width": 1280, "height": 720}, locale="en-US").new_page()
        page.goto(f"{address}/maps?net={NET}&lang=en")
        page.get_by_role("combobox", name="Layer").wait_for(timeout=120_000)
        page.wait_for_function(IDLE, timeout=120_000)
        for layer in LAYERS:
            change(page, layer)
        return statistics.median(change(page, layer) for layer in LAYERS)


def main() -> None:
    torch.set_num_threads(1)  # as the app computes
    bare, kept, ratio = capturing()
    print(f"{NET}: bare forward {bare:.3f} s, with all maps kept {kept:.3f} s")
    print(f"capture / bare = {ratio:.2f} (aim: at most 1.15)")
    name, travels = heaviest()
    print(f"largest sheet of {MAPS} maps or more: {name}, {travels / 1000:.0f} KB on its way (aim: under 400)")
    print(f"a layer seen before is on screen after {switching():.2f} s (aim: under 0.3)")


if __name__ == "__main__":
    main()
