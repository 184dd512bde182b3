"""What PaddleDetection's parts get from the keypoint file and top-level keys."""

import pytest
import yaml
from ppdet.core.workspace import create, load_config

from ppdet_hourglass.data.coco_dataset import COCOPose
from ppdet_hourglass.data.config_facts import fill_config

from ..conftest import ROOT, refused


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
    return options(cfg, "TrainReader")["RandomFlipHalfBodyTransform"]


def test_stock_coco_parts(load):
    cfg = load("hourglass_coco_256", dataset_dir="somewhere")
    assert cfg.num_joints == 17
    assert augmentation(cfg)["flip_pairs"][0] == [1, 2]
    assert augmentation(cfg)["upper_body_ids"] == list(range(11))
    data = cfg["TrainDataset"]
    assert type(data) is COCOPose and data.num_joints == 17
    assert data.image_folder == "somewhere/train2017"
    assert data.get_anno().startswith("somewhere/annotations/person_keypoints_train")


def test_the_network_follows(load, kite):
    cfg = load("hourglass_sample", keypoints=kite)
    model = create(cfg.architecture)
    assert model.flip_order == [0, 2, 1]
    assert model.head.convs[0].weight.shape[0] == 3


def test_another_number_of_joints_is_refused(load, kite):
    assert refused(load, "hourglass_sample", keypoints=kite, num_joints=16) == (
        f"config key 'num_joints' is 16, but {kite} has 3 joints: leave it out"
    )


def options(cfg, reader):
    """Options of a reader's transforms by name."""
    keys = ("sample_transforms", "batch_transforms")
    steps = [step for key in keys for step in cfg[reader].get(key) or []]
    return {name: values for step in steps for name, values in step.items()}


def test_readers_take_sizes_and_colours_from_the_top_level(load):
    cfg = load("hourglass_mpii_256", trainsize=[192, 256], std=[1, 1, 2])
    assert cfg["TestReader"]["inputs_def"]["image_shape"] == [3, 256, 192]
    for reader in ("TrainReader", "EvalReader", "TestReader"):
        steps = options(cfg, reader)
        cut = "TopDownEvalAffine" if reader == "TestReader" else "TopDownAffine"
        assert steps[cut] == {"trainsize": [192, 256]}
        assert steps["NormalizeImage"]["std"] == [1, 1, 2]
    target = options(cfg, "TrainReader")["ToHeatmapsTopDown"]
    assert target == {"sigma": 2, "hmsize": [48, 64]}


def test_what_a_transform_says_itself_stays(load):
    steps = [
        {"TopDownAffine": {"trainsize": [96, 96]}},
        {"RandomFlipHalfBodyTransform": {"flip_pairs": [[0, 1]]}},
        {"ToHeatmapsTopDown": {}},
    ]
    cfg = load("hourglass_mpii_256", EvalReader={"sample_transforms": steps})
    assert options(cfg, "EvalReader") == {
        "TopDownAffine": {"trainsize": [96, 96]},
        "RandomFlipHalfBodyTransform": {
            "flip_pairs": [[0, 1]],
            "trainsize": [256, 256],
            "upper_body_ids": list(range(7, 16)),
        },
        "ToHeatmapsTopDown": {"hmsize": [64, 64]},
    }
