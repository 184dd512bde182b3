"""The page in a real browser, with an exported network that is not trained."""

import json
import os

import cv2
import numpy as np
import pytest

from ppdet_hourglass.cli import main
from ppdet_hourglass.predict.estimator import PoseEstimator

from ..browsing import LOOKS, browser_api, chromium, screenshot
from ..conftest import MPII
from ..networks import CONFIG, TINY
from .test_command import free_port

api = browser_api()
pytest.importorskip("gradio", reason="needs gradio")

FOUND = "document.querySelector('#found textarea, #found input')?.value"
WHOLE = "The whole image counts as one person."


@pytest.fixture(scope="module")
def browser():
    with chromium(api) as browser:
        yield browser


@pytest.fixture(scope="module")
def exported(weights, tmp_path_factory):
    """Folder of the tiny network, with random weights."""
    from ppdet_hourglass.compat.config import config_scope

    folder = tmp_path_factory.mktemp("exported")
    model = ["-c", CONFIG, "-o", f"weights={weights}", *TINY, "use_gpu=false"]
    with config_scope():
        assert main(["export", *model, f"--output_dir={folder}"]) == 0
    return folder / "hourglass_sample"


@pytest.fixture(scope="module")
def site(exported, picture, tmp_path_factory):
    """Address of the page."""
    folder = tmp_path_factory.mktemp("site")
    before = os.environ.copy()
    os.environ.update(GRADIO_ANALYTICS_ENABLED="False", GRADIO_TEMP_DIR=str(folder))
    from ppdet_hourglass.web.local_page import About, launch, page

    port = free_port()
    about = About("Poses by a test", "", [picture])
    blocks = page(PoseEstimator.from_exported(str(exported)), about)
    yield launch(blocks, "127.0.0.1", port)
    blocks.close(verbose=False)
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    """A photo if MPII's are at hand, else a drawn picture."""
    from ppdet_hourglass.sample.image import sample_image

    photos = sorted((MPII / "test_images").glob("*.jpg"))
    if photos:
        return str(photos[0])
    path = str(tmp_path_factory.mktemp("picture") / "000000001.jpg")
    cv2.imwrite(path, sample_image(np.random.default_rng(0))[0])
    return path


@pytest.fixture
def tab(browser, site):
    """The page in a tab that fails the test if it asks another server, or complains."""
    context = browser.new_context(**LOOKS["desktop"])
    tab = context.new_page()
    complaints = []
    tab.on("console", lambda m: m.type == "error" and complaints.append(m.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("request", lambda r: is_own(r.url) or complaints.append(r.url))
    tab.goto(site)
    tab.wait_for_selector("#picture input[type=file]", state="attached")
    yield tab
    context.close()
    assert complaints == []


def is_own(url):
    return url.startswith(("http://127.0.0.1:", "data:", "blob:"))


def drop(tab, path):
    tab.set_input_files("#picture input[type=file]", path)
    tab.wait_for_function(f"{FOUND} !== 'Waiting for an image.'")


def says(tab, text):
    tab.wait_for_function(f"{FOUND} === {json.dumps(text)}")


def click(tab, x, y):
    """Click in the drawn picture, at shares of its width and height."""
    place = tab.evaluate(
        """async () => { const image = document.querySelector("#drawn img");
        await image.decode();
        const {left, top, width, height} = image.getBoundingClientRect();
        const [w, h] = [image.naturalWidth, image.naturalHeight];
        const scale = Math.min(width / w, height / h, 1);
        return [left + width / 2, top + height / 2, scale * w, scale * h]; }"""
    )
    middle_x, middle_y, width, height = place
    tab.mouse.click(middle_x + (x - 0.5) * width, middle_y + (y - 0.5) * height)


def height_of(picture):
    return cv2.imread(picture).shape[0]


def changes(tab, picture):
    """Largest change of a channel in each pixel of the shown picture, (H, W)."""
    address = tab.locator("#drawn img").get_attribute("src")
    content = np.frombuffer(tab.request.get(address).body(), np.uint8)
    drawn = cv2.imdecode(content, cv2.IMREAD_COLOR)
    before = cv2.resize(
        cv2.imread(picture), drawn.shape[1::-1], interpolation=cv2.INTER_CUBIC
    )
    return np.abs(drawn.astype(int) - before).max(axis=2)


def records(tab):
    with tab.expect_download() as download:
        tab.click("text=Download JSON")
    assert download.value.suggested_filename == "keypoints_results.json"
    return json.loads(open(download.value.path()).read())


def test_a_dropped_picture_comes_back_with_a_pose(tab, picture):
    drop(tab, picture)
    says(tab, WHOLE)
    (record,) = records(tab)
    joints = np.array(record["keypoints"]).reshape(16, 3)[:, :2]
    changed = changes(tab, picture)
    at = np.round(len(changed) / height_of(picture) * joints).astype(int)
    inside = at[((at >= 0) & (at < changed.shape[::-1])).all(axis=1)]
    assert len(inside) >= 8
    near = cv2.blur(changed.astype(np.float32), (3, 3))[inside[:, 1], inside[:, 0]]
    assert np.median(near) > 20  # a pose, where the records say
    assert np.median(changed) < 5  # in the same picture


def test_it_writes_the_records_of_infer(tab, exported, picture, tmp_path):
    drop(tab, picture)
    says(tab, WHOLE)
    output = tmp_path / "output"
    argv = ["--exported", str(exported), "--input", picture, "--output", str(output)]
    assert main(["infer", *argv, "--no_drawing"]) == 0
    assert records(tab) == json.loads((output / "keypoints_results.json").read_text())


def test_boxes_by_two_clicks_each(tab, picture):
    drop(tab, picture)
    says(tab, WHOLE)
    click(tab, 0.25, 0.25)
    says(tab, "Now click the opposite corner.")
    click(tab, 0.75, 0.5)
    says(tab, "1 person in your box.")
    (record,) = records(tab)
    x, y, width, height = record["bbox"]
    assert x / width == pytest.approx(0.5, abs=0.02)
    assert y / height == pytest.approx(1, abs=0.02)
    tab.click("text=Remove my boxes")
    says(tab, WHOLE)


def test_what_is_no_picture_is_said_once(tab, tmp_path, picture):
    drop(tab, picture)
    says(tab, WHOLE)
    tab.click("[aria-label='Remove Image']")
    says(tab, "Waiting for an image.")
    (tmp_path / "no<b>.png").write_text("nothing")
    tab.set_input_files("#picture input[type=file]", str(tmp_path / "no<b>.png"))
    tab.wait_for_function(f"{FOUND}.includes('that can be read')")
    assert not tab.locator("#drawn img").count()


def test_a_picture_to_try(tab):
    tab.click(".gallery-item >> nth=0")
    says(tab, WHOLE)


def test_a_file_that_is_too_large_is_refused(browser, site, tmp_path):
    context = browser.new_context()
    tab = context.new_page()
    tab.goto(site)
    (tmp_path / "large.jpg").write_bytes(b"\0" * (21 * 2**20))
    tab.set_input_files("#picture input[type=file]", str(tmp_path / "large.jpg"))
    tab.wait_for_selector("text=/exceed the maximum allowed size of 20.0 Mb/")
    context.close()


@pytest.mark.parametrize("look", LOOKS)
def test_nothing_is_wider_than_the_screen(browser, site, picture, look):
    context = browser.new_context(**LOOKS[look])
    tab = context.new_page()
    tab.goto(site)
    drop(tab, picture)
    says(tab, WHOLE)
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    screenshot(tab, f"web_{look}")
    context.close()
