"""The five real people whose images are at hand."""

import re

import pytest

from ..conftest import ROOT
from ..running import command

EVAL = re.compile(r"\[EVAL\].* Mean=([\d.]+)")

OVERFITTING = f"""\
plugin: !!python/name:ppdet_hourglass.plugin.MANIFEST
_BASE_: [{ROOT}/configs/hourglass_sample.yml]
epoch: 150
snapshot_epoch: 150
log_iter: 50
worker_num: 0
TrainReader:
  sample_transforms:
  - TopDownAffine: {{trainsize: [128, 128]}}
  - ToHeatmapsTopDown: {{hmsize: [32, 32], sigma: 2}}
  batch_size: 5
LearningRate:
  schedulers:
  - !CosineDecay {{max_epochs: 150}}
  - !LinearWarmup {{start_factor: 0.01, steps: 10}}
"""


@pytest.mark.slow
@pytest.mark.parametrize("size", [256, 384])
def test_full_size_networks_train_and_evaluate(five_people, tmp_path, size):
    log = command(
        *("train", "--eval", "-c", ROOT / f"configs/hourglass_mpii_{size}.yml", "-o"),
        f"dataset_dir={five_people}",
        f"save_dir={tmp_path}/out",
        "TrainReader.batch_size=2",
        "EvalReader.batch_size=2",
        "epoch=1",
        "seed=0",  # random pairs may have few joints, and a lower loss
        "log_iter=1",
        "worker_num=1",
    )
    assert "5 images, 5 people" in log
    losses = [float(loss) for loss in re.findall(r" loss: ([\d.]+)", log)]
    assert len(losses) == 2 and all(0.001 < loss < 0.01 for loss in losses)
    assert len(EVAL.findall(log)) == 1
    assert "Total sample number: 5" in log
    folder = tmp_path / f"out/hourglass_mpii_{size}"
    assert (folder / "best_model.pdparams").stat().st_size > 300e6


@pytest.mark.slow
def test_a_small_hourglass_overfits_them(five_people, tmp_path):
    """Without augmentation, so that it need only remember."""
    path = tmp_path / "overfit.yml"
    path.write_text(OVERFITTING)
    folders = [f"dataset_dir={five_people}", f"save_dir={tmp_path}/out"]
    log = command("train", "--eval", "-c", path, "-o", *folders)
    means = [float(mean) for mean in EVAL.findall(log)]
    print(f"PCKh Mean on the five people: {means[-1]}")
    assert means[-1] >= 95
