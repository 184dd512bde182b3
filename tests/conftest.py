"""Fixtures: real MPII files where they lie beside the clone, small sets elsewhere."""

import json
import logging
import os
import shutil
from pathlib import Path

import cv2
import numpy as np
import paddle
import pytest

from ppdet_hourglass.data.people import People
from ppdet_hourglass.errors import UserError

ROOT = Path(__file__).resolve().parents[1]
MPII = ROOT.parent / "shared" / "mpii"

# pytest reports a crash on the terminal; Paddle's report would go to the test's output,
# which a crash loses.
paddle.disable_signal_handler()


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """Command lines set variables of their process; not beyond the test."""
    monkeypatch.setattr(os, "environ", os.environ.copy())


@pytest.fixture(scope="session")
def mpii():
    """Folder with MPII's real annotations and a few images."""
    if not MPII.is_dir():
        pytest.skip(f"needs the real MPII files in {MPII}, which are not here")
    return MPII


@pytest.fixture(scope="session")
def five_people(mpii, tmp_path_factory):
    """Data set of the five real people whose images are at hand."""
    from scipy.io import loadmat, savemat

    folder = tmp_path_factory.mktemp("five")
    (folder / "images").symlink_to(mpii / "images")
    (folder / "annotations").mkdir()
    text = (mpii / "annotations/mpii_5.json").read_text()
    for split in ("train", "val"):
        (folder / f"annotations/mpii_{split}.json").write_text(text)
    truth = loadmat(str(mpii / "annotations/mpii_gt_val.mat"))
    names = ("pos_gt_src", "jnt_missing", "headboxes_src")
    first = {name: truth[name][..., :5] for name in names}
    savemat(str(folder / "annotations/mpii_gt_val.mat"), first)
    return folder


@pytest.fixture(scope="session")
def sample_people(tmp_path_factory):
    """A dozen drawn people; tests must not write there."""
    from ppdet_hourglass.sample import write_sample_dataset

    folder = tmp_path_factory.mktemp("sample") / "set"
    return write_sample_dataset(folder, train=8, val=4)


@pytest.fixture(scope="session")
def weights(tmp_path_factory):
    """Random weights of the tiny network, for prediction."""
    from .networks import TINY, random_weights

    return random_weights(tmp_path_factory.mktemp("network") / "w.pdparams", TINY)


@pytest.fixture(autouse=True)
def config():
    """PaddleDetection's global config, empty, and put back after the test."""
    from ppdet.core.workspace import global_config

    import ppdet_hourglass.plugin  # noqa: F401
    from ppdet_hourglass.compat.config import config_scope

    with config_scope():
        yield global_config


def pytest_collection_modifyitems(items):
    """Start with the file that takes longest, or it runs alone at the end."""
    items.sort(key=lambda item: item.path.name != "test_install.py")


@pytest.fixture
def source(tmp_path):
    """A copy of the clone for pip, which leaves its traces where it builds."""
    leave = shutil.ignore_patterns(".*", "build", "*.egg-info", "output", "dataset")
    return shutil.copytree(ROOT, tmp_path / "source", ignore=leave)


def refused(function, *args, **kwargs):
    """The message with which a call refuses its input."""
    with pytest.raises(UserError) as error:
        function(*args, **kwargs)
    return str(error.value)


class Messages(logging.Handler):
    """Keeps the lines of a logger that hides its records from caplog."""

    def __init__(self):
        super().__init__()
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())


def person(image="000000001.jpg", **changes):
    """An annotation record of a person in a 120 x 100 image."""
    joints = [[20.0 + 5 * k, 30.0 + 3 * k] for k in range(16)]
    record = {
        "image": image,
        "center": [60.0, 50.0],
        "scale": 0.4,
        "joints": joints,
        "joints_vis": [1] * 16,
        "head_box": [40.0, 20.0, 60.0, 45.0],
    }
    record.update(changes)
    return {key: value for key, value in record.items() if value is not None}


@pytest.fixture
def dataset(tmp_path):
    """Builds a data set folder of the given train and val records."""

    def build(train, val=None):
        (tmp_path / "images").mkdir(exist_ok=True)
        (tmp_path / "annotations").mkdir(exist_ok=True)
        for split, records in (("train", train), ("val", val or train)):
            path = tmp_path / f"annotations/mpii_{split}.json"
            path.write_text(json.dumps(records))
            for record in records:
                if isinstance(record, dict) and "image" in record:
                    image = np.full((100, 120, 3), 90, np.uint8)
                    cv2.imwrite(str(tmp_path / "images" / record["image"]), image)
        return tmp_path

    return build


def people_at(images, centers, scales, path="people.json", **columns):
    """People in MPII's layout, by centres (0-based) and scales of their crops."""
    return People(
        path,
        "mpii",
        images,
        list(range(len(images))),
        np.array(centers, float).reshape(-1, 2),
        np.repeat(np.array(scales, float)[:, None], 2, axis=1),
        np.arange(len(images)),
        unannotated=0 if "joints" in columns else len(images),
        **columns,
    )
