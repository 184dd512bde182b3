"""The registered metric: batches in, figures and files out."""

import json

import numpy as np
import paddle
import pytest
from scipy.io import loadmat

from ppdet_hourglass.data.mpii.mat_file import write_ground_truth
from ppdet_hourglass.data.mpii_dataset import MPIIDataset
from ppdet_hourglass.errors import UserError
from ppdet_hourglass.metrics import pck_metric
from ppdet_hourglass.metrics.submission import LAYOUT_NAME, PREDICTIONS_NAME

from ..conftest import person

WITHHELD = {"joints": None, "joints_vis": None, "head_box": None}


@pytest.fixture
def metric(dataset, tmp_path):
    """Builds the metric over people whose joints, if any, are 40 px apart."""

    def build(records, name="val", test_mode=False, **options):
        for i, record in enumerate(records):
            if "joints" in record:
                record["joints"] = [[x + 40 * i, y] for x, y in record["joints"]]
        annotations = dataset(records) / "annotations"
        path = f"annotations/mpii_{name}.json"
        (annotations / "mpii_val.json").rename(tmp_path / path)
        data = MPIIDataset(str(tmp_path), anno_path=path, test_mode=test_mode)
        return pck_metric.PCKh(data, output_eval=str(tmp_path / "out"), **options)

    return build


@pytest.fixture
def three(metric):
    """Over three people of head size 0.6 x hypot(20, 25) = 19.2 px."""

    def build(**options):
        return metric([person(f"{i}.jpg") for i in range(3)], **options)

    return build


@pytest.fixture
def test_people(metric, tmp_path):
    """Over two of MPII's test people, on images 1.jpg and 0.jpg."""

    def build(**changes):
        names = ["1.jpg", "0.jpg"]
        layout = [{"image": name, "rectangles": [[60, 50]]} for name in names]
        (tmp_path / "annotations").mkdir(exist_ok=True)
        (tmp_path / "annotations" / LAYOUT_NAME).write_text(json.dumps(layout))
        records = [person(name, rectangle=1, **changes) for name in names]
        return metric(records, "test", test_mode=True)

    return build


def feed(metric, joints, order):
    """Predict joints (N, 16, 2), 0-based, of the people in ``order``, two a batch."""
    for start in range(0, len(order), 2):
        batch = order[start : start + 2]
        rows = np.concatenate([joints[batch], np.ones((len(batch), 16, 1))], axis=2)
        inputs = {
            "person": paddle.to_tensor(batch),
            "center": paddle.to_tensor([[1.0 + i, 2.0] for i in batch]),
            "scale": paddle.ones([len(batch), 2]),
        }
        metric.update(inputs, {"keypoint": [[rows.astype(np.float32), None]]})
    metric.accumulate()
    metric.log()


def exact(metric):
    return metric.people.joints


def rows_in(folder, name="keypoints_results.json"):
    return json.loads((folder / "out" / name).read_text())


@pytest.mark.parametrize(
    "best, figure", [("Mean", 100), ("Mean@0.1", 0), ("Head", 100)]
)
def test_the_chosen_figure_comes_first(three, best, figure):
    metric = three(best=best)
    assert metric.figure_name == f"PCKh {best}"
    feed(metric, exact(metric) + [5.0, 0.0], [0, 1, 2])  # 0.26 head sizes
    results = metric.get_results()
    assert list(results)[0] == "keypoint" and results["keypoint"] == [figure]
    assert results["Mean"] == [100] and results["Mean@0.1"] == [0]
    metric.reset()
    assert metric.get_results() == {}


def test_results_are_in_file_order_whatever_the_batches(three, tmp_path):
    metric = three()
    feed(metric, exact(metric), [2, 0, 1])
    assert metric.get_results()["keypoint"] == [100]
    assert [path.name for path in (tmp_path / "out").iterdir()] == [
        "keypoints_results.json"
    ]
    rows = rows_in(tmp_path)
    assert [row["image"] for row in rows] == ["0.jpg", "1.jpg", "2.jpg"]
    assert [row["image_id"] for row in rows] == [0, 1, 2]
    assert [row["center"] for row in rows] == [[1, 2], [2, 2], [3, 2]]
    assert rows[1]["keypoints"][:3] == [59, 29, 1]


