"""What the check lets pass; tests/end_to_end/test_bad_config.py has what it refuses."""

import sys

import pytest

from ppdet_hourglass.compat.config import PLUGIN_LINE, load
from ppdet_hourglass.compat.config_check import check_files, check_options
from ppdet_hourglass.compat.config_file import read_files

from ..conftest import ROOT, refused

CONFIGS = sorted((ROOT / "configs").glob("*.yml"))
SAMPLE = str(ROOT / "configs/hourglass_sample.yml")

#: Keys of PaddleDetection's own configs for keypoints, detection and compression.
STOCK = """
use_ema: true
amp_level: O2
log_iter: 10
num_joints: &num_joints 17
train_height: &train_height 256
flip_perm: &flip_perm [[1, 2], [3, 4]]
pretrain_weights: https://paddledet.bj.bcebos.com/models/pretrained/Trunc.pdparams
export_onnx: false
hmsize_of_mine: 3

TopDownHRNet: {post_process: HRNetPostProcess, flip_perm: *flip_perm, width: &width 32}
HRNet: {width: *width, freeze_at: -1, freeze_norm: false, return_idx: [0]}
KeyPointMSELoss: {use_target_weight: true, loss_scale: 1.0}
TestDataset: !ImageFolder {anno_path: dataset/coco/keypoint_imagelist.txt}

LearningRate:
  base_lr: 5e-4
  schedulers:
  - !PiecewiseDecay {milestones: [170, 200], gamma: 0.1}
  - !LinearWarmup {start_factor: 0.001, steps: 1000}

OptimizerBuilder:
  clip_grad_by_norm: 35.
  optimizer: {type: Momentum, momentum: 0.9}

TrainReader:
  sample_transforms:
  - TopDownAffine: {trainsize: [192, *train_height], use_udp: true}
  - ToHeatmapsTopDown_DARK: {hmsize: [48, 64], sigma: 2}
  batch_transforms:
  - Permute: {}
  batch_size: 64
  use_shared_memory: true
  mosaic_prob: 0.5

TestReader:
  inputs_def: {image_shape: [3, 256, 192]}
  sample_transforms:
  - Resize: {interp: 2, target_size: [256, 192], keep_ratio: 0}
"""

#: A module of a user, which another plugin line imports.
OWN = """
from ppdet.core.workspace import register

@register
class OwnMetric:
    __category__ = "metric"
    __shared__ = ["strictness"]

    def __init__(self, strictness=1, threshold=0.5, names=None, **others):
        pass

MANIFEST = "own"
"""


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_shipped_configs_pass(config, path):
    check_files(read_files(str(path)))
    assert load(str(path)).architecture == "TopDownHourglass"


def test_keys_of_stock_configs_pass(config, tmp_path):
    path = tmp_path / "c.yml"
    path.write_text(STOCK)
    check_files(read_files(str(path)))


def test_a_user_may_have_keys_and_classes_of_their_own(config, tmp_path, monkeypatch):
    (tmp_path / "own_plugin.py").write_text(OWN)
    monkeypatch.syspath_prepend(str(tmp_path))
    path = tmp_path / "c.yml"
    path.write_text(
        f"{PLUGIN_LINE}\n"
        "own: !!python/name:own_plugin.MANIFEST\n"
        f"_BASE_: [{SAMPLE}]\n"
        "strictness: 2\n"
        "epochs: &epochs 3\n"
        "sides: {left: 1}\n"
        "metric: OwnMetric\n"
        "OwnMetric: {threshold: 1, names: [a], anything: 3}\n"
    )
    cfg = load(str(path), ["strictness=3", "sides={left: 2}", "OwnMetric.more=4"])
    assert cfg.strictness == 3 and cfg.sides == {"left": 2}
    assert cfg["OwnMetric"]["more"] == 4
    assert refused(load, str(path), ["OwnMetric.treshold=0.1"]) == (
        "config key 'OwnMetric.treshold' does not exist; did you mean 'threshold'?"
    )
    del sys.modules["own_plugin"]


def test_numbers_with_exponents(config, tmp_path):
    path = tmp_path / "c.yml"
    path.write_text(f"_BASE_: [{SAMPLE}]\nHourglassNet: {{init_std: 2e-3}}\n")
    cfg = load(str(path), ["LearningRate.base_lr=1e-3"])
    assert cfg["HourglassNet"]["init_std"] == 0.002
    assert cfg["LearningRate"]["base_lr"] == 0.001


def test_options_below_one_key_are_all_kept(config):
    options = ("type=SGD", "weight_decay=0.1")
    cfg = load(SAMPLE, [f"OptimizerBuilder.optimizer.{option}" for option in options])
    assert cfg["OptimizerBuilder"]["optimizer"] == {"type": "SGD", "weight_decay": 0.1}


def test_options_of_a_data_set_are_those_of_its_class(config):
    cfg = load(SAMPLE)
    for value in ({"anno_path": "a.json", "test_mode": True}, {"name": "Anything"}):
        check_options({"EvalDataset": value}, cfg)
    assert refused(check_options, {"EvalDataset": {"test_mode": "maybe"}}, cfg) == (
        "config key 'EvalDataset.test_mode' must be true or false, but got 'maybe'"
    )


@pytest.mark.parametrize(
    "option, problem",
    [
        ("mean=[1,2]", "mean' must be three numbers: red, green and blue, but got a"),
        (f"mean=[0,0,{10**400}]", "mean' must be three numbers: red, green and blue,"),
        ("mean=[0,0,true]", "mean' must be three numbers: red, green and blue, but"),
        ("std=[0,1,1]", "std' must be three numbers above 0: red, green and blue, but"),
    ],
)
def test_colours_that_cannot_standardise(config, option, problem):
    message = refused(load, SAMPLE, [option])
    assert message.startswith(f"config key '{problem}") and len(message) < 250
