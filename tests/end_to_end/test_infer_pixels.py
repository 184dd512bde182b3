"""The same boxes give the same joints, through evaluation and prediction.

Whatever the pictures' EXIF orientation is; and without boxes they are upright.
"""

import json

import cv2
import numpy as np
import pytest

from ppdet_hourglass.cli import main
from ppdet_hourglass.data.images import turned

from ..data.turned import with_tag, write_turned
from ..predict.detectors import expected, paddle_detector
from .conftest import arguments

RESULTS = "keypoints_results.json"


@pytest.fixture
def tagged(sample_people, tmp_path):
    """Builds the sample's validation set with an orientation in all its images."""

    def build(tag):
        folder = tmp_path / f"tagged_{tag}"
        (folder / "images").mkdir(parents=True)
        (folder / "annotations").symlink_to(sample_people / "annotations")
        for record in json.loads((folder / "annotations/mpii_val.json").read_text()):
            content = (sample_people / "images" / record["image"]).read_bytes()
            (folder / "images" / record["image"]).write_bytes(with_tag(content, tag))
        return folder

    return build


@pytest.fixture
def infer(model, tmp_path, config):
    """Runs the command; returns its results."""

    def run(path, *flags):
        output = tmp_path / "predicted"
        argv = ["--input", path, "--output", output, "--no_drawing", *flags]
        assert main(["infer", *model, *map(str, argv)]) == 0
        return json.loads((output / RESULTS).read_text())

    return run


@pytest.fixture
def evaluate(weights, tmp_path, config):
    """Evaluates a data set; returns the results file."""

    def run(folder):
        output = tmp_path / "evaluated"
        options = (f"weights={weights}", "use_gpu=false", f"output_eval={output}")
        assert main(["eval", *arguments(folder, tmp_path, *options)]) == 0
        return output / RESULTS

    return run


def by_image(rows):
    """Joints (people, K, 3) of each image, in the rows' order."""
    people = {}
    for row in rows:
        people.setdefault(row["image"], []).append(
            np.reshape(row["keypoints"], (-1, 3))
        )
    return {image: np.array(joints) for image, joints in people.items()}


@pytest.mark.parametrize("tag", [1, 3, 6, 8])
def test_evaluations_boxes_and_its_annotations(infer, evaluate, tagged, tag):
    folder = tagged(tag)
    results = evaluate(folder)
    rows = json.loads(results.read_text())
    assert len(by_image(rows)) == 4 and {row["pixels"] for row in rows} == {"stored"}
    for boxes in (results, folder / "annotations/mpii_val.json"):
        predicted = infer(folder / "images", "--boxes", boxes)
        assert {row["pixels"] for row in predicted} == {"stored"}
        assert len(predicted) == len(rows)
        for image, joints in by_image(predicted).items():
            assert np.abs(joints - by_image(rows)[image]).max() <= 0.01


def test_boxes_whose_pixels_are_not_known(infer, evaluate, tagged, capsys, model):
    folder = tagged(6)
    rows = json.loads(evaluate(folder).read_text())
    boxes = folder / "boxes.json"
    detections = [{"file_name": row["image"], "bbox": row["bbox"]} for row in rows]
    boxes.write_text(json.dumps(detections))
    capsys.readouterr()
    argv = ["--input", str(folder / "images"), "--boxes", str(boxes)]
    assert main(["infer", *model, *argv, "--output", str(folder / "out")]) == 1
    image = folder / "images" / rows[0]["image"]
    assert capsys.readouterr().err.splitlines() == [
        f"error: {boxes}: image {image} is turned by its EXIF orientation 6: each of "
        "its boxes must have the same 'pixels', 'stored' or 'upright'"
    ]
    said = [{**row, "pixels": "stored"} for row in detections]
    boxes.write_text(json.dumps(said))
    predicted = infer(folder / "images", "--boxes", boxes)
    for image, joints in by_image(predicted).items():
        assert np.abs(joints - by_image(rows)[image]).max() <= 0.01


@pytest.mark.parametrize("tag", [3, 6, 8])
def test_a_phones_photo_is_predicted_upright(infer, sample_people, tmp_path, tag):
    """As the picture that a viewer shows, without boxes and with a detector."""
    (source,) = sorted((sample_people / "images").iterdir())[:1]
    photos, shown = tmp_path / "photos", tmp_path / "shown"
    photos.mkdir()
    shown.mkdir()
    image = cv2.imread(str(source))[:, :150]  # wider than high, or higher than wide
    write_turned(photos / "1.jpg", tag, image)
    stored = cv2.imread(str(photos / "1.jpg"), cv2.IMREAD_IGNORE_ORIENTATION | 1)
    upright = turned(stored, tag)
    cv2.imwrite(str(shown / "1.png"), upright)
    detector = paddle_detector(tmp_path / "detector")
    for flags in ([], ["--detector", detector]):
        rows, known = infer(photos, *flags), infer(shown, *flags)
        assert len(rows) == len(known) >= 1
        for row, other in zip(rows, known):
            assert row["keypoints"] == other["keypoints"]
            assert row["bbox"] == other["bbox"] and row["pixels"] == "upright"
    height, width = upright.shape[:2]
    left, _ = expected(width, height)
    assert rows[0]["bbox"] == pytest.approx(left[:4], abs=0.05)
