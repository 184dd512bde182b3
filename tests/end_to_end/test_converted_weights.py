"""From a PyTorch repository's weights to a PCKh table."""

import numpy as np
import pytest
from ppdet.core.workspace import load_config
from ppdet.data import transform

from ppdet_hourglass.cli import main
from ppdet_hourglass.convert import conversion
from ppdet_hourglass.data.config_facts import fill_config

from ..conftest import ROOT
from ..convert.states import bearpaw, princeton
from .conftest import arguments

#: What a white pixel becomes: 1 less the mean, over no deviation.
WHITE = {"bearpaw": [0.5596, 0.5560, 0.5673], "princeton": [1.0, 1.0, 1.0]}


@pytest.mark.parametrize("family", WHITE)
@pytest.mark.parametrize(
    "reader, stage",
    [
        ("TrainReader", "batch_transforms"),
        ("EvalReader", "batch_transforms"),
        ("TestReader", "sample_transforms"),
    ],
)
def test_networks_see_what_their_repository_showed_them(config, family, reader, stage):
    fill_config(load_config(str(ROOT / f"configs/hourglass8_mpii_256_{family}.yml")))
    steps = [step for step in config[reader][stage] if "NormalizeImage" in step]
    (options,) = (step["NormalizeImage"] for step in steps)
    sample = {"image": np.full((2, 2, 3), 255, np.uint8)}
    image = transform.NormalizeImage(**options)(sample)["image"]
    assert image[1, 1] == pytest.approx(WHITE[family], abs=1e-6)
    assert "Permute" in config[reader][stage][-1]


@pytest.mark.parametrize(
    "family, make", [("bearpaw", bearpaw), ("princeton", princeton)]
)
def test_convert_evaluate_and_train_on(
    config, family, make, sample_people, tmp_path, monkeypatch, caplog
):
    caplog.set_level("INFO")
    state = make(stacks=1, joints=16)
    monkeypatch.setattr(conversion, "read_checkpoint", lambda path: (state, []))
    out = tmp_path / "out.pdparams"
    assert main(["convert", "source.pth", str(out)]) == 0
    hint = caplog.records[-1].getMessage().split(" -o ")[1].replace("'", "").split()
    assert hint[-1] == f"weights={out}"

    argv = arguments(
        sample_people, tmp_path, *hint, config=f"hourglass8_mpii_256_{family}"
    )
    assert main(["eval", *argv]) == 0
    assert list(tmp_path.rglob("keypoints_results.json"))
    assert main(["train", *argv, f"pretrain_weights={out}"]) == 0
    assert list(tmp_path.rglob("model_final.pdparams"))
