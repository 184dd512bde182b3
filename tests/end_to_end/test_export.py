"""The stock exporter on the hourglass: HRNet's deploy contract."""

import numpy as np
import paddle
import pytest
import yaml
from ppdet.core.workspace import load_config, merge_config
from ppdet.engine import Trainer

from ppdet_hourglass.cli import parse
from ppdet_hourglass.compat.config import _parse

from .conftest import arguments


@pytest.mark.parametrize("stacks", [1, 2])
def test_export_has_the_outputs_of_hrnet(config, tmp_path, stacks):
    options = [f"HourglassNet.num_stacks={stacks}", "use_gpu=False"]
    args = parse(["export", *arguments("none", tmp_path, *options)])
    cfg = load_config(args.config)
    merge_config(_parse(args.opt))
    trainer = Trainer(cfg, mode="test")
    trainer.export(str(tmp_path))

    folder = tmp_path / "hourglass_sample"
    deploy = yaml.safe_load((folder / "infer_cfg.yml").read_text())
    assert deploy["arch"] == "HRNet"
    assert deploy["Preprocess"][0] == {
        "type": "TopDownEvalAffine",
        "trainsize": [128, 128],
    }

    model = paddle.jit.load(str(folder / "model"))
    model.eval()
    image = paddle.rand([3, 3, 128, 128])
    heatmaps, index = model(image)
    assert heatmaps.shape == [3, 16, 32, 32] and index.shape == [3, 16]
    expected = trainer.model.heatmaps(image)[-1].numpy()
    assert np.abs(heatmaps.numpy() - expected).max() < 1e-5
    assert (index.numpy() == heatmaps.numpy().reshape(3, 16, -1).argmax(-1)).all()
