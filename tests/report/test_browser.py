"""The pages in a real browser, from disk and without a network."""

import base64
import json
from unittest.mock import patch

import cv2
import numpy as np
import pytest

from ppdet_hourglass.compat.config import config_scope, load
from ppdet_hourglass.data.checks.check import check_people
from ppdet_hourglass.keypoints.keypoint_set import read_keypoints
from ppdet_hourglass.report.data_pages import browse_page, faults_page
from ppdet_hourglass.report.evaluation_page import write_report

from ..browsing import LOOKS, browser_api, chromium, cut_off, offline_tab, screenshot
from .drawn import drawn_page
from .test_data_pages import CONFIG

api = browser_api()


@pytest.fixture(scope="module")
def browser():
    with chromium(api) as browser:
        yield browser


def heatmaps_of(stacks):
    """A person's heatmaps: squares of equal brightness, joint k's 10 (k + 2) of 255."""
    levels = 10 * np.arange(1, 18).repeat(8)
    strip = np.full((17 * 8, 8, 4), levels[:, None, None], np.uint8)
    return [base64.b64encode(cv2.imencode(".png", strip)[1]).decode()] * stacks


@pytest.fixture
def address(study, tmp_path):
    path = tmp_path / "report.html"
    stacks = {0: heatmaps_of(stacks=2)}
    with patch("ppdet_hourglass.report.evaluation_page.heatmaps", return_value=stacks):
        write_report(study, str(path), heatmaps_of=("", (), 1))
    return path.as_uri()


@pytest.fixture
def tab(browser):
    with offline_tab(browser) as tab:
        yield tab


def shown(tab):
    """Numbers of the people whose cards are shown, in order."""
    return [
        int(card.get_attribute("data-person")) for card in tab.locator(".person").all()
    ]


def test_the_worst_person_comes_first(tab, address):
    tab.goto(address)
    assert shown(tab) == [0, 1, 2]
    tab.select_option("#order", label="as annotated")
    assert shown(tab) == [0, 1, 2]
    tab.select_option("#order", label="largest error")
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
    tab.wait_for_url(lambda url: "#person" not in url)


def test_by_keyboard(tab, address):
    tab.goto(address)
    tab.locator(".person").first.focus()
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("Enter")
    assert tab.locator("#detail-title").inner_text() == "Person 1"
    tab.keyboard.press("ArrowRight")
    assert tab.url.endswith("#person-2")
    assert "image not on this page" in tab.locator("#detail-view").inner_text()


def test_layers_can_be_hidden(tab, address):
    tab.goto(f"{address}#person-0")
    predicted = tab.locator("#detail-view .layer-predicted")
    assert predicted.is_visible()
    tab.uncheck('#detail [data-layer="predicted"]')
    assert not predicted.is_visible()
    assert not tab.locator("#cards .layer-predicted").first.is_visible()


def test_heatmaps_on_demand_by_keyboard(tab, address):
    tab.goto(f"{address}#person-0")
    stacks = tab.locator("#heat-stacks figure")
    assert stacks.count() == 0
    tab.focus("#heat summary")
    tab.keyboard.press("Enter")
    stacks.first.wait_for()
    assert stacks.all_inner_texts() == [
        "stack 1 of 2: all joints",
        "stack 2 of 2: all joints",
    ]
    assert brightness(stacks.last) == pytest.approx(gray(10), abs=2)
    assert stacks.last.locator("circle").count() == 0
    tab.select_option("#heat-joint", label="right hip")  # joint 2
    assert brightness(stacks.last) == pytest.approx(gray(40), abs=2)
    assert stacks.last.locator("circle").count() == 2  # annotated and predicted
    tab.focus("#close")
    tab.keyboard.press("ArrowRight")
    assert tab.locator("#detail-title").inner_text() == "Person 1"
    assert not tab.locator("#heat").is_visible()


def gray(value):
    """Brightness of a heatmap of this colour and opacity on the dimmed picture."""
    return value / 255 * value + (1 - value / 255) * 0.6 * 90