def test_repeated_people_count_once_and_missing_ones_are_an_error(three):
    metric = three()
    feed(metric, exact(metric), [0, 1, 2, 2])
    assert metric.get_results()["keypoint"] == [100]
    for order in ([0, 1], []):
        metric.reset()
        with pytest.raises(UserError) as error:
            feed(metric, exact(metric), order)
        assert str(error.value) == (
            f"{len(order)} of 3 people were predicted; PCKh needs all "
            "(EvalReader.drop_last must be false)"
        )


def test_a_diverged_network_leaves_no_file(three, tmp_path):
    metric = three()
    with pytest.raises(UserError, match="person 0 is not finite: did training diverge"):
        feed(metric, exact(metric) * np.nan, [0, 1, 2])
    assert not (tmp_path / "out").exists()


def test_predictions_only_need_no_ground_truth(metric, tmp_path):
    metric = metric([person(head_box=None)], save_prediction_only=True)
    feed(metric, exact(metric), [0])
    assert metric.get_results() == {} and len(rows_in(tmp_path)) == 1
    metric.check_it_scores()


def test_unknown_figure(three):
    with pytest.raises(UserError) as error:
        three(best="Nose")
    assert str(error.value) == (
        "PCKh.best must be one of Head, Shoulder, Elbow, Wrist, Hip, Knee, Ankle, "
        "Mean, Mean@0.1, AUC, but got 'Nose'"
    )


def test_another_data_set_does_not_replace_the_results(three, metric, tmp_path):
    first = three()
    feed(first, exact(first), [0, 1, 2])
    other = metric([person("7.jpg")], "other")
    feed(other, exact(other), [0])
    assert len(rows_in(tmp_path)) == 3
    (row,) = rows_in(tmp_path, "keypoints_results_mpii_other.json")
    assert row["image"] == "7.jpg"


def test_test_people_are_written_for_mpiis_evaluation(
    test_people, tmp_path, monkeypatch
):
    warnings = []
    monkeypatch.setattr(pck_metric.logger, "warning", warnings.append)
    metric = test_people(**WITHHELD)
    path = tmp_path / "annotations/mpii_test.json"
    assert warnings == [
        f"{path} has no joints: predictions are written, but there is no ground truth "
        "to score them with"
    ]
    feed(metric, np.arange(64.0).reshape(2, 16, 2), [1, 0])
    assert metric.get_results() == {}
    pred = loadmat(str(tmp_path / "out" / PREDICTIONS_NAME))["pred"][0]
    heads = [
        entry["annorect"][0, 0]["annopoints"][0, 0]["point"][0, 9] for entry in pred
    ]
    assert [float(head["x"][0, 0]) for head in heads] == [19.0, 51.0]  # 1-based
    assert [row["keypoints"][27] for row in rows_in(tmp_path)] == [18.0, 50.0]
    with pytest.raises(UserError) as error:
        metric.check_it_scores()
    assert str(error.value) == (
        f"{path} (EvalDataset) has no joints to evaluate with, but training with "
        "--eval needs them"
    )


def test_test_people_with_joints_and_head_boxes_are_scored(test_people, tmp_path):
    metric = test_people()
    metric.check_it_scores()
    feed(metric, exact(metric) + [5.0, 0.0], [1, 0])
    assert metric.get_results()["keypoint"] == [100]
    assert (tmp_path / "out" / PREDICTIONS_NAME).exists()


def test_test_people_with_a_mat_file_of_their_own_are_scored(test_people, tmp_path):
    joints = np.array([person()["joints"]] * 2)
    (tmp_path / "annotations").mkdir()
    write_ground_truth(
        str(tmp_path / "annotations/mpii_gt_test.mat"),
        joints,
        np.ones((2, 16), bool),
        np.array([[40.0, 20.0, 60.0, 45.0]] * 2),
    )
    metric = test_people(**WITHHELD)
    feed(metric, joints - 1 + [0.0, 9.61], [1, 0])  # half a head size is 9.605 px
    assert metric.get_results()["keypoint"] == [0]
