"""The page about training data in a real browser, from disk and without a network."""

import pytest

from ppdet_hourglass.compat.config import config_scope, load
from ppdet_hourglass.report.training import training_people, training_samples
from ppdet_hourglass.report.training_page import training_page

from ..browsing import LOOKS, browser_api, chromium, cut_off, offline_tab, screenshot
from .test_training import CONFIG

api = browser_api()


@pytest.fixture(scope="module")
def browser():
    with chromium(api) as browser:
        yield browser


@pytest.fixture(scope="module")
def address(sample_people, tmp_path_factory):
    with config_scope():
        people = training_people(load(CONFIG, [f"dataset_dir={sample_people}"]))
        samples = list(training_samples(people, range(6), seed=0))
    path = tmp_path_factory.mktemp("page") / "browse.html"
    path.write_text(training_page(people, samples, "Training data of <b>", seed=0))
    return path.as_uri()


@pytest.mark.parametrize("look", [*LOOKS, "print"])
def test_it_opens_offline(browser, address, look):
    """Every layer is there, nothing complains, and nothing is too wide."""
    with offline_tab(browser, look) as tab:
        tab.goto(address)
        assert tab.locator("h1").inner_text() == "Training data of <b>"
        assert tab.locator("#cards .person").count() == 6
        assert tab.locator("#keypoints tr").count() == 17
        assert tab.locator("#distributions svg").count() == 3
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert look == "phone" or cut_off(tab) == 0
        screenshot(tab, f"browse_{look}")


def test_layers_and_joints_can_be_chosen(browser, address):
    tab = browser.new_page()
    tab.goto(address)
    card = tab.locator("#cards .person").first
    for layer, part in (("targets", ".targets"), ("joints", ".joints circle >> nth=0")):
        assert card.locator(part).is_visible()
        tab.uncheck(f"#show-{layer}")
        assert not card.locator(part).is_visible()
        tab.check(f"#show-{layer}")
    assert not card.locator("text").first.is_visible()
    tab.check("#show-numbers")
    assert card.locator("text").first.is_visible()
    tab.select_option("#joint", label="9 head top")
    shown = card.locator(".joint:visible")
    assert shown.count() == 1 and shown.get_attribute("data-joint") == "9"
    tab.close()
