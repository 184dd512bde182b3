"""What lower precisions cost, by hand."""

from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from ppdet_hourglass.metrics.ground_truth import GroundTruth
from ppdet_hourglass.predict import precision
from ppdet_hourglass.predict.person_crops import crops_in
from ppdet_hourglass.predict.precision import (
    distance_px,
    evaluated_people,
    joints_in,
)

from ..conftest import people_at
from .test_estimator import predictor


def crop(side):
    return SimpleNamespace(scale=np.float32([side / 200, side / 200]))


def test_movement_is_measured_in_pixels_of_the_crop():
    joints = np.zeros((2, 2, 2))
    others = np.array([[[3, 4], [0, 0]], [[0, 0], [0, 8]]])
    # 5 px of a crop of 512 are 2.5 px of 256; 8 px of one of 128 are 16.
    assert distance_px(joints, others, [crop(512), crop(128)], 256) == (2.5 + 16) / 4
    assert distance_px(joints, joints, [crop(512), crop(128)], 256) == 0


def people(count):
    """People whose crops are at (99, 86.5); the joints of person n at n + 1, n + 1."""
    joints = np.tile(np.arange(count)[:, None, None], (1, 16, 2)) + 1.0
    visible = np.ones((count, 16), bool)
    names, places = ["a.png"] * count, ([[99, 86.5]] * count, [0.625] * count)
    annotations = people_at(names, *places, joints=joints, visible=visible)
    sizes = np.full(count, 9.0)
    return annotations, GroundTruth(joints, visible > 0, sizes, "truth.mat")


@pytest.fixture
def folder(tmp_path):
    noise = np.random.default_rng(0).integers(0, 255, (200, 220, 3), np.uint8)
    cv2.imwrite(str(tmp_path / "a.png"), noise)
    return tmp_path


def test_people_are_cut_out_as_evaluation_does(folder):
    annotations, truth = people(3)
    crops, same = evaluated_people(annotations, str(folder), truth, (64, 64))
    assert len(crops) == len(same) == 3
    assert crops[1].center.tolist() == [99, 86.5]
    assert crops[1].scale.tolist() == [0.625, 0.625]
    assert crops[1].box.tolist() == [49, 36.5, 100, 100]
    image = cv2.imread(str(folder / "a.png"))
    (other,) = crops_in([image], [np.array([[49, 36.5, 100, 100, 1]])], (64, 64))
    assert (crops[1].pixels == other.pixels).all()


def test_many_people_are_thinned_out_evenly(folder, monkeypatch):
    monkeypatch.setattr(precision, "COMPARED", 3)
    annotations, truth = people(9)
    crops, some = evaluated_people(annotations, str(folder), truth, (8, 8))
    assert len(crops) == 3 and some.joints[:, 0, 0].tolist() == [1, 5, 9]
    assert some.sizes.tolist() == [9, 9, 9] and some.visible.shape == (3, 16)


def test_joints_of_crops_are_those_of_their_boxes(folder):
    model = predictor(batch_size=2, flip_test=False)
    image = cv2.imread(str(folder / "a.png"))
    boxes = [[10, 10, 60, 60], [60, 20, 80, 90], [0, 0, 50, 50]]
    tables = [np.array([[*box, 1.0]]) for box in boxes]
    crops = list(crops_in([image] * 3, tables, model.spec.input_size))
    expected = [pose.keypoints for pose in model(image, boxes)]
    assert (joints_in(model, crops) == np.array(expected)).all()
