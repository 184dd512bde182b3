"""What a training writes about itself."""

import types

import cv2
import numpy as np
import paddle
import pytest

from ppdet_hourglass.modeling.codec import HeatmapCodec
from ppdet_hourglass.modeling.pixels import DevicePixels
from ppdet_hourglass.training import record as module
from ppdet_hourglass.training.record import (
    RunRecord,
    VisualRecord,
    figures_of,
    first_people,
)
from ppdet_hourglass.training.steps import Step
from ppdet_hourglass.training.table import BEFORE, draw_curves, make_row, panels_of

from ..conftest import Messages
from ..modeling.oracle import numpy_targets
from .test_table import HEADER

PNG = b"\x89PNG"


class Metric:
    """A metric with hand-made figures."""

    figure_name = "PCKh Mean"

    def __init__(self, wrist, mean):
        self.results = {"keypoint": [mean], "Wrist": [wrist], "Mean": [mean]}

    def get_results(self):
        return self.results


@pytest.fixture
def lines():
    handler = Messages()
    module.logger.addHandler(handler)
    yield handler.lines
    module.logger.removeHandler(handler)


@pytest.fixture
def record(tmp_path, monkeypatch):
    """Makes the record of a training that began 60 seconds ago."""
    clock = [1000.0]
    time = types.SimpleNamespace(monotonic=lambda: clock[0])
    monkeypatch.setattr(module, "time", time)
    monkeypatch.setattr(module, "peak_megabytes", lambda: 512.4)

    def make(resumed=None, epoch=0):
        record = RunRecord({"filename": "small"}, str(tmp_path))
        record.begin(resumed, epoch)
        clock[0] += 60
        return record

    return make


def evaluate(record, epoch, metric, last=True):
    """An evaluation at the end of an epoch of ten steps, as the trainer makes it."""
    means = {"loss": 0.25 / (epoch + 1), "acc_pose": 0.12345}
    losses = {"epoch": epoch, **means, "learning_rate": 0.0005} if last else {}
    record.add(epoch, 10 * (epoch + 1), losses, metric)


def test_a_row_per_evaluation(record, tmp_path, lines):
    one = record()
    evaluate(one, 1, Metric(1.23456, 40.0))
    evaluate(one, 3, Metric(float("nan"), 88.88888))
    assert (tmp_path / "results.csv").read_text().splitlines() == [
        HEADER,
        "1,20,0.125,0.1235,0.0005,1.235,40.000,60.0,512",
        "3,40,0.0625,0.1235,0.0005,,88.889,60.0,512",
    ]
    assert (tmp_path / "results.png").read_bytes().startswith(PNG)
    assert lines == [
        "val_worst.jpg cannot be written: metric Metric keeps no person's joints"
    ]  # said once


def test_a_loss_of_another_epoch_is_not_shown(record, tmp_path):
    one = record()
    evaluate(one, 2, Metric(1, 2), last=False)
    row = (tmp_path / "results.csv").read_text().splitlines()[1]
    assert row == "2,30,,,,1.000,2.000,60.0,512"


def test_a_resumed_training_appends(record, tmp_path):
    rows = ["0,10,0.5,0.1,0.001,1,2,30.0,9", "1,20,0.5,0.1,0.001,3,4,100.0,9"]
    rows.append("2,30,0.5,0.1,0.001,5,6,150.0,9")  # trained again
    (tmp_path / "results.csv").write_text("\n".join([HEADER, *rows]))
    one = record(resumed=str(tmp_path / "1"), epoch=2)
    evaluate(one, 2, Metric(7, 8))
    assert (tmp_path / "results.csv").read_text().splitlines() == [
        HEADER,
        *rows[:2],
        "2,30,0.0833333,0.1235,0.0005,7.000,8.000,160.0,512",
    ]


def test_a_new_training_begins_a_new_table(record, tmp_path):
    (tmp_path / "results.csv").write_text(HEADER + "\n0,10,0.5,0.1,0.001,1,2,30.0,9\n")
    evaluate(record(), 1, Metric(7, 8))
    assert len((tmp_path / "results.csv").read_text().splitlines()) == 2


def test_a_failure_is_a_warning(record, tmp_path, lines, monkeypatch):
    def fail(*args):
        raise RuntimeError("no\nfonts")

    monkeypatch.setattr(module, "draw_curves", fail)
    one = record()
    evaluate(one, 0, Metric(1, 2))
    evaluate(one, 1, Metric(3, 4))
    assert lines[0] == "results.png cannot be written: no fonts"
    assert len([line for line in lines if "results.png" in line]) == 1
    assert len((tmp_path / "results.csv").read_text().splitlines()) == 3


