"""PaddleDetection's own ``Trainer.predict``, which its tools/infer.py calls."""

import json
import types

import cv2
import numpy as np
import pytest
from PIL import Image
from ppdet.engine import Trainer

from ppdet_hourglass import Predictor
from ppdet_hourglass.drawing import draw_people
from ppdet_hourglass.errors import UserError
from ppdet_hourglass.keypoints.keypoint_set import read_keypoints

from ..conftest import ROOT
from ..networks import CONFIG, TINY, values

RESULTS = "keypoints_results.json"
OVERRIDES = values([*TINY, "use_gpu=false"])


@pytest.fixture
def pictures(sample_people, tmp_path):
    """A wide picture, an upright and a square one."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    first = sorted((sample_people / "images").iterdir())[0]
    image = cv2.imread(str(first))
    for name, size in (("3.png", (320, 240)), ("7.png", (151, 260)), ("8.png", (9, 9))):
        cv2.imwrite(str(folder / name), cv2.resize(image, size))
    return [str(path) for path in sorted(folder.iterdir())]


@pytest.fixture
def trainer(weights, config):
    def build(**overrides):
        from ppdet.core.workspace import load_config, merge_config

        cfg = load_config(CONFIG)
        for key, value in {**OVERRIDES, **overrides}.items():
            name, _, part = key.partition(".")
            merge_config({name: {part: value} if part else value})
        cfg["keypoints"] = str(ROOT / "configs/keypoints/mpii.yml")
        trainer = Trainer(cfg, mode="test")
        trainer.load_weights(weights)
        return trainer

    return build


def test_joints_records_and_pictures_are_those_of_the_predictor(
    trainer, weights, pictures, tmp_path
):
    out = tmp_path / "out"
    trainer(**{"TestReader.batch_size": 2}).predict(
        pictures[::-1], draw_threshold=0.2, output_dir=str(out), save_results=True
    )
    predictor = Predictor.from_config(CONFIG, weights, **OVERRIDES)
    rows = json.loads((out / RESULTS).read_text())
    assert [row["image"] for row in rows] == ["3.png", "7.png", "8.png"]
    assert [row["image_id"] for row in rows] == [3, 7, 8]
    assert [row["bbox"][2:] for row in rows] == [[320, 240], [151, 260], [9, 9]]
    for path, row in zip(pictures, rows):
        (pose,) = predictor(path)
        joints = np.array(row["keypoints"]).reshape(16, 3)
        assert np.abs(joints[:, :2] - pose.keypoints).max() < 0.01
        assert joints[:, 2] == pytest.approx(pose.scores, abs=1e-3)
        assert row["score"] == pytest.approx(pose.score, abs=1e-5)
        image = cv2.imread(path)
        drawn = draw_people(image, [pose], read_keypoints("mpii"), 0.2)
        assert np.array_equal(cv2.imread(str(out / row["image"])), drawn)


def test_only_what_is_asked_for(trainer, pictures, tmp_path):
    trainer().predict(pictures, output_dir=str(tmp_path / "drawn"))
    assert len(list((tmp_path / "drawn").iterdir())) == 3
    trainer().predict(pictures, output_dir=str(tmp_path / "none"), visualize=False)
    assert list((tmp_path / "none").iterdir()) == []


def test_callbacks_see_each_image(trainer, pictures, tmp_path):
    """As PaddleDetection's VisualDL writer does with --use_vdl."""
    made, seen = trainer(), []
    seen_by = types.SimpleNamespace(on_step_end=lambda status: seen.append({**status}))
    made._compose_callback = seen_by
    made.predict(pictures[:1], output_dir=str(tmp_path / "out"))
    (status,) = seen
    given = cv2.imread(pictures[0])[..., ::-1]
    assert status["mode"] == "test" and np.array_equal(status["original_image"], given)
    assert not np.array_equal(status["result_image"], given)


def test_a_turned_photograph(trainer, pictures, tmp_path):
    """Both read the EXIF orientation: the joints lie in the turned picture."""
    turned = tmp_path / "turned.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.open(pictures[0]).save(turned, exif=exif)
    out = tmp_path / "out"
    trainer().predict([str(turned)], output_dir=str(out), save_results=True)
    (row,) = json.loads((out / RESULTS).read_text())
    assert row["bbox"] == [0, 0, 240, 320]
    assert cv2.imread(str(out / "turned.jpg")).shape == (320, 240, 3)


def test_an_image_that_cannot_be_read_is_named(trainer, pictures, tmp_path):
    path = tmp_path / "pictures/no_picture.jpg"
    path.write_text("x")
    out = tmp_path / "out"
    with pytest.raises(UserError) as error:
        trainer().predict([*pictures, str(path)], output_dir=str(out))
    assert "no_picture.jpg" in str(error.value) and "1 of 4" in str(error.value)
    assert len(list(out.iterdir())) == 3  # the others are done


def test_udp_is_refused(trainer, pictures, tmp_path):
    made = trainer()
    made.cfg["EvalReader"]["sample_transforms"][0]["TopDownAffine"]["use_udp"] = 1
    with pytest.raises(UserError, match="TopDownAffine.use_udp is not supported"):
        made.predict(pictures, output_dir=str(tmp_path / "out"))
