"""Options of a config's data sets, as the stock tools merge them."""

import pytest
from ppdet.core import workspace

from ..conftest import ROOT, refused

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


@pytest.fixture
def load(config):
    return lambda name: workspace.load_config(str(ROOT / f"configs/{name}.yml"))


def merge(**options):
    return workspace.merge_config(options)


def test_an_option_changes_a_data_set(load):
    before = load("hourglass_sample")["EvalDataset"]
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
    "name, hint", [("ano_path", "; did you mean 'anno_path'?"), ("xyz", "")]
)
def test_an_unknown_attribute(load, name, hint):
    load("hourglass_sample")
    assert refused(merge, EvalDataset={name: "x"}) == (
        f"config key 'EvalDataset.{name}' does not exist{hint}"
    )


def test_a_whole_data_set_replaces_another(load):
    load("hourglass_sample")
    whole = {"name": "COCODataSet", "image_dir": "x"}
    assert merge(EvalDataset=whole)["EvalDataset"] == whole


def test_other_configs_merge_as_before(load):
    load("hourglass_sample")
    cfg = merge(architecture="YOLOv3", EvalDataset={"ano_path": "x"})
    assert cfg["EvalDataset"] == {"ano_path": "x"}
    other = {"architecture": "YOLOv3", "EvalDataset": cfg["TrainDataset"]}
    changed = workspace.dict_merge(other, {"EvalDataset": {"anno_path": "x"}})
    assert changed["EvalDataset"] == {"anno_path": "x"}
