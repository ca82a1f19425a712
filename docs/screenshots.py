"""`python -m docs.screenshots`: the README's pictures, taken from the running app in a real browser."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser

from benchmarks._stopwatch import ROOT, chromium, server

IDLE = "document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'"


FIGURES = ".js-plotly-plot .main-svg, [data-testid=stEChartsChart] canvas"


def take(
    browser: Browser,
    url: str,
    name: str,
    *,
    dark: bool = False,
    ready: str = FIGURES,
    press: tuple[str, str] = ("", ""),
    scroll_to: str = "",
) -> None:
    """One image of 1280 x 720, taken when `ready` is there, scrolled so that the text `scroll_to` stands at the top.

    `press` names a button to press first, and the text to wait for behind it.
    """
    scheme = "dark" if dark else "light"
    context = browser.new_context(viewport={"width": 1280, "height": 720}, color_scheme=scheme, device_scale_factor=1.5)
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector(ready, timeout=60_000)
    page.wait_for_function(IDLE)
    page.wait_for_timeout(1_500)
    if press[0]:
        page.get_by_role("button", name=press[0]).click()
        page.get_by_text(press[1]).first.wait_for(timeout=120_000)
        page.wait_for_timeout(1_500)
    if scroll_to:
        page.get_by_text(scroll_to).first.evaluate("element => element.scrollIntoView({block: 'start'})")
        page.wait_for_timeout(1_000)
    page.screenshot(path=Path(__file__).with_name(f"{name}.png"))
    context.close()


def main() -> None:
    with server(ROOT) as address, chromium() as browser:
        take(browser, f"{address}/?lang=en", "atlas")
        take(browser, f"{address}/pipeline?lang=en&net=resnet50", "pipeline")
        take(browser, f"{address}/pipeline?lang=en&net=resnet50&op=8", "ledger", scroll_to="Look closer")
        take(browser, f"{address}/glossary?lang=zh&term=rf", "glossary", ready=".atlas-entry")
        grids = "canvas[data-plane]"
        take(browser, f"{address}/convolution?lang=en", "convolution", ready=grids)
        take(browser, f"{address}/convolution?lang=zh&view=transposed", "transposed", dark=True, ready=grids)
        take(browser, f"{address}/residual?lang=en", "residual")
        take(browser, f"{address}/residual?lang=en&view=signals", "signals")
        take(browser, f"{address}/inception?lang=zh&view=bottleneck", "bottleneck", dark=True)
        take(browser, f"{address}/degradation?lang=en&step=200", "degradation")
        take(browser, f"{address}/maps?lang=en", "maps", ready=".atlas-strip")
        why = f"{address}/why?lang=zh&redrawn=1"
        take(browser, why, "why", dark=True, ready="[data-testid=stMain] img", scroll_to="归因方法")
        dream = "unitview=dream&dreamfor=class&dreamclass=1"
        take(
            browser,
            f"{address}/units?lang=en&{dream}",
            "units",
            ready="h3",
            press=("Start the optimisation", "After 128 steps"),
        )
        take(browser, f"{address}/augmentation?lang=en", "augmentation", ready="[data-testid=stMain] img")
        taught = f"{address}/transfer?lang=en&transferview=taught"
        take(browser, taught, "taught", ready="[data-testid=stMain] .atlas-facts")
        take(browser, f"{address}/feeding?lang=en&workers=4", "feeding")
        take(browser, f"{address}/crops?lang=zh", "crops", dark=True)
        block = "net=googlenet&view=graph&block=inception3a"
        take(browser, f"{address}/pipeline?lang=zh&{block}", "block-zh-dark", dark=True, scroll_to="细看")


if __name__ == "__main__":
    main()
