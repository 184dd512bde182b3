"""The same boxes give the same joints, through evaluation and prediction.

Whatever the pictures' EXIF orientation is; and without boxes they are upright.
"""

import json

import cv2
import pytest

from ppdet_hourglass.cli import main
from ppdet_hourglass.data.images import turn_upright

from ..data.turned import with_tag, write_turned
from ..predict.detectors import expected, paddle_detector
from .conftest import arguments

RESULTS = "keypoints_results.json"
IGNORE_EXIF = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION


@pytest.fixture
def infer(model, tmp_path, config):
    """Runs the command; returns its results."""

    def run(path, *flags):
        output = tmp_path / "predicted"
        argv = ["--input", path, "--output", output, "--no_drawing", *flags]
        assert main(["infer", *model, *map(str, argv)]) == 0
        return json.loads((output / RESULTS).read_text())

    return run


def image_of(row):
    return row["image"]


def test_evaluations_boxes_and_its_annotations(infer, weights, sample_people, tmp_path):
    folder = tmp_path / "tagged"
    (folder / "images").mkdir(parents=True)
    (folder / "annotations").symlink_to(sample_people / "annotations")
    annotations = folder / "annotations/mpii_val.json"
    people = json.loads(annotations.read_text())
    names = sorted(set(map(image_of, people)))
    for name, tag in zip(names, (1, 3, 6, 8)):
        content = (sample_people / "images" / name).read_bytes()
        (folder / "images" / name).write_bytes(with_tag(content, tag))
    options = (f"weights={weights}", "use_gpu=false", f"output_eval={tmp_path}")
    assert main(["eval", *arguments(folder, tmp_path, *options)]) == 0
    known = sorted(json.loads((tmp_path / RESULTS).read_text()), key=image_of)
    assert [row["image"] for row in known] == sorted(map(image_of, people))
    for boxes in (tmp_path / RESULTS, annotations):
        rows = sorted(infer(folder / "images", "--boxes", boxes), key=image_of)
        assert len(rows) == len(known)
        for row, other in zip(rows, known):
            assert row["keypoints"] == pytest.approx(other["keypoints"], abs=0.01)
            assert row["pixels"] == other["pixels"] == "stored"


def test_a_phones_photo_is_predicted_upright(infer, sample_people, tmp_path):
    """As the picture that a viewer shows, without boxes and with a detector."""
    source = sorted((sample_people / "images").iterdir())[0]
    photos, shown = tmp_path / "photos", tmp_path / "shown"
    photos.mkdir()
    shown.mkdir()
    image = cv2.imread(str(source))[:, :150]  # wider than high, or higher than wide
    for tag in (3, 6, 8):
        write_turned(photos / f"{tag}.jpg", tag, image)
        stored = cv2.imread(str(photos / f"{tag}.jpg"), IGNORE_EXIF)
        cv2.imwrite(str(shown / f"{tag}.png"), turn_upright(stored, tag))
    detector = paddle_detector(tmp_path / "detector")
    for flags in ([], ["--detector", detector]):
        rows, known = infer(photos, *flags), infer(shown, *flags)
        assert len(rows) == len(known) >= 3
        for row, other in zip(rows, known):
            assert row["keypoints"] == other["keypoints"]
            assert row["bbox"] == other["bbox"] and row["pixels"] == "upright"
    for row, tag in zip(rows[::2], (3, 6, 8)):
        height, width = cv2.imread(str(shown / f"{tag}.png")).shape[:2]
        assert row["bbox"] == pytest.approx(expected(width, height)[0][:4], abs=0.05)
