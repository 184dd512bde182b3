"""The same run with the unchanged tools of a PaddleDetection checkout."""

import json
import os
import re
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml

from ppdet_hourglass.compat import checkout
from ppdet_hourglass.data.labelme import labelme_to_coco
from ppdet_hourglass.keypoints.keypoint_set import read_keypoints

from ..conftest import ROOT
from ..networks import TINY
from ..running import run
from .kites import NAMES, write_kites

EVAL = re.compile(r"\[EVAL\] .*")
RESULTS = "keypoints_results.json"


@pytest.fixture
def stock():
    """The checkout, with the configs installed while the test runs."""
    root = os.environ.get("PADDLEDETECTION_ROOT")
    if not root:
        pytest.skip(
            "set PADDLEDETECTION_ROOT to a PaddleDetection checkout to run this"
        )
    folder = Path(root).resolve()
    before = sorted(path.name for path in (folder / "configs").iterdir())
    checkout.copy_configs(str(folder))
    yield folder
    checkout.remove_configs(str(folder))
    assert sorted(path.name for path in (folder / "configs").iterdir()) == before


def run_there(folder, *argv, **options):
    root = os.environ["PADDLEDETECTION_ROOT"]
    search = os.pathsep.join([str(ROOT), root, os.environ.get("PYTHONPATH", "")])
    return run(*argv, cwd=folder, PYTHONPATH=search, **options)


def test_stock_tools_train_evaluate_and_export(stock, sample_people, tmp_path):
    common = ["-c", "configs/hourglass_sample.yml"]
    options = ["use_gpu=false", f"dataset_dir={sample_people}", *TINY, "epoch=2"]
    out = tmp_path / "out"
    options.append(f"save_dir={out}")

    log = run_there(stock, "tools/train.py", *common, "--eval", "-o", *options)
    logged = EVAL.findall(log)
    assert len(logged) == 2
    (best,) = out.rglob("best_model.pdparams")

    log = run_there(stock, "tools/eval.py", *common, "-o", *options, f"weights={best}")
    means = [float(re.search(r" Mean=([\d.]+)", line).group(1)) for line in logged]
    assert EVAL.findall(log) == [logged[1] if means[1] >= means[0] else logged[0]]
    print(log[-1500:])

    data = [f"EvalDataset.dataset_dir={sample_people}", f"weights={best}"]
    data.append("EvalDataset.anno_path=annotations/mpii_train.json")
    log = run_there(stock, "tools/eval.py", *common, "-o", *options, *data)
    assert "mpii_train.json: 8 images" in log
    assert len(EVAL.findall(log)) == 1

    out = f"--output_dir={tmp_path}/export"
    argv = ["tools/export_model.py", *common, out, "-o", *options, f"weights={best}"]
    run_there(stock, *argv)
    (exported,) = (tmp_path / "export").rglob("infer_cfg.yml")
    assert "arch: HRNet" in exported.read_text()


