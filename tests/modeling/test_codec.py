from dataclasses import asdict, replace

import numpy as np
import paddle
import pytest
from ppdet.data.transform.keypoint_operators import ToHeatmapsTopDown
from ppdet.modeling.architectures.keypoint_hrnet import HRNetPostProcess

from ppdet_hourglass.compat.stock import JOINTS_KEY
from ppdet_hourglass.errors import UserError
from ppdet_hourglass.modeling.codec import HeatmapCodec, to_image
from ppdet_hourglass.modeling.peaks import DECODERS, argmax_joints, dark_offset

from .oracle import numpy_targets


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
    before = heatmaps.copy()
    stock = HRNetPostProcess(use_dark=decoder == "dark")
    expected = stock(paddle.to_tensor(heatmaps.copy()), centers, scales)[0][0]
    keypoints, scores = HeatmapCodec(decoder=decoder).decode(heatmaps, centers, scales)
    assert (heatmaps == before).all()  # the stock DARK blurs them in place
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
    for decoder in DECODERS:
        with np.errstate(all="raise"):
            keypoints, scores = HeatmapCodec(decoder=decoder).decode(
                heatmaps, centers, scales
            )
        assert (keypoints == corner).all()
        assert scores.tolist() == [[0.0, -1.0]]


def test_peaks_off_their_joints_by_hand():
    heatmaps = np.zeros((1, 1, 8, 8), np.float32)
    heatmaps[0, 0, 2, 4], heatmaps[0, 0, 2, 5], heatmaps[0, 0, 3, 4] = 1, 0.5, 0.5
    # scale 0.16 is a crop of 32 px, 4 px per heatmap pixel, from (84, 84) on
    crop = np.array([[100.0, 100.0]]), np.array([[0.16, 0.16]])
    codec = HeatmapCodec()
    assert codec.decode(heatmaps, *crop)[0][0, 0].tolist() == [101, 93]
    moved = replace(codec, peak_offset=0.5).decode(heatmaps, *crop)[0]
    assert moved[0, 0].tolist() == [103, 95]


@pytest.mark.parametrize(
    "options, problem",
    [
        (
            {"decoder": "softmax"},
            f"decoder must be one of {', '.join(DECODERS)}, but got 'softmax'",
        ),
        ({"flip_test": "no"}, "flip_test must be true or false, but got 'no'"),
        ({"shift_heatmap": 1}, "shift_heatmap must be true or false, but got 1"),
    ],
)
def test_wrong_options(options, problem):
    with pytest.raises(UserError) as error:
        HeatmapCodec(**options)
    assert str(error.value) == f"TopDownHourglass.{problem}"


@pytest.mark.parametrize(
    "options, expected",
    [
        ({"flip_test": False}, [[1, 0, 3], [2, 2, 2]]),
        ({}, [[3, 1, 2], [3, 2, 1]]),
        ({"shift_heatmap": True}, [[3, 2.5, 2.5], [3, 3, 2]]),  # keeps the first column
    ],
)
def test_the_flip_test_averages_and_leaves_its_input_alone(options, expected):
    """With the mirrored image's heatmaps, mirrored back, their joints exchanged."""
    plain = np.array([[[[1.0, 0.0, 3.0]], [[2.0, 2.0, 2.0]]]], np.float32)
    mirrored = np.array([[[[0.0, 2.0, 4.0]], [[1.0, 2.0, 5.0]]]], np.float32)
    networks = {"image": plain, "egami": mirrored}
    mean = HeatmapCodec(**options).average(
        networks.get, "image", lambda text: text[::-1], [1, 0]
    )
    assert mean[0, :, 0].tolist() == expected and mean.dtype == np.float32
    assert plain[0, :, 0].tolist() == [[1, 0, 3], [2, 2, 2]]


def test_as_a_dictionary():
    codec = HeatmapCodec(False, True, "dark", 0.25)
    assert asdict(codec) == {
        "flip_test": False,
        "shift_heatmap": True,
        "decoder": "dark",
        "peak_offset": 0.25,
    }
    assert HeatmapCodec.from_dict({**asdict(codec), "keypoints": "x"}) == codec
    assert HeatmapCodec.from_dict({}) == HeatmapCodec()


def test_targets_equal_the_stock_ones_to_the_bit():
    """At and beyond the borders, with joints that are not annotated."""
    rng = np.random.default_rng(5)
    joints = rng.uniform(-60, 300, (20, 16, 2)).astype(np.float32)
    joints[0, :4] = [[-30, 10], [-26, 10], [283, 10], [10, 278]]
    visible = (rng.uniform(size=(20, 16)) > 0.2).astype(np.float32)
    people = paddle.to_tensor(np.dstack([joints, visible]))
    targets, weights = HeatmapCodec().encode(people, (4.0, 5.0), (64, 48))
    targets, weights = targets.numpy(), weights.numpy()[..., 0]
    encode = ToHeatmapsTopDown([64, 48], 2)
    for person, (points, seen) in enumerate(zip(joints, visible)):
        sample = {
            "image": np.zeros((240, 256, 3), np.uint8),
            JOINTS_KEY: np.pad(points, ((0, 0), (0, 1))),
            "joints_vis": np.repeat(seen[:, None], 3, axis=1),
        }
        stock = encode(sample)
        assert np.array_equal(targets[person], stock["target"])
        assert np.array_equal(weights[person], stock["target_weight"][:, 0])
    assert targets.dtype == weights.dtype == np.float32
    assert 0 < weights.sum() < visible.sum()


@pytest.mark.parametrize("size, stride", [((64, 64), (4, 4)), ((48, 64), (5.3, 3.0))])
def test_targets_equal_the_oracles_to_the_bit(size, stride):
    rng = np.random.default_rng(1)
    joints = rng.uniform(-40, 300, (20, 16, 3)).astype(np.float32)
    joints[..., 2] = rng.integers(0, 2, (20, 16))
    edge = np.arange(2, 258, 4, np.float32)  # half a heatmap pixel, and a hair less
    joints[:4, :, 0] = edge.reshape(4, 16)
    joints[4:8, :, 1] = np.nextafter(edge, np.float32(0)).reshape(4, 16)
    targets, weights = HeatmapCodec().encode(paddle.to_tensor(joints), stride, size)
    expected = numpy_targets(joints[..., :2], joints[..., 2], stride, size)
    assert (targets.numpy() == expected[0]).all()
    assert (weights.numpy()[..., 0] == expected[1]).all()
    assert targets.shape == [20, 16, *reversed(size)] and targets.max() == 1.0


def test_dark_finds_the_top_of_a_gaussian():
    y, x = np.mgrid[:32, :32]
    heatmap = np.exp(-((x - 14.3) ** 2 + (y - 17.8) ** 2) / 8).astype(np.float32)
    coords, _ = argmax_joints(heatmap[None, None])
    refined = dark_offset(heatmap[None, None], coords)
    assert np.abs(refined[0, 0] - [14.3, 17.8]).max() < 0.01
