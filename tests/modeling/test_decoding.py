import numpy as np
import paddle
import pytest
from ppdet.data.transform.keypoint_operators import ToHeatmapsTopDown
from ppdet.modeling.architectures.keypoint_hrnet import HRNetPostProcess

from ppdet_hourglass.compat.keys import JOINTS_KEY
from ppdet_hourglass.errors import UserError
from ppdet_hourglass.modeling.decoding import (
    argmax_joints,
    dark_offset,
    decode,
    quarter_offset,
    to_image,
)


def gaussians(people=3, joints=7, height=48, width=64, seed=0):
    """Noisy bumps, some beyond the border."""
    rng = np.random.default_rng(seed)
    x0 = rng.uniform(-2, width + 2, (people, joints, 1, 1))
    y0 = rng.uniform(-2, height + 2, (people, joints, 1, 1))
    y, x = np.mgrid[:height, :width]
    maps = np.exp(-((x - x0) ** 2 + (y - y0) ** 2) / 8)
    return (maps + rng.normal(0, 0.003, maps.shape)).astype(np.float32)


def boxes(people, seed=1):
    """Crops within 1024 px: beyond, float32 itself is coarser than 1e-4 px."""
    rng = np.random.default_rng(seed)
    centers = rng.uniform(200, 600, (people, 2)).astype(np.float32)
    scales = np.repeat(rng.uniform(0.5, 2, (people, 1)), 2, axis=1).astype(np.float32)
    return centers, scales


@pytest.mark.parametrize("decoder", ["quarter", "dark"])
@pytest.mark.parametrize("seed", range(5))
def test_equals_the_stock_decoder(decoder, seed):
    heatmaps = gaussians(seed=seed)
    centers, scales = boxes(len(heatmaps), seed)
    stock = HRNetPostProcess(use_dark=decoder == "dark")
    expected = stock(paddle.to_tensor(heatmaps.copy()), centers, scales)[0][0]
    keypoints, scores = decode(heatmaps, centers, scales, decoder)
    assert np.abs(keypoints - expected[..., :2]).max() < 1e-4
    assert np.abs(scores - expected[..., 2]).max() < 1e-6


def test_an_empty_map_decodes_to_its_corner():
    """The stock DARK divides by the map's maximum, 0, and fills it with NaN.

    Its result for such a joint survives only because the peak (0, 0) lies too
    near the border to be refined; a map whose maximum is 0 inside does not.
    """
    heatmaps = np.zeros((1, 2, 16, 16), np.float32)
    heatmaps[0, 1] = -1.0
    centers, scales = boxes(1)
    corner = to_image(np.zeros((1, 2, 2)), centers, scales, (16, 16))
    for decoder in ("quarter", "dark"):
        with np.errstate(all="raise"):
            keypoints, scores = decode(heatmaps, centers, scales, decoder)
        assert (keypoints == corner).all()
        assert scores.tolist() == [[0.0, -1.0]]


def test_callers_heatmaps_stay_as_they_are():
    """The stock DARK blurs them in place."""
    heatmaps = gaussians()
    before = heatmaps.copy()
    centers, scales = boxes(len(heatmaps))
    for decoder in ("quarter", "dark"):
        decode(heatmaps, centers, scales, decoder)
    assert (heatmaps == before).all()


def test_quarter_offset_by_hand():
    heatmaps = np.zeros((1, 1, 6, 8), np.float32)
    heatmaps[0, 0, 3, 4] = 1.0
    heatmaps[0, 0, 3, 5] = 0.5  # to the right
    heatmaps[0, 0, 2, 4] = 0.4  # and up
    coords, scores = argmax_joints(heatmaps)
    assert coords.tolist() == [[[4, 3]]] and scores.tolist() == [[1]]
    assert quarter_offset(heatmaps, coords).tolist() == [[[4.25, 2.75]]]


def test_quarter_offset_leaves_the_border_alone():
    heatmaps = np.zeros((1, 2, 6, 8), np.float32)
    heatmaps[0, 0, 1, 4], heatmaps[0, 0, 2, 4] = 1.0, 0.5
    heatmaps[0, 1, 3, 7], heatmaps[0, 1, 3, 6] = 1.0, 0.5
    coords, _ = argmax_joints(heatmaps)
    assert quarter_offset(heatmaps, coords).tolist() == [[[4, 1], [7, 3]]]


def test_dark_finds_the_top_of_a_gaussian():
    y, x = np.mgrid[:32, :32]
    heatmap = np.exp(-((x - 14.3) ** 2 + (y - 17.8) ** 2) / 8).astype(np.float32)
    coords, _ = argmax_joints(heatmap[None, None])
    refined = dark_offset(heatmap[None, None], coords)
    assert np.abs(refined[0, 0] - [14.3, 17.8]).max() < 0.01


def test_to_image_by_hand():
    # A crop of 200 px (scale 1) around (500, 300), 50 heatmap pixels wide:
    # 4 image pixels each; heatmap (25, 25) is the centre.
    points = to_image(
        np.array([[[25.0, 25.0], [0.0, 50.0]]]),
        np.array([[500.0, 300.0]]),
        np.array([[1.0, 1.0]]),
        (50, 50),
    )
    assert points.tolist() == [[[500, 300], [400, 400]]]


@pytest.mark.parametrize("decoder, pixels", [("quarter", 3.0), ("dark", 2.6)])
def test_round_trip_with_the_stock_encoder(decoder, pixels):
    """Encoding rounds a joint to a heatmap pixel, 4 px: at most 2 px lost.

    The quarter offset adds up to 1 px, since a symmetric bump has no slope.
    """
    rng = np.random.default_rng(3)
    joints = np.zeros((16, 3), np.float32)
    joints[:, :2] = rng.uniform(20, 236, (16, 2))
    sample = {
        "image": np.zeros((256, 256, 3), np.uint8),
        JOINTS_KEY: joints.copy(),
        "joints_vis": np.ones((16, 3), np.float32),
    }
    target = ToHeatmapsTopDown([64, 64], 2)(sample)["target"]
    center, scale = np.array([[128.0, 128.0]]), np.array([[1.28, 1.28]])
    keypoints, scores = decode(target[None], center, scale, decoder)
    assert np.abs(keypoints[0] - joints[:, :2]).max() < pixels
    assert scores == pytest.approx(1.0)


def test_peaks_off_their_joints_by_hand():
    heatmaps = np.zeros((1, 1, 8, 8), np.float32)
    heatmaps[0, 0, 2, 4], heatmaps[0, 0, 2, 5], heatmaps[0, 0, 3, 4] = 1, 0.5, 0.5
    # scale 0.16 is a crop of 32 px, 4 px per heatmap pixel, from (84, 84) on
    crop = np.array([[100.0, 100.0]]), np.array([[0.16, 0.16]])
    assert decode(heatmaps, *crop, "quarter")[0][0, 0].tolist() == [101, 93]
    moved = decode(heatmaps, *crop, "quarter", peak_offset=0.5)[0]
    assert moved[0, 0].tolist() == [103, 95]


def test_unknown_decoder():
    with pytest.raises(UserError) as error:
        decode(np.zeros((1, 1, 8, 8), np.float32), *boxes(1), "softmax")
    assert str(error.value) == (
        "TopDownHourglass.decoder must be one of quarter, dark, but got 'softmax'"
    )
