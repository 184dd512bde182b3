"""The registered metric: batches in, figures and a results file out."""

import json

import numpy as np
import paddle
import pytest

from ppdet_hourglass.data.mpii_dataset import MPIIDataset
from ppdet_hourglass.errors import UserError
from ppdet_hourglass.metrics.pck_metric import PCKh

from ..conftest import person


@pytest.fixture
def people(dataset):
    """Three people 40 px apart, head size 0.6 x hypot(20, 25) = 19.2 px."""
    records = [person(f"{i}.jpg") for i in range(3)]
    for i, record in enumerate(records):
        record["joints"] = [[x + 40 * i, y] for x, y in record["joints"]]
    return MPIIDataset(str(dataset(records)), anno_path="annotations/mpii_val.json")


def feed(metric, order, moved=0.0):
    """Exact joints of the people in ``order``, two a batch, ``moved`` to the right."""
    truth = metric.dataset.annotations.joints - 1
    for start in range(0, len(order), 2):
        batch = order[start : start + 2]
        joints = np.concatenate([truth[batch], np.ones((len(batch), 16, 1))], axis=2)
        joints[..., 0] += moved
        inputs = {
            "person": paddle.to_tensor(batch),
            "center": paddle.to_tensor([[1.0 + i, 2.0] for i in batch]),
            "scale": paddle.ones([len(batch), 2]),
        }
        metric.update(inputs, {"keypoint": [[joints.astype(np.float32), None]]})
    metric.accumulate()
    metric.log()


@pytest.mark.parametrize(
    "best, figure", [("Mean", 100), ("Mean@0.1", 0), ("Head", 100)]
)
def test_the_chosen_figure_comes_first(people, tmp_path, best, figure):
    metric = PCKh(people, best=best, save_dir=str(tmp_path))
    assert metric.figure_name == f"PCKh {best}"
    feed(metric, [0, 1, 2], moved=5.0)  # 0.26 head sizes
    results = metric.get_results()
    assert list(results)[0] == "keypoint" and results["keypoint"] == [figure]
    assert results["Mean"] == [100] and results["Mean@0.1"] == [0]
    metric.reset()
    assert metric.get_results() == {}


def test_results_are_in_file_order_whatever_the_batches(people, tmp_path):
    metric = PCKh(people, save_dir=str(tmp_path), filename="cfg")
    feed(metric, [2, 0, 1])
    assert metric.get_results()["keypoint"] == [100]
    rows = json.loads((tmp_path / "cfg/keypoints_results.json").read_text())
    assert [row["image"] for row in rows] == ["0.jpg", "1.jpg", "2.jpg"]
    assert [row["image_id"] for row in rows] == [0, 1, 2]
    assert [row["center"] for row in rows] == [[1, 2], [2, 2], [3, 2]]
    assert rows[1]["keypoints"][:3] == [59, 29, 1] and len(rows[1]["keypoints"]) == 48
    assert rows[0]["score"] == 1 and rows[0]["category_id"] == 1
    # A crop of 200 px is a quarter larger than its box.
    assert [row["bbox"] for row in rows] == [[i - 79, -78, 160, 160] for i in range(3)]
    assert [row["scale"] for row in rows] == [[1, 1]] * 3
    assert {row["pixels"] for row in rows} == {"stored"}


def test_repeated_people_count_once_and_missing_ones_are_an_error(people, tmp_path):
    metric = PCKh(people, save_dir=str(tmp_path))
    feed(metric, [0, 1, 2, 2])
    assert metric.get_results()["keypoint"] == [100]
    metric.reset()
    with pytest.raises(UserError) as error:
        feed(metric, [0, 1])
    assert str(error.value).startswith("2 of 3 people were predicted; PCKh needs all")


def test_a_diverged_network_leaves_no_file(people, tmp_path):
    metric = PCKh(people, save_dir=str(tmp_path))
    with pytest.raises(UserError, match="person 0 is not finite: did training diverge"):
        feed(metric, [0, 1, 2], moved=np.nan)
    assert not (tmp_path / "keypoints_results.json").exists()


def test_predictions_only_need_no_ground_truth(dataset, tmp_path):
    folder = dataset([person(head_box=None)])
    data = MPIIDataset(str(folder), anno_path="annotations/mpii_val.json")
    out = tmp_path / "out"
    metric = PCKh(data, output_eval=str(out), save_prediction_only=True)
    feed(metric, [0])
    assert metric.get_results() == {}
    assert len(json.loads((out / "keypoints_results.json").read_text())) == 1


def test_unknown_figure(people):
    with pytest.raises(UserError) as error:
        PCKh(people, best="Nose")
    assert str(error.value) == (
        "PCKh.best must be one of Head, Shoulder, Elbow, Wrist, Hip, Knee, Ankle, "
        "Mean, Mean@0.1, AUC, but got 'Nose'"
    )


def test_another_data_set_does_not_replace_the_results(people, dataset, tmp_path):
    out = tmp_path / "out"
    feed(PCKh(people, output_eval=str(out)), [0, 1, 2])
    first = (out / "keypoints_results.json").read_text()
    folder = dataset([person("7.jpg")])
    path = folder / "annotations/mpii_val.json"
    path.rename(folder / "annotations/mpii_other.json")
    other = MPIIDataset(str(folder), anno_path="annotations/mpii_other.json")
    feed(PCKh(other, output_eval=str(out)), [0])
    assert (out / "keypoints_results.json").read_text() == first
    (row,) = json.loads((out / "keypoints_results_mpii_other.json").read_text())
    assert row["image"] == "7.jpg"
