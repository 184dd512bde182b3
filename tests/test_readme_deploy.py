"""The READMEs' commands that predict, export and deploy."""

import json
import shlex

import numpy as np
import pytest

from .conftest import ROOT
from .predict.networks import random_weights
from .test_readme import ENGLISH, PAGES, blocks, commands, line_with, python

#: A small network for the shipped config, by keys and values.
SMALL = {
    "HourglassNet.stage_channels": [8] * 6,
    "HourglassNet.stage_blocks": [1] * 6,
    "HourglassNet.feat_channels": 8,
    "HourglassNet.init_std": None,
    "use_gpu": False,
}
OPTIONS = [
    f"{key}={json.dumps(value)}".replace(" ", "") for key, value in SMALL.items()
]
MODEL = "output_inference/hourglass_mpii_256"


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """A folder that looks like a clone after a training."""
    root = tmp_path_factory.mktemp("clone")
    for name in ("tools", "configs", "ppdet_hourglass"):
        (root / name).symlink_to(ROOT / name)
    (root / "output/hourglass_mpii_256").mkdir(parents=True)
    weights = root / "output/hourglass_mpii_256/best_model.pdparams"
    config = str(ROOT / "configs/hourglass_mpii_256.yml")
    random_weights(weights, SMALL, config)
    return root


def test_infer(clone, sample_people):
    (clone / "photos").mkdir()
    picture = next((sample_people / "images").iterdir())
    (clone / "photos" / picture.name).write_bytes(picture.read_bytes())
    line = line_with("tools/infer.py")
    words = shlex.split(line)
    weights = words[words.index("-o") + 1]
    python(line, clone, "-o", weights, *OPTIONS)
    drawn = clone / words[words.index("--output") + 1]
    (row,) = json.loads((drawn / "keypoints_results.json").read_text())
    assert row["image"] == picture.name and len(row["keypoints"]) == 48
    assert (drawn / picture.name).stat().st_size > 1000


def test_export_and_predict_from_python(clone, sample_people):
    pytest.importorskip("paddle2onnx", reason="exporting ONNX needs paddle2onnx")
    pytest.importorskip("onnxruntime", reason="the example runs ONNX Runtime")
    python(line_with("tools/export_model.py"), clone, *OPTIONS)
    line = line_with("ppdet_hourglass onnx")
    assert shlex.split(line)[4] == MODEL
    python(line, clone)
    picture = next((sample_people / "images").iterdir())
    example = blocks(ENGLISH, "python")[-1]
    assert MODEL in example
    example = example.replace(MODEL, str(clone / MODEL))
    names = {}
    exec(example.replace("picture.jpg", str(picture)), names)
    assert names["pose"].keypoints.shape == (16, 2)
    assert names["pose"].scores.shape == (16,)


def run_example(page, names, **changes):
    """Run a page's first Python example, with other words in it."""
    (example, *_) = blocks((ROOT / f"docs/{page}.md").read_text("utf-8"), "python")
    for old, new in changes.values():
        assert old in example
        example = example.replace(old, new)
    exec(example, names)
    return names["pose"]


@pytest.mark.parametrize("page", ["predict", "deploy"])
def test_the_pages_have_the_readmes_commands(page):
    text = (ROOT / f"docs/{page}.md").read_text("utf-8")
    known = {*commands(ENGLISH), *commands(PAGES["train"])}
    assert commands(text) and set(commands(text)) <= known


def test_the_pages_examples(clone, sample_people, monkeypatch):
    monkeypatch.chdir(clone)
    picture = str(next((sample_people / "images").iterdir()))
    weights = '"output/hourglass_mpii_256/best_model"'
    pose = run_example(
        "predict",
        {"SMALL": SMALL},
        weights=(f"{weights}\n", f"{weights}, **SMALL\n"),
        picture=("photo.jpg", picture),
    )
    assert pose.keypoints.shape == (16, 2)
    python(line_with("tools/export_model.py"), clone, *OPTIONS)
    again = run_example("deploy", {}, picture=("picture.jpg", picture))
    assert np.abs(again.keypoints - pose.keypoints).max() < 0.05
