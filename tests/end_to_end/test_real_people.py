"""The five real people whose images are at hand."""

import re

import pytest

from .conftest import arguments

EVAL = re.compile(r"\[EVAL\].* Mean=([\d.]+)")


@pytest.mark.slow
@pytest.mark.parametrize("size", [256, 384])
def test_full_size_networks_train_and_evaluate(tool, five_people, tmp_path, size):
    log = tool(
        "train",
        "--eval",
        *arguments(five_people, tmp_path / "out", config=f"hourglass_mpii_{size}")[:4],
        f"save_dir={tmp_path}/out",
        "TrainReader.batch_size=2",
        "EvalReader.batch_size=2",
        "epoch=1",
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
def test_a_small_hourglass_overfits_them(tool, five_people, tmp_path):
    """Without augmentation, so that it need only remember."""
    log = tool(
        "train",
        "--eval",
        "-c",
        overfitting_config(tmp_path),
        "-o",
        f"dataset_dir={five_people}",
        f"save_dir={tmp_path}/out",
    )
    means = [float(mean) for mean in EVAL.findall(log)]
    print(f"PCKh Mean on the five people: {means[-1]}")
    assert means[-1] >= 95


def overfitting_config(folder):
    from ..conftest import ROOT

    path = folder / "overfit.yml"
    path.write_text(
        f"""
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
    )
    return path
