"""The address bar holds the state: a link, the Back button and a second visitor all find it."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from playwright.sync_api import Page, expect

from explorer.text import LANGUAGES, say
from tests.browser.conftest import Visitor


def choose(page: Page, key: str, label: str) -> None:
    """Press one button of a row of choices."""
    page.locator(f".st-key-{key}").get_by_role("radio", name=label, exact=True).click()


def choose_network(page: Page, text: str) -> None:
    """Type into the network's select and take the first match."""
    field = page.locator(".st-key-shared-net input")
    field.click()
    field.fill(text)
    expect(page.get_by_role("option").first).to_contain_text(text)
    field.press("Enter")


def fill(page: Page, label: str, value: str) -> None:
    field = page.get_by_label(label, exact=True)
    field.fill(value)
    field.press("Enter")


def open_input(page: Page, lang: str) -> None:
    page.get_by_role("button", name=say(lang, "pipeline.input")).click()


def test_what_is_clicked_is_in_the_address_and_a_second_visitor_sees_it(
    visitor: Visitor, stranger: Callable[[str], Visitor]
) -> None:
    first, second = visitor, stranger("en-US")
    page = first.go("/pipeline")
    choose_network(page, "ResNet-18")
    first.wait_for(net="resnet18")
    choose(page, "pipeline-level", say("en", "level.stage"))
    first.wait_for(level="stage")
    choose(page, "pipeline-view", say("en", "view.sources"))
    first.wait_for(view="sources")
    open_input(page, "en")
    fill(page, say("en", "control.h"), "192")
    first.wait_for(h="192")
    page.locator("[class*=st-key-pipeline-o-residual-resnet18] label").first.click()
    first.wait_for(o__residual="0")
    page.keyboard.press("Escape")
    choose(page, "lang", LANGUAGES["zh"])
    first.wait_for(lang="zh", net="resnet18", level="stage", view="sources", h="192", o__residual="0")
    expect(page.locator("h1")).to_have_text(say("zh", "nav.pipeline"))
    other = second.go(page.url.removeprefix(first.url))
    assert second.parameters() == first.parameters()
    for window in (page, other):
        expect(window.get_by_test_id("stMain")).to_contain_text("192×224×3")
    facts = [window.locator(".atlas-facts").inner_text() for window in (page, other)]
    assert facts[0] == facts[1]
    open_input(other, "zh")
    expect(other.get_by_label(say("zh", "control.h"), exact=True)).to_have_value("192")


def test_two_visitors_at_once_do_not_see_each_other(visitor: Visitor, stranger: Callable[[str], Visitor]) -> None:
    """The second has a Chinese browser, and is greeted in Chinese without asking."""
    one, two = visitor, stranger("zh-CN")
    one.go("/pipeline?net=vgg16&level=stage")
    two.go("/pipeline?net=lenet5&level=stage")
    choose(one.page, "pipeline-view", say("en", "view.code"))
    choose(two.page, "pipeline-scale", say("zh", "scale.sqrt"))
    one.wait_for(net="vgg16", view="code")
    two.wait_for(net="lenet5", scale="sqrt")
    assert "scale" not in one.parameters()
    assert "view" not in two.parameters()
    expect(one.page.locator(".atlas-facts")).to_contain_text("138,357,544")
    expect(two.page.locator(".atlas-facts")).to_contain_text("61,706")
    expect(two.page.locator("h1")).to_have_text(say("zh", "nav.pipeline"))


def test_a_hostile_address_gets_a_notice_and_the_default(visitor: Visitor) -> None:
    """What the notice quotes is shown as text: no image is fetched, no link and no element is made of it."""
    image, link = "![x](http://example.org/x.png)", "[x](http://example.org)"
    script = "<script>alert(1)</script>"
    page = visitor.go(f"/pipeline?net={quote(image)}&level={quote(link)}&view={quote(script)}&pic={'a' * 5000}")
    toasts = page.get_by_test_id("stToast")
    expect(toasts.first).to_be_visible()
    quoted = page.locator("[data-testid=stToastContainer], [data-testid=stToast]")
    assert quoted.locator("img").count() == 0, "an image named in the address is shown"
    assert quoted.locator("a[href^=http]").count() == 0, "a link named in the address is shown"
    expect(page.locator(".st-key-shared-net input")).to_have_value("ResNet-50 · 2015")
    assert not {"net", "level", "view", "pic"} & set(visitor.parameters())


def test_the_back_button_undoes_a_choice(visitor: Visitor) -> None:
    page = visitor.go("/pipeline?net=cifar-resnet20&lang=en")
    level = page.locator(".st-key-pipeline-level")
    for code in ("stage", "layer"):
        choose(page, "pipeline-level", say("en", f"level.{code}"))
        visitor.wait_for(level=code)
    for code in ("stage", "block"):
        page.go_back()
        expect(level.get_by_role("radio", name=say("en", f"level.{code}"))).to_be_checked()


def test_a_visit_is_one_step_of_the_history(stranger: Callable[[str], Visitor]) -> None:
    """An app that pushes another address at once on every visit cannot be left with the Back button."""
    newcomer = stranger("en-US")
    newcomer.page.goto(f"{newcomer.url}/_stcore/health")
    before = newcomer.page.evaluate("history.length")
    newcomer.go("/")
    assert newcomer.page.evaluate("history.length") == before + 1


def test_the_input_is_still_there_when_it_is_opened_late(visitor: Visitor) -> None:
    """What lies behind a button is not built by the browser until it is pressed; the values must survive until then."""
    page = visitor.go("/pipeline?net=resnet18&w=192")
    choose(page, "pipeline-level", say("en", "level.stage"))
    visitor.wait_for(level="stage")
    open_input(page, "en")
    for key, value in (("h", "224"), ("w", "192"), ("classes", "1000")):
        expect(page.get_by_label(say("en", f"control.{key}"), exact=True)).to_have_value(value)


def test_what_does_not_fit_is_explained_and_mended(visitor: Visitor) -> None:
    page = visitor.go("/pipeline?net=lenet5&o.padding=0")
    expect(page.get_by_test_id("stAlert")).to_contain_text("32×32")
    page.get_by_test_id("stMain").get_by_role("button", name=say("en", "problem.use", smallest=32)).click()
    visitor.wait_for(h="32", w="32", o__padding="0")
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
    expect(page.locator(".atlas-facts")).to_contain_text("61,706")