def test_stock_infer(stock, weights, sample_people, tmp_path):
    """A picture and a folder, with the joints of this package's tools/infer.py."""
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for path in sorted((sample_people / "images").iterdir())[:3]:
        image = cv2.imread(str(path))
        cv2.imwrite(str(pictures / f"{path.stem}.png"), image)
        upright = image[:, : image.shape[1] // 3]
        cv2.imwrite(str(pictures / f"{path.stem}_upright.png"), upright)
    model = ["-c", "configs/hourglass_sample.yml", "-o", *TINY, "use_gpu=false"]
    # Of an untrained network DARK magnifies what other batch sizes round otherwise.
    model += [f"weights={weights}", "TopDownHourglass.decoder=quarter"]
    tool = ["tools/infer.py", *model, "--draw_threshold=0.3"]
    out = [tmp_path / name for name in ("one", "folder", "ours")]
    one = sorted(pictures.iterdir())[1]
    run_there(stock, *tool, f"--infer_img={one}", f"--output_dir={out[0]}")
    folder = [f"--infer_dir={pictures}", "--save_results=True"]
    run_there(stock, *tool, *folder, f"--output_dir={out[1]}")
    own = [ROOT / "tools/infer.py", *model, "--faint_below=0.3"]
    run_there(stock, *own, "--input", pictures, "--output", out[2])

    names = sorted(path.name for path in pictures.iterdir())
    assert [path.name for path in out[0].iterdir()] == [one.name]
    assert sorted(path.name for path in out[1].iterdir()) == [*names, RESULTS]
    theirs, ours = (json.loads((path / RESULTS).read_text()) for path in out[1:])
    assert [row["image"] for row in theirs] == names
    assert [row["image_id"] for row in theirs] == [row["image_id"] for row in ours]
    difference = [
        np.abs(np.subtract(a["keypoints"], b["keypoints"])).max()
        for a, b in zip(theirs, ours)
    ]
    print("largest difference, px:", max(difference))
    assert max(difference) < 0.01
    for name in names:
        drawn = cv2.imread(str(out[1] / name))
        assert np.array_equal(drawn, cv2.imread(str(out[2] / name)))
        assert not np.array_equal(drawn, cv2.imread(str(pictures / name)))


KITE_CONFIG = """\
plugin: !!python/name:ppdet_hourglass.plugin.MANIFEST
_BASE_: [{checkout}/configs/hourglass_sample.yml]
keypoints: {folder}/kite.yml
dataset_dir: {folder}
metric: PCK
TrainDataset: &data !KeypointTopDownCocoDataset
  dataset_dir: ''
  image_dir: images
  anno_path: train.json
  num_joints: null
  trainsize: [128, 128]
EvalDataset: *data
"""


def test_stock_tools_take_own_keypoints(stock, tmp_path):
    write_kites(tmp_path, 4)
    pairs = [["left_tip", "right_tip"], ["left_tail", "right_tail"]]
    sigmas = dict.fromkeys(NAMES, 0.1)
    kite = {"joints": list(NAMES), "pairs": pairs, "sigmas": sigmas}
    (tmp_path / "kite.yml").write_text(yaml.safe_dump(kite))
    content = labelme_to_coco(
        str(tmp_path / "labelme"), read_keypoints(str(tmp_path / "kite.yml"))
    )
    (tmp_path / "train.json").write_text(json.dumps(content))
    config = tmp_path / "kites.yml"
    config.write_text(KITE_CONFIG.format(checkout=stock, folder=tmp_path))
    options = ["use_gpu=false", *TINY, f"save_dir={tmp_path}/out"]
    log = run_there(stock, "tools/train.py", "-c", config, "--eval", "-o", *options)
    assert "PCK (box) on" in log and "OKS AP=" in log
    losses = [float(loss) for loss in re.findall(r" loss: ([\d.]+)", log)]
    assert losses and min(losses) > 0  # with the joints under another key it is 0

    options.append("metric=KeyPointTopDownCOCOEval")
    (best,) = (tmp_path / "out").rglob("best_model.pdparams")
    options.append(f"weights={best}")
    log = run_there(stock, "tools/eval.py", "-c", config, "-o", *options)
    assert "| AP | Ap .5 |" in log

    content["annotations"] = content["annotations"][:3]
    (tmp_path / "three.json").write_text(json.dumps(content))
    three = "EvalDataset.anno_path=three.json"
    log = run_there(stock, "tools/eval.py", "-c", config, "-o", *options, three)
    assert "Total sample number: 3" in log

    folder = [f"--infer_dir={tmp_path}/images", "--save_results=True"]
    folder.append(f"--output_dir={tmp_path}/found")
    run_there(stock, "tools/infer.py", "-c", config, *folder, "-o", *options)
    rows = json.loads((tmp_path / "found" / RESULTS).read_text())
    assert [row["image_id"] for row in rows] == [0, 1, 2, 3]
    assert all(len(row["keypoints"]) == 3 * len(NAMES) for row in rows)


#: Writes what the stock detector finds in each picture, as its script has it.
STOCK_JOINTS = """\
import json, sys
import paddle
paddle.enable_static()
from keypoint_infer import KeyPointDetector
detector = KeyPointDetector(sys.argv[1], use_dark=False)
found = [detector.predict_image([f], visual=False)["keypoint"] for f in sys.argv[3:]]
json.dump([joints.tolist() for joints in found], open(sys.argv[2], "w"))
"""


def test_stock_deploy_code_runs_the_export(stock, weights, sample_people, tmp_path):
    """Unchanged, and with the joints of tools/infer.py."""
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for path in sorted((sample_people / "images").iterdir())[:6]:
        image = cv2.imread(str(path))  # even and wide: the stock crop is the width's
        cv2.imwrite(str(pictures / path.name), cv2.resize(image, (320, 240)))
    config = ["-c", "configs/hourglass_sample.yml"]
    options = ["-o", "use_gpu=false", *TINY, f"weights={weights}"]
    # On a CPU the stock scripts open no program of Paddle 3's format.
    older = {"FLAGS_enable_pir_api": "0"}
    out = f"--output_dir={tmp_path}/export"
    run_there(stock, "tools/export_model.py", *config, out, *options, **older)
    (folder,) = [path.parent for path in tmp_path.rglob("infer_cfg.yml")]

    deploy = stock / "deploy/python"
    flags = [f"--model_dir={folder}", f"--image_dir={pictures}", "--use_dark=False"]
    drawn = tmp_path / "drawn"
    run_there(deploy, "keypoint_infer.py", *flags, f"--output_dir={drawn}", **older)
    assert len(list(drawn.iterdir())) == 6

    files = sorted(pictures.iterdir())
    found = tmp_path / "stock.json"
    run_there(deploy, "-c", STOCK_JOINTS, folder, found, *files, **older)
    theirs = np.array(json.loads(found.read_text()))[:, 0, :, :2]
    tool = [ROOT / "tools/infer.py", *config, *options]
    more = ["TopDownHourglass.flip_test=false"]
    more += ["TopDownHourglass.decoder=quarter", "--input", pictures]
    run_there(stock, *tool, *more, "--output", tmp_path / "ours")
    rows = json.loads((tmp_path / "ours/keypoints_results.json").read_text())
    ours = np.array([row["keypoints"] for row in rows]).reshape(6, 16, 3)[..., :2]
    print("largest difference, px:", np.abs(ours - theirs).max())
    assert np.abs(ours - theirs).max() < 0.05
