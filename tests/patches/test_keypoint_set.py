"""What PaddleDetection's parts get from the keypoint file."""

import pytest
import yaml
from ppdet.core.workspace import create, load_config
from ppdet.data.source.keypoint_coco import KeypointTopDownCocoDataset
from ppdet.engine import Trainer

from ppdet_hourglass.data.config_facts import fill_config
from ppdet_hourglass.errors import UserError
from ppdet_hourglass.keypoints.keypoint_file import read_keypoints

from ..conftest import ROOT


@pytest.fixture
def load(config):
    def load_and_apply(name, **changes):
        cfg = load_config(str(ROOT / f"configs/{name}.yml"))
        cfg.update(changes)
        fill_config(cfg)
        return cfg

    return load_and_apply


@pytest.fixture
def kite(tmp_path):
    path = tmp_path / "kite.yml"
    joints = ["head", "left_tip", "right_tip"]
    pairs = [["left_tip", "right_tip"]]
    path.write_text(yaml.safe_dump({"joints": joints, "pairs": pairs}))
    return str(path)


def augmentation(cfg):
    return cfg["TrainReader"]["sample_transforms"][0]["RandomFlipHalfBodyTransform"]


def test_stock_coco_parts(load):
    cfg = load("hourglass_coco_256", dataset_dir="somewhere")
    assert cfg.num_joints == 17
    assert augmentation(cfg)["flip_pairs"][0] == [1, 2]
    assert augmentation(cfg)["upper_body_ids"] == list(range(11))
    data = cfg["TrainDataset"]
    assert type(data) is KeypointTopDownCocoDataset
    assert data.ann_info["num_joints"] == 17
    assert data.img_prefix == "somewhere/train2017"
    assert data.get_anno().startswith("somewhere/annotations/person_keypoints_train")


def test_the_network_follows(load, kite):
    cfg = load("hourglass_sample", keypoints=kite)
    model = create(cfg.architecture)
    assert model.flip_order == [0, 2, 1]
    assert model.head.convs[0].weight.shape[0] == 3


def test_what_the_config_says_itself_stays(config, kite):
    cfg = load_config(str(ROOT / "configs/hourglass_sample.yml"))
    cfg["keypoints"] = kite
    augmentation(cfg)["flip_pairs"] = [[0, 1]]
    fill_config(cfg)
    assert augmentation(cfg)["flip_pairs"] == [[0, 1]]
    assert augmentation(cfg)["upper_body_ids"] == []


def test_another_number_of_joints_is_refused(load, kite):
    with pytest.raises(UserError) as error:
        load("hourglass_sample", keypoints=kite, num_joints=16)
    assert str(error.value) == (
        f"config key 'num_joints' is 16, but {kite} has 3 joints: leave it out"
    )


def test_the_trainer_checks_the_files_first(config, tmp_path):
    cfg = load_config(str(ROOT / "configs/hourglass_coco_256.yml"))
    cfg["dataset_dir"] = str(tmp_path)
    with pytest.raises(UserError) as error:
        Trainer(cfg, mode="eval")
    assert str(error.value) == (
        f"annotation file {tmp_path}/annotations/person_keypoints_val2017.json does "
        "not exist"
    )


def test_detected_boxes_need_their_file(config, tmp_path):
    cfg = load_config(str(ROOT / "configs/hourglass_coco_256.yml"))
    cfg["dataset_dir"] = str(tmp_path)
    cfg["EvalDataset"].use_gt_bbox = False
    with pytest.raises(UserError) as error:
        Trainer(cfg, mode="eval")
    assert str(error.value) == (
        "EvalDataset.use_gt_bbox is false, but EvalDataset.bbox_file names no file of "
        "detections: None"
    )


def test_pckh_wants_head_boxes(load):
    from ppdet_hourglass.metrics.pck_metric import PCKh

    with pytest.raises(UserError) as error:
        PCKh(dataset=None, keypoints="coco")
    assert str(error.value) == (
        f"metric PCKh measures in head boxes, but {read_keypoints('coco').source} has "
        "'normaliser: box': use metric: PCK"
    )


def test_readers_take_sizes_and_colours_from_the_top_level(load):
    cfg = load("hourglass_mpii_256", trainsize=[192, 256], std=[1, 1, 2])
    assert cfg["TestReader"]["inputs_def"]["image_shape"] == [3, 256, 192]
    cuts = {
        "TrainReader": "TopDownAffine",
        "EvalReader": "TopDownAffine",
        "TestReader": "TopDownEvalAffine",
    }
    for reader, cut in cuts.items():
        steps = {}
        for key in ("sample_transforms", "batch_transforms"):
            for step in cfg[reader].get(key) or []:
                steps.update(step)
        assert steps[cut] == {"trainsize": [192, 256]}
        assert steps["NormalizeImage"]["std"] == [1, 1, 2]
    target = cfg["TrainReader"]["sample_transforms"][2]["ToHeatmapsTopDown"]
    assert target == {"sigma": 2, "hmsize": [48, 64]}


def test_what_a_transform_says_itself_stays(load):
    steps = [{"TopDownAffine": {"trainsize": [96, 96]}}, {"ToHeatmapsTopDown": {}}]
    cfg = load("hourglass_mpii_256", EvalReader={"sample_transforms": steps})
    assert steps[0]["TopDownAffine"]["trainsize"] == [96, 96]
    assert cfg["EvalReader"]["sample_transforms"][1]["ToHeatmapsTopDown"] == {
        "hmsize": [64, 64]
    }