def brightness(figure):
    """Of a point of the picture away from the joints."""
    shot = np.frombuffer(figure.locator("svg").screenshot(), np.uint8)
    pixels = cv2.imdecode(shot, cv2.IMREAD_GRAYSCALE)
    return float(pixels[len(pixels) // 5, len(pixels) // 5])


def test_all_people_shown_need_no_button(tab, address):
    tab.goto(address)
    assert not tab.locator("#more").is_visible()


@pytest.fixture(scope="module")
def drawn(sample_people, tmp_path_factory):
    """Address of a page as people get it."""
    return drawn_page(sample_people, tmp_path_factory.mktemp("drawn")).as_uri()


@pytest.mark.parametrize("look", [*LOOKS, "print"])
def test_nothing_is_wider_than_the_screen(browser, drawn, look):
    with offline_tab(browser, look) as tab:
        tab.goto(drawn)
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert look == "phone" or cut_off(tab) == 0
        screenshot(tab, f"report_{look}")


@pytest.mark.parametrize("look", [*LOOKS, "print"])
def test_an_open_person(browser, drawn, look):
    """On screens above the page, on paper alone."""
    with offline_tab(browser, look) as tab:
        tab.goto(f"{drawn}#person-0")
        tab.evaluate("document.getElementById('heat').open = true")
        tab.locator("#heat-stacks figure").first.wait_for()
        assert tab.locator("#detail-joints").is_visible()
        for outside in ("h1", "#close"):
            assert tab.locator(outside).is_visible() == (look != "print")
        assert tab.evaluate(
            "document.getElementById('detail').scrollWidth <= innerWidth"
        )
        if look != "print":
            tab.locator("#heat-stacks").scroll_into_view_if_needed()
        screenshot(tab, f"report_person_{look}", whole=look == "print")


@pytest.fixture(scope="module")
def browse(sample_people, tmp_path_factory):
    """Address of a page about training data."""
    with config_scope():
        cfg = load(CONFIG, [f"dataset_dir={sample_people}"])
        page = browse_page(cfg, 6, 0, "Training data of <b>")
    path = tmp_path_factory.mktemp("page") / "browse.html"
    path.write_text(page)
    return path.as_uri()


@pytest.mark.parametrize("look", [*LOOKS, "print"])
def test_training_data(browser, browse, look):
    with offline_tab(browser, look) as tab:
        tab.goto(browse)
        assert tab.locator("h1").inner_text() == "Training data of <b>"
        assert tab.locator("#cards .person").count() == 6
        assert tab.locator("#example circle").count() > 8
        assert tab.locator("#keypoints tr").count() == 17
        assert tab.locator("#distributions svg").count() == 3
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert look == "phone" or cut_off(tab) == 0
        screenshot(tab, f"browse_{look}")


def test_layers_and_joints_can_be_chosen(tab, browse):
    tab.goto(browse)
    card = tab.locator("#cards .person").first
    for layer, part in (("targets", "image"), ("joints", "circle")):
        shown = card.locator(f".layer-{layer}" + (" circle" * (part == "circle"))).first
        assert shown.is_visible()
        tab.uncheck(f'#controls [data-layer="{layer}"]')
        assert not shown.is_visible()
        tab.check(f'#controls [data-layer="{layer}"]')
    assert not card.locator("text").first.is_visible()
    tab.check('#controls [data-layer="numbers"]')
    assert card.locator("text").first.is_visible()
    tab.select_option("#joint", label="head top")
    chosen = tab.locator("#cards .person").first.locator(".joint.chosen")
    assert chosen.count() == 1 and chosen.get_attribute("data-joint") == "9"
    opacity = "(mark) => getComputedStyle(mark).opacity"
    assert chosen.evaluate(opacity) == "1"
    rest = tab.locator("#cards .joint:not(.chosen)").first
    assert float(rest.evaluate(opacity)) < 0.5


@pytest.mark.parametrize("look", LOOKS)
def test_faults_by_problem(browser, sample_people, tmp_path, look):
    people = json.loads((sample_people / "annotations/mpii_train.json").read_text())
    people[1] = people[0]  # the same person twice
    people[2]["joints_vis"] = [0] * 16
    annotations = tmp_path / "people.json"
    annotations.write_text(json.dumps(people))
    keypoints = read_keypoints("mpii")
    found = check_people(str(annotations), str(sample_people / "images"), keypoints)
    path = tmp_path / "faults.html"
    path.write_text(faults_page([found], keypoints))
    with offline_tab(browser, look) as tab:
        tab.goto(path.as_uri())
        tab.select_option("#group", label="same person twice")
        assert shown(tab) == [1]
        tab.select_option("#group", label="no annotated joint")
        assert shown(tab) == [2]
        tab.keyboard.press("Escape")
        tab.locator(".person").click()
        assert tab.locator("#detail-title").inner_text() == "Record 2"
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
        screenshot(tab, f"faults_{look}", whole=False)
