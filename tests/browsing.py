"""A real browser, without a window, for the tests of pages."""

import os
import shutil
from contextlib import contextmanager

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

#: Where CI keeps what it saw; nowhere by default.
SCREENSHOTS = os.environ.get("REPORT_SCREENSHOTS")

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


def screenshot(tab, name):
    """Keep what a page looks like, if CI asks for it."""
    if SCREENSHOTS:
        tab.screenshot(path=f"{SCREENSHOTS}/{name}.png", full_page=True)
