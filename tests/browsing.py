"""A real browser, without a window, for the tests of pages."""

import shutil
from contextlib import contextmanager

import pytest

from .conftest import ROOT

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

#: What the tests saw, for a look by people.
SCREENSHOTS = ROOT / "build/screenshots"

#: How people look at pages.
LOOKS = {
    "desktop": {"viewport": {"width": 1280, "height": 900}},
    "phone": {"viewport": {"width": 390, "height": 844}},
    "dark": {"color_scheme": "dark"},
}


def browser_api():
    """playwright's module; skips the whole file without it or without Chromium."""
    api = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    if CHROMIUM is None:
        pytest.skip("needs the browser chromium", allow_module_level=True)
    return api


@contextmanager
def chromium(api):
    """A started browser."""
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"]
        )
        yield browser
        browser.close()


@contextmanager
def offline_tab(browser, look="desktop"):
    """A tab that fails the test on any message of the console.

    ``look`` is one of ``LOOKS``, or ``print``: a sheet of A4 within its margins.
    """
    options = LOOKS.get(look, {"viewport": {"width": 703, "height": 1032}})
    context = browser.new_context(offline=True, **options)
    tab = context.new_page()
    messages = []
    tab.on("console", lambda message: messages.append(message.text))
    tab.on("pageerror", lambda error: messages.append(str(error)))
    if look == "print":
        tab.emulate_media(media="print")
    yield tab
    context.close()
    assert messages == []


def cut_off(tab):
    """Number of tables that are wider than their place: on paper nobody can scroll."""
    wider = "(one) => one.scrollWidth > one.clientWidth"
    return tab.evaluate(
        f"[...document.querySelectorAll('.scroll')].filter({wider}).length"
    )


def screenshot(tab, name, whole=True):
    """Keep what a page looks like, from top to bottom if ``whole``."""
    tab.screenshot(path=str(SCREENSHOTS / f"{name}.png"), full_page=whole)
