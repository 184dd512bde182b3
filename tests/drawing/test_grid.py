import json

import cv2
import numpy as np
import pytest

from ppdet_hourglass.cli import main
from ppdet_hourglass.drawing.grid import FRAME_PX, PAIRS_PER_ROW
from ppdet_hourglass.drawing.pair import CAPTION_PX, GAP_PX, PAIR_PX, TILE_PX, caption
from ppdet_hourglass.drawing.poses import RING_RGB

from ..conftest import person

#: Width and height of a person's place in the picture.
WIDTH, HEIGHT = PAIR_PX + 2 * FRAME_PX, TILE_PX + CAPTION_PX + 2 * FRAME_PX

KITE = """
name: kite
joints: [head, left_tip, right_tip]
pairs: [[left_tip, right_tip]]
"""


@pytest.fixture
def draw(tmp_path, capfd):
    """Runs the command on records; returns the picture, or the last line of errors."""

    def draw(rows, folder, *options, out="new folder/grid.png"):
        path = tmp_path / "results.json"
        path.write_text(rows if isinstance(rows, str) else json.dumps(rows))
        argv = ["grid", str(path), str(tmp_path / out), "--dataset", str(folder)]
        if main([*argv, *options]) == 0:
            return cv2.imread(str(tmp_path / out))
        error = capfd.readouterr().err.splitlines()[-1]
        return error.replace(str(tmp_path), "DIR").replace(str(folder), "SET")

    return draw


@pytest.fixture
def records(sample_people):
    return json.loads((sample_people / "annotations/mpii_val.json").read_text())


@pytest.fixture
def rows(records):
    """Perfect predictions of the sample's validation people."""
    return [
        {
            "image": r["image"],
            "center": r["center"],
            "keypoints": [v for x, y in r["joints"] for v in (x - 1, y - 1, 1)],
        }
        for r in records
    ]


def place(picture, index):
    """A person's place in the picture, counted from the last row's left."""
    row = picture[-HEIGHT:, index * WIDTH : (index + 1) * WIDTH]
    return row[FRAME_PX:-FRAME_PX, FRAME_PX:-FRAME_PX]


def rings(picture):
    """Number of pixels in the colour of the circles."""
    return int((picture == RING_RGB[::-1]).all(axis=2).sum())


