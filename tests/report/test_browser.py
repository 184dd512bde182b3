"""The report in a real browser, from disk and without a network."""

import pytest

from ppdet_hourglass.report.page import page
from ppdet_hourglass.report.pictures import crops

from ..browsing import LOOKS, browser_api, chromium, screenshot

api = browser_api()


@pytest.fixture(scope="module")
def browser():
    with chromium(api) as browser:
        yield browser


@pytest.fixture
def address(one, evaluation, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(page(one, "PCKh of a test", crops(one, evaluation[2], 9)))
    return path.as_uri()


@pytest.fixture
def tab(browser):
    """An offline tab that fails the test on any message of the console."""
    context = browser.new_context(offline=True)
    tab = context.new_page()
    messages = []
    tab.on("console", lambda message: messages.append(message.text))
    tab.on("pageerror", lambda error: messages.append(str(error)))
    yield tab
    context.close()
    assert messages == []


def shown(tab):
    """Numbers of the people whose cards are shown, in order."""
    return [
        int(card.get_attribute("data-person")) for card in tab.locator(".person").all()
    ]


def test_the_worst_person_comes_first(tab, address):
    tab.goto(address)
    assert shown(tab) == [0, 1, 2]
    tab.select_option("#order", "person")
    assert shown(tab) == [0, 1, 2]
    tab.select_option("#order", "error")
    assert shown(tab)[-1] == 2


def test_filters_by_joint_and_class(tab, address):
    tab.goto(address)
    tab.select_option("#class", label="swap")
    assert shown(tab) == [1]
    tab.select_option("#joint", label="right hip")
    assert shown(tab) == []
    tab.select_option("#class", label="jitter")
    assert shown(tab) == [2]
    assert tab.locator("#count").inner_text() == "1 of 3 people"


def test_a_person_has_an_address(tab, address):
    tab.goto(f"{address}#person-1")
    assert tab.locator("#detail-title").inner_text() == "Person 1"
    row = tab.locator("#detail-joints tr").nth(1)
    assert row.locator("td").all_inner_texts()[:2] == ["right knee", "swap"]
    tab.keyboard.press("Escape")
    tab.locator("#detail").wait_for(state="hidden")
    tab.wait_for_function("location.hash === ''")


def test_by_keyboard(tab, address):
    tab.goto(address)
    tab.locator(".person").first.focus()
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("Enter")
    assert tab.locator("#detail-title").inner_text() == "Person 1"
    tab.keyboard.press("ArrowRight")
    assert tab.url.endswith("#person-2")
    assert "picture not in this report" in tab.locator("#detail-picture").inner_text()


def test_layers_can_be_hidden(tab, address):
    tab.goto(f"{address}#person-0")
    predicted = tab.locator("#detail-picture .predicted")
    assert predicted.is_visible()
    tab.uncheck("#show-predicted")
    assert not predicted.is_visible()


@pytest.mark.parametrize("look", LOOKS)
def test_nothing_is_wider_than_the_screen(browser, address, look):
    context = browser.new_context(offline=True, **LOOKS[look])
    tab = context.new_page()
    tab.goto(address)
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    screenshot(tab, look)
    context.close()
