"""What ``make demo`` left behind, if it ran in this clone."""

import json

import cv2
import numpy as np
import pytest

from ppdet_hourglass.metrics.pck import GroundTruth, pck

from ..conftest import ROOT

OUTPUT = ROOT / "output/hourglass_sample"


@pytest.fixture
def demo():
    if not (OUTPUT / "report.jpg").exists():
        pytest.skip("needs the results of `make demo` in this clone")
    return OUTPUT


def test_the_small_network_learns_the_sample_people(demo):
    rows = json.loads((demo / "keypoints_results.json").read_text())
    joints = np.reshape([row["keypoints"] for row in rows], (-1, 16, 3))
    truth = ROOT / "dataset/sample/annotations/mpii_gt_val.mat"
    result = pck(joints[..., :2], GroundTruth.from_mat(str(truth)))
    print(result)
    assert result.mean >= 85


def test_it_leaves_a_picture_and_a_model(demo):
    assert cv2.imread(str(demo / "report.jpg")).shape[2] == 3
    assert (demo / "best_model.pdparams").stat().st_size > 1e6


def test_it_ends_with_drawn_predictions(demo):
    """Made by the prediction tool: the evaluation's joints, on the whole pictures."""
    rows = json.loads((demo / "drawn/keypoints_results.json").read_text())
    names = sorted(path.name for path in (demo / "pictures").iterdir())
    assert len(names) == 12 and {row["image"] for row in rows} == set(names)
    evaluated = json.loads((demo / "keypoints_results.json").read_text())
    for row, known in zip(rows, evaluated):
        assert row["image"] == known["image"]
        assert np.abs(np.subtract(row["keypoints"], known["keypoints"])).max() < 0.05
    for name in names:
        drawn = cv2.imread(str(demo / "drawn" / name))
        assert drawn.shape == cv2.imread(str(demo / "pictures" / name)).shape
