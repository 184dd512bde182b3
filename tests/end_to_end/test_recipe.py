"""The recipe of the shipped configs, on MPII's real annotations."""

import numpy as np
import pytest
from ppdet.core.workspace import create, load_config
from ppdet.data.reader import Compose

from ppdet_hourglass.data.config_facts import fill_config
from ppdet_hourglass.data.mpii_dataset import MPIIDataset
from ppdet_hourglass.keypoints.keypoint_set import read_keypoints

from ..conftest import ROOT
from ..modeling.counting import count_parameters


def load(config, name):
    cfg = load_config(str(ROOT / f"configs/{name}.yml"))
    fill_config(cfg)
    return cfg


def mean_square_of_targets(folder, transforms):
    """Mean of (weight x target) ** 2 over every tenth person, on blank images."""
    data = MPIIDataset(str(folder), anno_path="annotations/mpii_train.json")
    pipeline = Compose(transforms)
    blank = np.zeros((2, 2, 3), np.uint8)
    np.random.seed(0)
    people = range(0, len(data), 10)
    total = 0.0
    for index in people:
        sample = pipeline({**data.record(index), "image": blank})
        weighted = sample["target"] * sample["target_weight"][:, :, None]
        total += float(np.mean(weighted**2))
    return total / len(people)


@pytest.mark.parametrize(
    "first, mean, error", [(0, 0.00272, 0.00003), (1, 0.00285, 0.000005)]
)
def test_loss_scale(config, mpii, first, mean, error):
    """With the recipe's augmentation, and without."""
    transforms = load(config, "hourglass_mpii_256")["TrainReader"]["sample_transforms"]
    found = mean_square_of_targets(mpii, transforms[first:])
    print(f"mean squared weighted target: {found:.6f}")
    assert found == pytest.approx(mean, abs=error)


@pytest.mark.parametrize("size, heatmap", [(256, 64), (384, 96)])
def test_figures_of_the_recipe(config, size, heatmap):
    cfg = load(config, f"hourglass_mpii_{size}")
    flip, affine, target = cfg["TrainReader"]["sample_transforms"]
    assert flip["RandomFlipHalfBodyTransform"] == {
        "trainsize": [size, size],
        "flip_pairs": [list(pair) for pair in read_keypoints("mpii").pairs],
        "upper_body_ids": list(range(7, 16)),
        "pixel_std": 200,
        "scale": 0.5,
        "rot": 40,
        "rot_prob": 0.6,
        "prob_half_body": 0.0,
        "flip": True,
    }
    assert affine["TopDownAffine"] == {"trainsize": [size, size]}
    assert target["ToHeatmapsTopDown"] == {"hmsize": [heatmap] * 2, "sigma": 2}
    assert cfg["TrainReader"]["batch_size"] == 64 and cfg.epoch == 210
    assert cfg.norm_type == "sync_bn" and cfg.use_gpu is True
    assert cfg["EvalReader"]["drop_last"] is False
    assert cfg["TestReader"]["inputs_def"]["image_shape"] == [3, size, size]
    assert cfg.plugin.startswith("ppdet_hourglass ")


def test_learning_rates_of_the_recipe(config):
    import paddle

    load(config, "hourglass_mpii_256")
    steps = 347  # 22246 people in batches of 64
    schedule = create("LearningRate")(steps)
    optimizer = create("OptimizerBuilder")(schedule, paddle.nn.Linear(1, 1))
    assert type(optimizer).__name__ == "Adam" and optimizer.regularization is None

    def rate(step):
        schedule.step(step)
        return schedule()

    assert rate(0) == pytest.approx(5e-7)
    assert rate(250) == pytest.approx(5e-4 * 0.5005)
    assert rate(500) == pytest.approx(5e-4)
    assert rate(170 * steps - 1) == pytest.approx(5e-4)
    assert rate(170 * steps + 1) == pytest.approx(5e-5)
    assert rate(200 * steps + 1) == pytest.approx(5e-6)


@pytest.mark.parametrize(
    "name, parameters",
    [
        ("hourglass1_mpii_256", 3_586_960),
        ("hourglass8_mpii_256", 25_594_624),
        pytest.param(
            "hourglass104_mpii_256",
            187_700_352 + 2 * (256 * 16 + 16),
            marks=pytest.mark.slow,
        ),
    ],
)
def test_the_configs_of_the_family_build(config, name, parameters):
    cfg = load(config, name)
    assert count_parameters(create(cfg.architecture)) == parameters


def test_rates_of_the_paper(config):
    import paddle

    load(config, "hourglass8_mpii_256")
    schedule = create("LearningRate")(100)
    optimizer = create("OptimizerBuilder")(schedule, paddle.nn.Linear(1, 1))
    assert type(optimizer).__name__ == "RMSProp" and optimizer._rho == 0.99
    assert schedule() == 2.5e-4
    schedule.step(170 * 100 + 1)
    assert schedule() == pytest.approx(5e-5)


@pytest.mark.parametrize("path", sorted((ROOT / "configs").glob("*.yml")))
def test_leaves_are_short(path):
    assert len(path.read_text().splitlines()) <= 20
