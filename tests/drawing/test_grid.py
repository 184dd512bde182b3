import json

import cv2
import numpy as np
import pytest

from ppdet_hourglass.__main__ import main
from ppdet_hourglass.drawing.grid import FRAME_PX, PAIRS_PER_ROW
from ppdet_hourglass.drawing.pair import (
    CAPTION_PX,
    GAP_PX,
    PAIR_PX,
    RING_RGB,
    TILE_PX,
    add_ring,
    caption,
)

from ..conftest import person

pytest.importorskip("supervision")

#: Width and height of a person's place in the picture.
WIDTH, HEIGHT = PAIR_PX + 2 * FRAME_PX, TILE_PX + CAPTION_PX + 2 * FRAME_PX

KITE = """
name: kite
joints: [head, left_tip, right_tip]
pairs: [[left_tip, right_tip]]
"""


@pytest.fixture
def results(sample_people, tmp_path):
    """Perfect predictions of the sample's validation people."""
    records = json.loads((sample_people / "annotations/mpii_val.json").read_text())
    rows = [
        {
            "image": r["image"],
            "center": r["center"],
            "keypoints": [v for x, y in r["joints"] for v in (x - 1, y - 1, 1)],
        }
        for r in records
    ]
    path = tmp_path / "keypoints_results.json"
    path.write_text(json.dumps(rows))
    return path, rows


def place(picture, index):
    """A person's place in the picture, counted from the last row's left."""
    row = picture[-HEIGHT:, index * WIDTH : (index + 1) * WIDTH]
    return row[FRAME_PX:-FRAME_PX, FRAME_PX:-FRAME_PX]


def rings(picture):
    """Number of pixels in the colour of the circles."""
    return int((picture == RING_RGB[::-1]).all(axis=2).sum())


