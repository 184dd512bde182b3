"""The registered metric over MPII's test people, whose joints are withheld."""

import json

import numpy as np
import paddle
import pytest
from scipy.io import loadmat

from ppdet_hourglass.data.mpii.ground_truth_file import write_ground_truth
from ppdet_hourglass.data.mpii_dataset import MPIIDataset
from ppdet_hourglass.errors import UserError
from ppdet_hourglass.metrics import pck_metric
from ppdet_hourglass.metrics.submission import LAYOUT_NAME, PREDICTIONS_NAME

from ..conftest import person

WITHHELD = {"joints": None, "joints_vis": None, "head_box": None}


@pytest.fixture
def people(dataset, tmp_path):
    """Builds the metric over two test people, on images 1.jpg and 0.jpg."""

    def people(**changes):
        names = ["1.jpg", "0.jpg"]
        folder = dataset([person(name, rectangle=1, **changes) for name in names])
        annotations = folder / "annotations"
        (annotations / "mpii_val.json").rename(annotations / "mpii_test.json")
        layout = [{"image": name, "rectangles": [[60, 50]]} for name in names]
        (annotations / LAYOUT_NAME).write_text(json.dumps(layout))
        path = "annotations/mpii_test.json"
        data = MPIIDataset(str(folder), anno_path=path, test_mode=True)
        return pck_metric.PCKh(data, output_eval=str(tmp_path / "out"))

    return people


def feed(metric, joints):
    """Predict (2, 16, 2) 0-based joints, the second person first."""
    for index in (1, 0):
        predicted = np.concatenate([joints[[index]], np.ones((1, 16, 1))], axis=2)
        inputs = {
            "person": paddle.to_tensor([index]),
            "center": paddle.ones([1, 2]),
            "scale": paddle.ones([1, 2]),
        }
        metric.update(inputs, {"keypoint": [[predicted.astype(np.float32), None]]})
    metric.accumulate()
    metric.log()


def test_they_are_written_for_mpiis_evaluation(people, tmp_path):
    metric = people(**WITHHELD)
    feed(metric, np.arange(64.0).reshape(2, 16, 2))
    assert metric.get_results() == {}
    pred = loadmat(str(tmp_path / "out" / PREDICTIONS_NAME))["pred"][0]
    heads = [
        entry["annorect"][0, 0]["annopoints"][0, 0]["point"][0, 9] for entry in pred
    ]
    assert [float(head["x"][0, 0]) for head in heads] == [19.0, 51.0]  # 1-based
    assert [str(entry["image"][0, 0]["name"][0]) for entry in pred] == [
        *("1.jpg", "0.jpg")
    ]
    rows = json.loads((tmp_path / "out/keypoints_results.json").read_text())
    assert [row["keypoints"][27] for row in rows] == [18.0, 50.0]  # 0-based


def test_without_ground_truth_it_says_so(people, monkeypatch):
    warnings = []
    monkeypatch.setattr(pck_metric.logger, "warning", warnings.append)
    metric = people(**WITHHELD)
    assert metric.truth is None
    assert warnings == [
        f"{metric.annotations.path} has no joints: predictions are written, but there "
        "is no ground truth to score them with"
    ]


def test_training_with_eval_needs_ground_truth(people):
    metric = people(**WITHHELD)
    with pytest.raises(UserError) as error:
        metric.check_it_scores()
    assert str(error.value) == (
        f"{metric.annotations.path} (EvalDataset) has no joints to evaluate with, but "
        "training with --eval needs them"
    )
    metric.save_prediction_only = True
    metric.check_it_scores()
    people().check_it_scores()


def test_with_joints_and_head_boxes_they_are_scored(people, tmp_path):
    metric = people()
    feed(metric, metric.annotations.joints - 1 + [5.0, 0.0])  # 0.26 head sizes
    results = metric.get_results()
    assert results["keypoint"] == [100] and results["Mean@0.1"] == [0]
    assert (tmp_path / "out" / PREDICTIONS_NAME).exists()


def test_with_a_mat_file_of_their_own_they_are_scored(people, tmp_path):
    joints = np.array([person()["joints"]] * 2)
    write_ground_truth(
        str(tmp_path / "annotations/mpii_gt_test.mat"),
        joints,
        np.ones((2, 16), bool),
        np.array([[40.0, 20.0, 60.0, 45.0]] * 2),
    )
    metric = people(**WITHHELD)
    assert metric.truth.source.endswith("mpii_gt_test.mat")
    feed(metric, joints - 1 + [0.0, 9.61])  # half a head size is 9.605 px
    assert metric.get_results()["keypoint"] == [0]


def test_validation_people_leave_no_such_file(dataset, tmp_path):
    data = MPIIDataset(
        str(dataset([person("0.jpg"), person("1.jpg")])),
        anno_path="annotations/mpii_val.json",
    )
    feed(pck_metric.PCKh(data, output_eval=str(tmp_path / "out")), np.ones((2, 16, 2)))
    assert [path.name for path in (tmp_path / "out").iterdir()] == [
        "keypoints_results.json"
    ]