def test_the_first_people(sample_people, draw, records, rows, tmp_path):
    assert all(records[1]["joints_vis"])
    records[0]["joints_vis"][0] = 0
    (tmp_path / "annotations").mkdir()
    (tmp_path / "images").symlink_to(sample_people / "images")
    (tmp_path / "annotations/mpii_val.json").write_text(json.dumps(records))
    picture = draw(rows, tmp_path, "--people", "2")
    title = picture.shape[0] - HEIGHT
    assert picture.shape[1] == 2 * WIDTH and 100 < title < 150
    for index in range(2):
        pair = place(picture, index)[CAPTION_PX:]
        truth, predicted = pair[:, :TILE_PX], pair[:, TILE_PX + GAP_PX :]
        assert truth.std() > 10 and rings(pair) == 0
        # Joints without annotation are drawn where they were predicted.
        assert (truth == predicted).all() == (index == 1)
    lines = -(-min(12, len(rows)) // PAIRS_PER_ROW)
    assert draw(rows, sample_people).shape[0] == title + lines * HEIGHT


def test_the_worst_people(sample_people, draw, rows):
    """Two joints of person 1 are far off, one of person 0; all others are right."""
    for index, x in ((0, -3), (1, -3), (1, -6)):
        rows[index]["keypoints"][x] += 1000
    first = draw(rows, sample_people, "--people", "2")
    worst = draw(rows, sample_people, "--worst", "2")
    for index, same in enumerate([1, 0]):
        assert (place(worst, index) == place(first, same)).all()
        assert rings(place(worst, index)) > 0
    assert (
        place(draw(rows, sample_people, "--worst", "1"), 0) == place(first, 1)
    ).all()
    assert rings(place(worst, 0)[:, :TILE_PX]) == 0  # the ground truth


def test_a_caption_has_a_text_at_each_end():
    bar = caption("PCKh 12/14 · 0.31", "person 3 · 1.jpg")
    ink = np.flatnonzero(bar.min(axis=(0, 2)) < 128)
    assert bar.shape == (CAPTION_PX, PAIR_PX, 3)
    assert ink[0] < 12 and ink[-1] > PAIR_PX - 12
    assert np.diff(ink).max() > PAIR_PX / 3  # the two are far apart


def test_without_head_boxes_people_have_no_score(dataset, draw, caplog):
    folder = dataset([person(head_box=None)])
    rows = [{"keypoints": [50, 50, 1] * 16}]
    assert rings(draw(rows, folder)) == 0
    reason = (
        f"no ground truth for {folder}/annotations/mpii_val.json: put mpii_gt_val.mat "
        "beside it, or give every record a 'head_box' [x1, y1, x2, y2] (1-based pixels)"
    )
    assert caplog.messages[0] == f"people are drawn without scores: {reason}"
    assert draw(rows, folder, "--worst", "1").startswith("error: no ground truth for ")


def test_cocos_layout(tmp_path, draw):
    """The second kite is far off; a prediction names the pictures in another order."""
    folder = tmp_path / "kites"
    (folder / "pictures/a").mkdir(parents=True)
    (folder / "kite.yml").write_text(KITE)
    images, annotations = [], []
    for number, name in enumerate(["a/1.png", "a/0.png"]):
        image = np.full((80, 100, 3), 60 + number, np.uint8)
        cv2.imwrite(str(folder / "pictures" / name), image)
        size = {"width": 100, "height": 80}
        images.append({"id": number, "file_name": name, **size})
        points = {"keypoints": [20, 20, 2, 60, 30, 1, 0, 0, 0]}
        box = {"bbox": [10, 10, 60, 50], "area": 3000, "iscrowd": 0, **points}
        annotations.append(
            {"id": number + 5, "image_id": number, "category_id": 1, **box}
        )
    content = {"images": images, "annotations": annotations, "categories": [{"id": 1}]}
    (folder / "val.json").write_text(json.dumps(content))
    found, lost = [20, 20, 1, 60, 30, 1, 0, 0, 1], [20, 20, 1, 10, 60, 1, 0, 0, 1]
    rows = [
        {"image": "a/0.png", "keypoints": lost, "bbox": [0, 0, 100, 80]},
        {"image": "a/1.png", "keypoints": found, "bbox": [0, 0, 100, 80]},
    ]
    options = ["--annotations", "val.json", "--images", "pictures", "--keypoints"]
    options.append(str(folder / "kite.yml"))
    picture = draw(rows, folder, *options, "--worst", "2")
    places = [place(picture, index) for index in range(2)]
    assert [rings(place) > 0 for place in places] == [True, False]
    assert [place[-90, 5].tolist() for place in places] == [[61] * 3, [60] * 3]
    (folder / "pictures/a/0.png").unlink()
    assert draw(rows, folder, *options) == (
        "error: DIR/kites/val.json: images[1]: image a/0.png is not in "
        "DIR/kites/pictures (1 of 2 images are missing)"
    )


def test_wrong_input(sample_people, draw, rows):
    def error(*options, rows=rows, **more):
        return draw(rows, sample_people, *options, **more)

    assert error(out="x.bin") == "error: DIR/x.bin must end in one of .png, .jpg, .jpeg"
    for option in ("--people", "--worst"):
        assert error(option, "0") == "error: at least 1 person must be drawn, but got 0"
    truth = "SET/annotations/mpii_val.json"
    assert error("--images", "none", "--worst", "1") == (
        f"error: {truth}: record 0: image SET/none/{rows[0]['image']} does not exist"
    )
    assert error(rows=rows[:-1]) == (
        f"error: DIR/results.json holds {len(rows) - 1} people, but {truth} {len(rows)}"
    )
    assert error(rows="[{").startswith("error: results file DIR/results.json is not")
    with pytest.raises(SystemExit):
        error("--people", "1", "--worst", "1")
