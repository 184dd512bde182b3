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
    if not (OUTPUT / "predictions.png").exists():
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
    assert cv2.imread(str(demo / "predictions.png")).shape[2] == 3
    assert (demo / "best_model.pdparams").stat().st_size > 1e6
