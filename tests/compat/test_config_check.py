"""What the check lets pass; tests/end_to_end/test_bad_config.py has what it refuses."""

import sys

import pytest
from ppdet.core import workspace

from ppdet_hourglass.compat.config import PLUGIN_LINE, config_scope, load
from ppdet_hourglass.compat.config_check import check_config

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
batch_size: 3

TopDownHRNet: {post_process: HRNetPostProcess, flip_perm: *flip_perm, width: &width 32}
HRNet: {width: *width, freeze_at: -1, freeze_norm: false, return_idx: [0]}
KeyPointMSELoss: {use_target_weight: true, loss_scale: 1.0}
TestDataset: !ImageFolder {anno_path: dataset/coco/keypoint_imagelist.txt}

LearningRate:
  base_lr: 5e-4
  schedulers:
  - !PiecewiseDecay {milestones: [170, 200], gamma: 1e-1}
  - !LinearWarmup {start_factor: 1e-3, steps: 1000}

OptimizerBuilder:
  clip_grad_by_norm: 35.
  optimizer: {type: Momentum, momentum: 0.9}
  regularizer: {type: L2, factor: 1e-4}

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

#: One COCO data set under two names.
COCO = """\
_BASE_: [{root}/configs/hourglass_coco_256.yml]
TrainDataset: &data !KeypointTopDownCocoDataset
  dataset_dir: ''
  image_dir: images
  anno_path: train.json
  num_joints: null
  trainsize: [256, 256]
EvalDataset: *data
"""


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_shipped_configs_pass(config, path):
    cfg = workspace.load_config(str(path))
    check_config(cfg)
    with config_scope():
        assert load(str(path)).architecture == "TopDownHourglass"


def test_keys_of_stock_configs_pass(config, tmp_path):
    path = tmp_path / "c.yml"
    path.write_text(STOCK)
    cfg = workspace.load_config(str(path))
    for _ in range(2):
        check_config(cfg)
        decay, warm_up = cfg["LearningRate"]["schedulers"]
        assert decay.gamma == [0.1, 0.01] and warm_up.start_factor == 0.001
        assert cfg["LearningRate"]["base_lr"] == 0.0005
        assert cfg["OptimizerBuilder"]["regularizer"]["factor"] == 0.0001


def test_text_becomes_a_number_where_a_number_is_wanted(config):
    cfg = load(SAMPLE)
    cfg["mean"], cfg["save_dir"] = ["1e-1", "2e-1", 0], "1e3"
    cfg["LearningRate"]["schedulers"][1].start_factor = "1e-2"
    check_config(cfg)
    assert cfg["mean"] == [0.1, 0.2, 0] and cfg["save_dir"] == "1e3"
    assert cfg["LearningRate"]["schedulers"][1].start_factor == 0.01
    cfg["epoch"] = "1e-1"
    assert "'epoch'" in refused(check_config, cfg)


def test_lists_with_many_aliases_and_lists_in_themselves(config):
    cfg = load(SAMPLE)
    doubled = ["1e-1"]
    for _ in range(60):
        doubled = [doubled, doubled]
    cfg["sizes"], within = doubled, ["1e-2"]
    within.append(within)
    cfg["within"] = within
    check_config(cfg)
    assert cfg["within"][0] == 0.01 and cfg["within"][1] is cfg["within"]


def test_a_user_may_have_keys_and_classes_of_their_own(config, tmp_path, monkeypatch):
    (tmp_path / "own_plugin.py").write_text(OWN)
    monkeypatch.syspath_prepend(str(tmp_path))
    path = tmp_path / "c.yml"
    path.write_text(
        f"{PLUGIN_LINE}\n"
        "own: !!python/name:own_plugin.MANIFEST\n"
        f"_BASE_: [{SAMPLE}]\n"
        "strictness: 2\n"
        "sides: {left: 1}\n"
        "metric: OwnMetric\n"
        "OwnMetric: {threshold: 1, names: [a], anything: 3}\n"
    )
    cfg = load(str(path), ["strictness=3", "sides={left: 2}", "OwnMetric.more=4"])
    assert cfg.strictness == 3 and cfg.sides == {"left": 2}
    assert cfg["OwnMetric"]["more"] == 4
    message = refused(load, str(path), ["OwnMetric.treshold=0.1"])
    assert "'OwnMetric.treshold'" in message and "'threshold'" in message
    del sys.modules["own_plugin"]


