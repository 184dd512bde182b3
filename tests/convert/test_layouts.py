import pytest

from ppdet_hourglass.convert.mmpose import MMPOSE_0, MMPOSE_1
from ppdet_hourglass.convert.princeton import PRINCETON
from ppdet_hourglass.convert.pytorch_pose import PYTORCH_POSE

LOW2 = "low2.low2.low2"


@pytest.mark.parametrize(
    "theirs, ours",
    [
        ("stem.0.conv.weight", "stem.0.0.weight"),
        ("stem.0.bn.running_var", "stem.0.1._variance"),
        ("stem.1.0.downsample.1.bias", "stem.1.0.shortcut.1.bias"),
        (
            "hourglass_modules.1.up1.0.conv2.weight",
            "hourglasses.1.skip.0.conv2.0.weight",
        ),
        (
            "hourglass_modules.0.low2.low2.low1.1.bn1.running_mean",
            "hourglasses.0.inner.inner.down.1.conv1.1._mean",
        ),
        (
            f"hourglass_modules.0.{LOW2}.low2.low2.3.conv1.weight",
            "hourglasses.0.inner.inner.inner.inner.inner.3.conv1.0.weight",
        ),
        (
            f"hourglass_modules.0.{LOW2}.low3.1.downsample.0.weight",
            "hourglasses.0.inner.inner.inner.up.1.shortcut.0.weight",
        ),
        ("out_convs.1.conv.weight", "outs.1.0.weight"),
        ("conv1x1s.0.bn.weight", "remap_features.0.1.weight"),
        ("remap_convs.0.conv.weight", "remap_outs.0.0.weight"),
        ("inters.1.bn2.bias", "links.1.0.conv2.1.bias"),
    ],
)
def test_mmpose_backbone(theirs, ours):
    for layout in (MMPOSE_0, MMPOSE_1):
        assert layout.rename(f"backbone.{theirs}") == f"backbone.{ours}"


def test_mmpose_heads():
    final = "multi_final_layers.1.bias"
    assert MMPOSE_0.rename(f"keypoint_head.{final}") == "head.convs.1.bias"
    assert MMPOSE_1.rename(f"head.{final}") == "head.convs.1.bias"


@pytest.mark.parametrize(
    "theirs, ours",
    [
        ("conv1.weight", "stem.0.0.weight"),
        ("bn1.running_mean", "stem.0.1._mean"),
        ("layer1.0.downsample.0.weight", "stem.1.shortcut.weight"),
        ("layer2.0.bn3.weight", "stem.3.norm3.weight"),
        ("layer3.0.conv3.bias", "stem.4.conv3.bias"),
        ("hg.7.hg.3.0.0.bn1.bias", "hourglasses.7.skip.0.norm1.bias"),
        ("hg.0.hg.2.1.1.conv2.weight", "hourglasses.0.inner.down.1.1.conv2.weight"),
        (
            "hg.0.hg.1.2.0.bn2.running_var",
            "hourglasses.0.inner.inner.up.0.norm2._variance",
        ),
        (
            "hg.0.hg.0.3.0.conv1.weight",
            "hourglasses.0.inner.inner.inner.inner.0.conv1.weight",
        ),
        ("res.3.0.conv1.weight", "features.3.0.0.conv1.weight"),
        ("fc.3.0.weight", "features.3.1.0.weight"),
        ("fc.3.1.running_var", "features.3.1.1._variance"),
        ("score.3.bias", "heatmaps.3.bias"),
        ("fc_.3.weight", "remap_features.3.weight"),
        ("score_.3.weight", "remap_heatmaps.3.weight"),
    ],
)
def test_pytorch_pose(theirs, ours):
    assert PYTORCH_POSE.rename(theirs) == f"backbone.{ours}"


@pytest.mark.parametrize(
    "theirs, ours",
    [
        ("pre.0.conv.bias", "stem.0.0.bias"),
        ("pre.0.bn.weight", "stem.0.1.weight"),
        ("pre.4.skip_layer.conv.weight", "stem.4.shortcut.weight"),
        ("hgs.2.0.up1.bn1.weight", "hourglasses.2.skip.0.norm1.weight"),
        ("hgs.2.0.low1.conv1.conv.bias", "hourglasses.2.down.1.0.conv1.bias"),
        (
            "hgs.2.0.low2.low2.low3.conv3.conv.weight",
            "hourglasses.2.inner.inner.up.0.conv3.weight",
        ),
        (
            f"hgs.2.0.{LOW2}.low2.bn2.running_mean",
            "hourglasses.2.inner.inner.inner.inner.0.norm2._mean",
        ),
        ("features.1.0.conv2.conv.weight", "features.1.0.0.conv2.weight"),
        ("features.1.1.conv.weight", "features.1.1.0.weight"),
        ("features.1.1.bn.bias", "features.1.1.1.bias"),
        ("outs.1.conv.weight", "heatmaps.1.weight"),
        ("merge_features.0.conv.conv.weight", "remap_features.0.weight"),
        ("merge_preds.0.conv.conv.bias", "remap_heatmaps.0.bias"),
    ],
)
def test_princeton(theirs, ours):
    assert PRINCETON.rename(theirs) == f"backbone.{ours}"


def test_what_has_no_counterpart():
    step = "bn1.num_batches_tracked"
    assert not PYTORCH_POSE.has_counterpart(step, {step: ()})
    shapes = {
        "pre.3.skip_layer.conv.weight": (128, 128, 1, 1),
        "pre.3.skip_layer.conv.bias": (128,),
        "pre.4.skip_layer.conv.weight": (256, 128, 1, 1),
        "pre.4.skip_layer.conv.bias": (256,),
    }
    assert [PRINCETON.has_counterpart(k, shapes) for k in shapes] == [
        *(False, False, True, True)
    ]
