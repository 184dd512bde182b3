"""Flip test and decoding.

mmpose differs by design in two places, which the tests hold to the last joint:
it decodes an empty heatmap as (-1, -1), this project and PaddleDetection as (0, 0);
and its quarter offset moves a peak near one border along that border, which
PaddleDetection's leaves where it is.
"""

from functools import cache

import numpy as np
import pytest

from ppdet_hourglass.keypoints.keypoint_set import read_keypoints
from ppdet_hourglass.modeling.codec import HeatmapCodec, flip_back, to_image
from ppdet_hourglass.modeling.peaks import argmax_joints, dark_offset, quarter_offset

from .inputs import (
    CROP_SEED,
    DARK_KERNELS,
    MIRRORED_SEED,
    PEOPLE,
    PLAIN_SEED,
    SIZES,
    crops,
    heatmaps,
)
from .tolerances import TABLE

FLIP_ORDER = read_keypoints("mpii").flip_order


@cache
def averaged(size, test):
    plain = heatmaps(PEOPLE, size, PLAIN_SEED)
    if test == "plain":
        return plain
    mirrored = heatmaps(PEOPLE, size, MIRRORED_SEED)
    back = flip_back(mirrored, FLIP_ORDER, shift=test == "shift")
    return (plain + back) * 0.5


def largest(ours, theirs):
    return np.abs(ours - theirs).max()


@pytest.fixture(params=[(s, t) for s in SIZES for t in ("plain", "flip", "shift")])
def case(request, reference):
    """Heatmaps, their argmax, a map to image pixels, mmpose's joints by decoder."""
    size, test = request.param
    maps = averaged(SIZES[size], test)
    where = crops(PEOPLE, CROP_SEED)
    coords, scores = argmax_joints(maps)

    def place(joints):
        shape = (SIZES[size], SIZES[size])
        return to_image(joints, where["center"], where["scale"], shape)

    theirs = reference("decoding", f"{size}/{test}/")
    return maps, coords, scores > 0, place, theirs


def test_flip_order(reference):
    assert reference("decoding")["flip_order"].tolist() == FLIP_ORDER


def test_empty_heatmaps_lie_one_pixel_from_mmposes(case, deviation):
    _, coords, peak, place, theirs = case
    assert (~peak).sum() == 6 and not coords[~peak].any()
    for joints in theirs.values():
        deviation(TABLE["decoding"], largest(place(coords - 1)[~peak], joints[~peak]))


def test_quarter_offset(case, deviation):
    maps, coords, peak, place, theirs = case
    ours = quarter_offset(maps, coords)
    size = maps.shape[-1]
    x, y = coords[..., 0].astype(int), coords[..., 1].astype(int)
    n, k = np.ogrid[: len(maps), : maps.shape[1]]
    inner_x, inner_y = (x > 1) & (x < size - 1), (y > 1) & (y < size - 1)
    along_x = inner_x & ~inner_y & (y > 0)
    along_y = inner_y & ~inner_x & (x > 0)
    right, left = np.minimum(x + 1, size - 1), np.maximum(x - 1, 0)
    below, above = np.minimum(y + 1, size - 1), np.maximum(y - 1, 0)
    slope_x, slope_y = (
        maps[n, k, y, right] - maps[n, k, y, left],
        (maps[n, k, below, x] - maps[n, k, above, x]),
    )
    step = np.stack([along_x * np.sign(slope_x), along_y * np.sign(slope_y)], axis=-1)
    explained = place(ours + 0.25 * step)
    deviation(TABLE["decoding"], largest(explained[peak], theirs["quarter"][peak]))
    moved = (along_x | along_y) & peak
    assert 0 < moved.sum() < 0.1 * moved.size
    apart = np.abs(place(ours) - theirs["quarter"]).max(axis=-1) > 1e-3
    assert np.array_equal(apart & peak, moved)


@pytest.mark.parametrize("kernel", DARK_KERNELS)
def test_dark(case, deviation, kernel):
    maps, coords, peak, place, theirs = case
    ours = place(dark_offset(maps, coords, kernel))
    deviation(TABLE["decoding"], largest(ours[peak], theirs[f"dark_{kernel}"][peak]))


@pytest.mark.parametrize(
    "decoder, theirs", [("quarter", "quarter"), ("dark", "dark_3")]
)
def test_decoders_of_the_architecture(case, decoder, theirs):
    """The registered decoders are what the tests above compare."""
    maps, coords, _, place, _ = case
    where = crops(PEOPLE, CROP_SEED)
    joints, _ = HeatmapCodec(decoder=decoder).decode(
        maps, where["center"], where["scale"]
    )
    offset = {"quarter": quarter_offset, "dark_3": dark_offset}[theirs]
    assert np.array_equal(joints, place(offset(maps, coords)))