def test_the_first_people(sample_people, results, tmp_path):
    path, rows = results
    folder = tmp_path / "people"
    (folder / "annotations").mkdir(parents=True)
    (folder / "images").symlink_to(sample_people / "images")
    records = json.loads((sample_people / "annotations/mpii_val.json").read_text())
    assert all(records[1]["joints_vis"])
    records[0]["joints_vis"][0] = 0
    (folder / "annotations/mpii_val.json").write_text(json.dumps(records))
    out = tmp_path / "new folder/grid.png"
    arguments = ["grid", str(path), str(out), "--dataset", str(folder)]
    assert main([*arguments, "--people", "2"]) == 0
    picture = cv2.imread(str(out))
    title = picture.shape[0] - HEIGHT
    assert picture.shape[1] == 2 * WIDTH and 100 < title < 150
    for index in range(2):
        pair = place(picture, index)[CAPTION_PX:]
        truth, predicted = pair[:, :TILE_PX], pair[:, TILE_PX + GAP_PX :]
        assert truth.std() > 10 and rings(pair) == 0
        # Joints without annotation are drawn where they were predicted.
        assert (truth == predicted).all() == (index == 1)
    assert main(arguments) == 0
    shown = min(12, len(rows))
    lines = -(-shown // PAIRS_PER_ROW)
    assert cv2.imread(str(out)).shape[0] == title + lines * HEIGHT


def test_the_worst_people(sample_people, results, tmp_path):
    """Two joints of person 1 are far off, one of person 0; all others are right."""
    path, rows = results
    for index, x in ((0, -3), (1, -3), (1, -6)):
        rows[index]["keypoints"][x] += 1000
    path.write_text(json.dumps(rows))
    pictures = {}
    for option, count in (("--people", "2"), ("--worst", "2"), ("--worst", "1")):
        out = tmp_path / "grid.png"
        arguments = ["grid", str(path), str(out), "--dataset", str(sample_people)]
        assert main([*arguments, option, count]) == 0
        pictures[option, count] = cv2.imread(str(out))
    first, worst = pictures["--people", "2"], pictures["--worst", "2"]
    for index, same in enumerate([1, 0]):
        assert (place(worst, index) == place(first, same)).all()
        assert rings(place(worst, index)) > 0
    assert (place(pictures["--worst", "1"], 0) == place(first, 1)).all()
    truth = place(worst, 0)[:, :TILE_PX]
    assert rings(truth) == 0


@pytest.mark.parametrize("color", [0, 128, 255])
def test_a_ring_shows_on_any_background(color):
    tile = np.full((60, 60, 3), color, np.uint8)
    add_ring(tile, np.array([30.0, 30.0]))
    assert rings(tile) > 40 and (tile[30, 30] == color).all()
    assert (tile[30, :18] == color).all()  # nothing beyond it


def test_a_caption_has_a_text_at_each_end():
    bar = caption("PCKh 12/14 · 0.31", "person 3 · 1.jpg")
    ink = np.flatnonzero(bar.min(axis=(0, 2)) < 128)
    assert bar.shape == (CAPTION_PX, PAIR_PX, 3)
    assert ink[0] < 12 and ink[-1] > PAIR_PX - 12
    assert np.diff(ink).max() > PAIR_PX / 3  # the two are far apart


def test_without_head_boxes_people_have_no_score(dataset, tmp_path, capfd, caplog):
    folder = dataset([person(head_box=None)])
    path = tmp_path / "results.json"
    path.write_text(json.dumps([{"keypoints": [50, 50, 1] * 16}]))
    arguments = ["grid", str(path), str(tmp_path / "a.png"), "--dataset", str(folder)]
    assert main(arguments) == 0
    assert rings(cv2.imread(str(tmp_path / "a.png"))) == 0
    reason = (
        f"no ground truth for {folder}/annotations/mpii_val.json: put mpii_gt_val.mat "
        "beside it, or give every record a 'head_box' [x1, y1, x2, y2] (1-based pixels)"
    )
    assert caplog.messages[0] == f"people are drawn without scores: {reason}"
    assert main([*arguments, "--worst", "1"]) == 1
    assert capfd.readouterr().err.endswith(f"error: {reason}\n")


def test_cocos_layout(tmp_path, capfd):
    """The second kite is far off; a prediction names the pictures in another order."""
    folder = tmp_path / "kites"
    (folder / "pictures/a").mkdir(parents=True)
    (folder / "kite.yml").write_text(KITE)
    names, annotations = ["a/1.png", "a/0.png"], []
    for number, name in enumerate(names):
        image = np.full((80, 100, 3), 60 + number, np.uint8)
        cv2.imwrite(str(folder / "pictures" / name), image)
        points = [20, 20, 2, 60, 30, 1, 0, 0, 0]
        box = {"bbox": [10, 10, 60, 50], "area": 3000, "iscrowd": 0}
        annotation = {"id": number + 5, "image_id": number, "category_id": 1, **box}
        annotations.append({**annotation, "keypoints": points})
    images = [
        {"id": number, "file_name": name, "width": 100, "height": 80}
        for number, name in enumerate(names)
    ]
    content = {"images": images, "annotations": annotations, "categories": [{"id": 1}]}
    (folder / "val.json").write_text(json.dumps(content))
    found, lost = [20, 20, 1, 60, 30, 1, 0, 0, 1], [20, 20, 1, 10, 60, 1, 0, 0, 1]
    rows = [
        {"image": "a/0.png", "keypoints": lost, "bbox": [0, 0, 100, 80]},
        {"image": "a/1.png", "keypoints": found, "bbox": [0, 0, 100, 80]},
    ]
    path, out = folder / "results.json", folder / "grid.png"
    path.write_text(json.dumps(rows))
    arguments = ["grid", str(path), str(out), "--dataset", str(folder)]
    arguments += ["--annotations", "val.json", "--images", "pictures"]
    arguments += ["--keypoints", str(folder / "kite.yml")]
    assert main([*arguments, "--worst", "2"]) == 0
    picture = cv2.imread(str(out))
    assert [rings(place(picture, index)) > 0 for index in range(2)] == [True, False]
    assert [place(picture, index)[-90, 5].tolist() for index in range(2)] == [
        *([61] * 3, [60] * 3)
    ]
    path.write_text(json.dumps(rows[1:]))
    assert main(arguments) == 1
    assert capfd.readouterr().err.endswith(
        f"error: {path} holds 1 people, but {folder}/val.json 2\n"
    )
    (folder / "pictures/a/0.png").unlink()
    assert main([*arguments, "--worst", "1"]) == 1
    assert capfd.readouterr().err.endswith(
        f"error: {folder}/val.json: images[1]: image a/0.png is not in "
        f"{folder}/pictures (1 of 2 images are missing)\n"
    )


def test_wrong_input(sample_people, results, tmp_path, capsys):
    path, rows = results
    out = str(tmp_path / "grid.png")
    arguments = ["grid", str(path), out, "--dataset", str(sample_people)]

    def error(*argv):
        assert main([*argv]) == 1
        return capsys.readouterr().err

    assert error(*arguments[:2], "x.bin", *arguments[3:]) == (
        "error: x.bin must end in one of .png, .jpg, .jpeg\n"
    )
    for option in ("--people", "--worst"):
        assert error(*arguments, option, "0") == (
            "error: at least 1 person must be drawn, but got 0\n"
        )
    truth = sample_people / "annotations/mpii_val.json"
    assert error(*arguments, "--images", "none", "--worst", "1") == (
        f"error: {truth}: record 0: image {sample_people}/none/{rows[0]['image']} "
        "does not exist\n"
    )
    path.write_text(json.dumps(rows[:-1]))
    assert error(*arguments) == (
        f"error: {path} holds {len(rows) - 1} people, but {truth} {len(rows)}\n"
    )
    path.write_text("[{")
    assert error(*arguments).startswith(f"error: results file {path} is not valid JSON")
    path.unlink()
    assert error(*arguments) == f"error: results file {path} does not exist\n"
    with pytest.raises(SystemExit):
        main([*arguments, "--people", "1", "--worst", "1"])
