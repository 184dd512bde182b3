import numpy as np
import paddle
import pytest

from ppdet_hourglass.compat import weights as compat_weights
from ppdet_hourglass.modeling.backbones.hourglass_net import HourglassNet
from ppdet_hourglass.modeling.backbones.stacked_hourglass import StackedHourglass
from ppdet_hourglass.modeling.heatmap_loss import HeatmapLoss
from ppdet_hourglass.modeling.hourglass_head import HourglassHead
from ppdet_hourglass.modeling.top_down_hourglass import TopDownHourglass

from ..conftest import refused


@pytest.fixture(autouse=True)
def heard(monkeypatch):
    """PaddleDetection's loggers keep their records from caplog."""
    monkeypatch.setattr(compat_weights.logger, "propagate", True)


def with_head(joints):
    backbone = HourglassNet(2, 1, [8, 8], [1, 1], feat_channels=6)
    head = HourglassHead([6, 6], joints)
    return TopDownHourglass(backbone, head, HeatmapLoss())


def without_head(joints):
    backbone = StackedHourglass(2, 1, 8, 1, stem_channels=[4, 6], num_joints=joints)
    return TopDownHourglass(backbone, None, HeatmapLoss())


#: The layers whose shape depends on the joints.
OF_THE_JOINTS = {
    with_head: "head.convs.0.bias ([16] in the file, takes [5]), "
    "head.convs.0.weight ([16, 6, 1, 1] in the file, takes [5, 6, 1, 1]), "
    "head.convs.1.bias ([16] in the file, takes [5]), "
    "head.convs.1.weight ([16, 6, 1, 1] in the file, takes [5, 6, 1, 1])",
    without_head: "backbone.heatmaps.0.bias ([16] in the file, takes [5]), "
    "backbone.heatmaps.0.weight ([16, 8, 1, 1] in the file, takes [5, 8, 1, 1]), "
    "backbone.heatmaps.1.bias ([16] in the file, takes [5]), "
    "backbone.heatmaps.1.weight ([16, 8, 1, 1] in the file, takes [5, 8, 1, 1]), "
    "backbone.remap_heatmaps.0.weight "
    "([8, 16, 1, 1] in the file, takes [8, 5, 1, 1])",
}


def load(model, path, mode="train"):
    """As the trainer does."""
    option = "pretrain_weights" if mode == "train" else "weights"
    compat_weights.load_weights(model, str(path), mode != "train", option)


def saved(state, tmp_path):
    path = tmp_path / "trained.pdparams"
    paddle.save(state, str(path))
    return path


def warnings(caplog):
    return [r.getMessage() for r in caplog.records if r.levelname == "WARNING"]


@pytest.mark.parametrize("build", [with_head, without_head])
def test_other_joints_keep_all_layers_that_fit(build, tmp_path, caplog):
    trained, model = build(16), build(5)
    path = saved(trained.state_dict(), tmp_path)
    assert "without weights" in refused(load, build(5), path, mode="eval")
    load(model, path)

    wanted = OF_THE_JOINTS[build]
    count = wanted.count(" takes ")
    assert warnings(caplog) == [
        f"weights {path} (pretrain_weights): {count} of {len(model.state_dict())} "
        f"layers start from scratch: {wanted}"
    ]
    old, new = trained.state_dict(), model.state_dict()
    kept = [key for key in new if f"{key} (" not in wanted]
    assert len(kept) == len(new) - count
    assert all(np.array_equal(old[key], new[key]) for key in kept)


def test_weights_that_fit_warn_of_nothing(tmp_path, caplog):
    load(with_head(16), saved(with_head(16).state_dict(), tmp_path))
    assert warnings(caplog) == []


def test_layers_that_the_file_lacks(tmp_path, caplog):
    state = with_head(5).state_dict()
    backbone = {key: value for key, value in state.items() if "head" not in key}
    load(with_head(5), saved(backbone, tmp_path))
    (warning,) = warnings(caplog)
    assert "4 of" in warning and "head.convs.0.bias (absent, takes [5]), " in warning