def test_a_missing_package_is_named(record, lines):
    def fail(path):
        raise ModuleNotFoundError("No module named 'av'", name="av")

    record()._try("train_batch.jpg", fail)
    (line,) = lines
    assert "train_batch.jpg" in line and "'av'" in line and "pip install" in line


def test_figures_of_the_stock_ap():
    class KeyPointTopDownCOCOEval:
        def get_results(self):
            return {"keypoint": [0.7, 0.9]}

    assert figures_of(KeyPointTopDownCOCOEval()) == {"AP": 0.7}
    assert figures_of(Metric(1, 2)) == {"Wrist": 1.0, "Mean": 2.0}
    nothing = types.SimpleNamespace(get_results=dict)
    assert figures_of(nothing) == {}


def test_panels_leave_out_what_is_empty():
    facts = {"epoch": 0, "step": 1, "learning_rate": 0.1, "acc_pose": 0.2}
    facts.update(loss_stack1=0.3, loss_stack2=0.4)
    figures = {"Wrist": 1.0, "Elbow": float("nan"), "Mean@0.1": 2.0, "AUC": 3.0}
    rows = [make_row(facts, figures)]
    assert panels_of(rows) == [
        ("found joints, %", ["Mean@0.1", "AUC"]),
        ("mean loss of the epoch", ["loss_stack1", "loss_stack2"]),
        ("joints found, by name, %", ["Wrist"]),
        ("mean acc_pose of the epoch", ["acc_pose"]),
        ("learning rate", ["learning_rate"]),
    ]
    assert ("OKS", ["AP"]) in panels_of([make_row(facts, {"AP": 0.5})])


def test_a_place_without_a_panel_stays_empty():
    rows = [make_row({"epoch": 0, "loss": 1, "acc_pose": 0.5}, {"Mean": 2.0})]
    assert len(panels_of(rows)) == 3
    content = draw_curves(rows, "one evaluation")
    picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    low, right = picture.shape[0] * 2 // 3, picture.shape[1] * 2 // 3
    assert (picture[low:, right:] == 255).all()
    assert (picture[low:, :right] != 255).any()


@pytest.fixture
def batches():
    """The same two people as the stock reader and as ``TopDownCrop`` give them."""
    mean, std = [0.5, 0.4, 0.3], [0.2, 0.3, 0.4]
    image = np.arange(2 * 64 * 32 * 3).reshape(2, 64, 32, 3).astype(np.uint8)
    joints = np.zeros((2, 16, 3), np.float32)
    joints[:, :, :2] = np.arange(16)[:, None] * [1.5, 3.5]
    joints[:, 3:, 2] = 1
    target, weight = numpy_targets(joints[..., :2], joints[..., 2], (4, 4), (8, 16))
    normalised = (image / 255 - mean) / std
    stock = {
        "image": normalised.transpose(0, 3, 1, 2).astype(np.float32),
        "target": target,
        "target_weight": weight[..., None],
    }
    tensors = [
        {name: paddle.to_tensor(value) for name, value in batch.items()}
        for batch in (stock, {"image": image, "joints": joints})
    ]
    network = types.SimpleNamespace(
        pixels=DevicePixels(mean, std), codec=HeatmapCodec()
    )
    return network, image, tensors


def test_both_readers_give_the_same_picture(batches):
    network, image, tensors = batches
    (one, two) = (first_people(network, batch) for batch in tensors)
    for ours, theirs in zip(one, two):
        np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(one[0], image[..., ::-1])
    assert one[1].shape == (2, 16, 16, 8) and one[2].shape == (2, 16)
    assert one[2][0].tolist() == [0] * 3 + [1] * 13


def test_visualdl_gets_what_the_steps_did_not_write(monkeypatch):
    monkeypatch.setitem(BEFORE, "temperature", ".1f")
    calls = []
    board = object.__new__(VisualRecord)  # without VisualDL
    board.steps, board.of_steps = 10, set()
    board.writer = types.SimpleNamespace(add_scalar=lambda *call: calls.append(call))
    means = {"loss": 0.5, "loss_stack1": 0.25}
    board.add_losses(Step(1, 9, 0.001, {}), means)
    assert calls == [
        ("loss", 0.5, 20),
        ("loss_stack1", 0.25, 20),
        ("learning_rate", 0.001, 20),
    ]
    calls.clear()
    facts = {"epoch": 1, "step": 20, "temperature": 61.5, "learning_rate": 0.001}
    board.add_row(make_row({**facts, **means}, {"Mean": 88.0}))
    assert calls == [("temperature", 61.5, 20), ("Mean", 88.0, 20)]