def test_options_of_a_data_set_are_those_of_its_class(config):
    load(SAMPLE, ["EvalDataset={anno_path: a.json, test_mode: true}"])
    load(SAMPLE, ["EvalDataset={name: Anything}"])
    message = refused(load, SAMPLE, ["EvalDataset.test_mode=maybe"])
    assert "'EvalDataset.test_mode'" in message and "'maybe'" in message


@pytest.mark.parametrize(
    "option, expected",
    [
        ("mean=[1,2]", "three numbers: red, green and blue, but got a"),
        (f"mean=[0,0,{10**400}]", "three numbers: red, green and blue"),
        ("mean=[0,0,true]", "three numbers: red, green and blue"),
        ("std=[0,1,1]", "three numbers above 0: red, green and blue"),
        ("TopDownHourglass.peak_offset=.nan", "a number"),
        ("OptimizerBuilder.clip_grad_by_norm=-1", "above 0"),
        ("ema_decay=2", "from 0 to 1"),
    ],
)
def test_numbers_that_cannot_be_used(config, option, expected):
    message = refused(load, SAMPLE, [option])
    key = option.partition("=")[0]
    assert f"'{key}' must be" in message and expected in message
    assert len(message) < 250


@pytest.fixture
def stock_load(config):
    return lambda name: workspace.load_config(str(ROOT / f"configs/{name}.yml"))


def merge(**options):
    return workspace.merge_config(options)


def test_an_option_changes_a_data_set(stock_load):
    before = stock_load("hourglass_sample")["EvalDataset"]
    cfg = merge(EvalDataset={"anno_path": "x.json", "dataset_dir": "d"}, epoch=3)
    assert type(cfg.EvalDataset) is type(before)
    assert cfg.EvalDataset.get_anno() == "d/x.json" and cfg.epoch == 3
    assert cfg.EvalDataset.test_mode is True  # as it was
    assert workspace.create("EvalDataset")() is cfg.EvalDataset
    assert before.anno_path == "annotations/mpii_val.json"


def test_a_stock_data_set_under_two_names(config, tmp_path):
    path = tmp_path / "coco.yml"
    path.write_text(COCO.format(root=ROOT))
    cfg = workspace.load_config(str(path))
    merge(EvalDataset={"anno_path": "val.json", "use_gt_bbox": False})
    assert cfg.TrainDataset.anno_path == "train.json" and cfg.TrainDataset.use_gt_bbox
    assert cfg.EvalDataset.get_anno() == "val.json" and not cfg.EvalDataset.use_gt_bbox


def test_a_config_changes_its_base(config, tmp_path):
    path = tmp_path / "mine.yml"
    base = ROOT / "configs/hourglass_sample.yml"
    path.write_text(f"_BASE_: [{base}]\nTrainDataset: {{image_dir: pictures}}\n")
    data = workspace.load_config(str(path))["TrainDataset"]
    assert data.image_dir == "pictures"
    assert data.anno_path == "annotations/mpii_train.json"


@pytest.mark.parametrize(
    "options, key",
    [
        ({"EvalDataset": {"ano_path": "x"}}, "EvalDataset.ano_path"),
        ({"EvalDataset": {"xyz": "x"}}, "EvalDataset.xyz"),
        ({"epochs": 3}, "epochs"),
        ({"TrainReader": 3}, "TrainReader"),
    ],
)
def test_an_unknown_option(stock_load, options, key):
    stock_load("hourglass_sample")
    assert f"config key '{key}' " in refused(merge, **options)


def test_a_whole_data_set_replaces_another(stock_load):
    stock_load("hourglass_sample")
    whole = {"name": "COCODataSet", "image_dir": "x"}
    assert merge(EvalDataset=whole)["EvalDataset"] == whole


def test_other_configs_merge_as_before(stock_load):
    stock_load("hourglass_sample")
    cfg = merge(architecture="YOLOv3", EvalDataset={"ano_path": "x"}, own=3)
    assert cfg["EvalDataset"] == {"ano_path": "x"} and cfg["own"] == 3
    other = {"architecture": "YOLOv3", "EvalDataset": cfg["TrainDataset"]}
    changed = workspace.dict_merge(other, {"EvalDataset": {"anno_path": "x"}})
    assert changed["EvalDataset"] == {"anno_path": "x"}
