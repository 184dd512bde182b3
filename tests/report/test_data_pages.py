"""What the page of `browse` shows of a config's people and its reader's samples."""

import base64
import json
import re

import cv2
import numpy as np
import pytest

from ppdet_hourglass.cli import main
from ppdet_hourglass.compat.config import config_scope, load
from ppdet_hourglass.data.images import image_header
from ppdet_hourglass.keypoints.keypoint_set import read_keypoints
from ppdet_hourglass.report.data_pages import browse_page, view_of

from ..conftest import ROOT, refused
from ..modeling.oracle import numpy_targets
from .test_page import DATA

CONFIG = str(ROOT / "configs/hourglass_sample.yml")
MPII = read_keypoints("mpii")
CROP = np.zeros((32, 24, 3), np.uint8)

#: x, y in the crop, and whether annotated; the last Gaussian lies outside.
JOINTS = np.float32([[8, 4, 1], [20, 28, 1], [4, 4, 0], [300, 4, 1]])

#: The first two in thousandths of the crop's width, half a pixel from its edge on.
PLACES = [[354, 188], [854, 1188], None, None]


def image_of(text):
    return cv2.imdecode(np.frombuffer(base64.b64decode(text), np.uint8), -1)


@pytest.mark.parametrize("on_device", [False, True])
def test_a_sample_with_targets_or_joints(on_device):
    heatmaps, weights = numpy_targets(
        JOINTS[None, :, :2], JOINTS[None, :, 2], (4, 4), (6, 8)
    )
    targets = {"target": heatmaps[0], "target_weight": weights[0][:, None]}
    sample = {"image": CROP, **({"joints": JOINTS} if on_device else targets)}
    view = view_of(sample, MPII)
    assert view["skeletons"]["joints"] == PLACES
    assert view["text"].startswith("2 of 16 joints") and view["tall"] == 1333
    assert image_of(view["picture"]).shape == (32, 24, 3)
    opacity = image_of(view["overlay"])[..., 3]
    assert opacity.shape == (8, 6) and np.argwhere(opacity > 200).tolist() == [
        [1, 2],
        [7, 5],
    ]


def test_a_sample_that_is_no_crop():
    message = refused(view_of, {"image": np.zeros((3, 32, 24), np.float32)}, MPII)
    assert "TrainReader.sample_transforms" in message and "(3, 32, 24)" in message
    message = refused(view_of, {"image": CROP, "scale": 1}, MPII)
    assert "'target' or 'joints'" in message and message.endswith("image, scale")


def shown(config, *options, count=3, seed=1):
    """What the page's script reads."""
    with config_scope():
        page = browse_page(load(config, options), count, seed, "title")
    return page, json.loads(DATA.search(page)[1])


def test_the_configs_own_reader_augments(sample_people):
    folder = f"dataset_dir={sample_people}"
    page, data = shown(CONFIG, folder)
    assert "annotations/mpii_train.json" in page and "in 8 images" in page
    assert len(data["people"]) == 3
    for person in data["people"]:
        assert image_of(person["picture"]).shape == (128, 128, 3)
        assert image_of(person["overlay"]).shape == (32, 32, 4)
        assert len(person["skeletons"]["joints"]) == 16
    _, everybody = shown(CONFIG, folder, count=99)
    by_number = {person["number"]: person for person in everybody["people"]}
    for person in data["people"]:  # a sample does not depend on those before it
        assert by_number[person["number"]] == person
    _, other = shown(CONFIG, folder, count=99, seed=2)
    assert other["people"][0]["picture"] != everybody["people"][0]["picture"]


def test_coco_s_reader(tmp_path, sample_people):
    """A config for COCO's layout; the last joint is annotated for nobody."""
    people = json.loads((sample_people / "annotations/mpii_train.json").read_text())
    rows = [
        {
            **{"id": index, "image_id": index, "category_id": 1, "iscrowd": 0},
            **{"bbox": [20, 20, 100, 150], "area": 15000.0, "num_keypoints": 16},
            "keypoints": [v for x, y in person["joints"] for v in (x, y, 2)] + [0] * 3,
        }
        for index, person in enumerate(people[:2])
    ]
    images = []
    for index, person in enumerate(people[:2]):
        (width, height), _ = image_header(
            str(sample_people / "images" / person["image"])
        )
        size = {"width": width, "height": height}
        images.append({"id": index, "file_name": person["image"], **size})
    categories = [{"id": 1, "name": "person"}]
    file = tmp_path / "annotations/person_keypoints_train2017.json"
    file.parent.mkdir()
    file.write_text(
        json.dumps({"images": images, "annotations": rows, "categories": categories})
    )
    (tmp_path / "train2017").symlink_to(sample_people / "images")
    config = str(ROOT / "configs/hourglass_coco_256.yml")
    page, data = shown(config, f"dataset_dir={tmp_path}")
    assert [person["number"] for person in data["people"]] == [0, 1]
    assert image_of(data["people"][1]["picture"]).shape == (256, 256, 3)
    shares = re.findall(r"<td>([\d.]+)</td></tr>", page)
    assert shares == ["100.0"] * 16 + ["0.0"]


def test_equal_input_gives_an_equal_page(sample_people, tmp_path, config):
    argv = ["-c", CONFIG, "--people", "3", "-o", f"dataset_dir={sample_people}"]
    pages = []
    for seed in ("5", "5", "6"):
        path = tmp_path / "page.html"
        assert main(["browse", *argv, "--output", str(path), "--seed", seed]) == 0
        pages.append(path.read_text().replace(f"with seed {seed}", ""))
    assert pages[0] == pages[1] != pages[2]


@pytest.mark.parametrize("option, least", [("people", 1), ("seed", 0)])
def test_wrong_numbers(option, least, capsys):
    assert main(["browse", "-c", CONFIG, f"--{option}", "-1"]) == 1
    error = capsys.readouterr().err
    assert f"--{option}" in error and f"least {least}" in error and "-1" in error
