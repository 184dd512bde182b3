"""Crop of real people, through the registered reader and the shipped config."""

import numpy as np
import pytest
from ppdet.core.workspace import load_config
from ppdet.data.reader import Compose
from ppdet.data.transform.keypoint_operators import get_affine_transform

from ppdet_hourglass.compat.stock import JOINTS_KEY
from ppdet_hourglass.data.config_facts import fill_config
from ppdet_hourglass.data.mpii_dataset import MPIIDataset

from ..conftest import ROOT
from .inputs import CROP_SIZE, sampled_pixels
from .tolerances import TABLE


@pytest.fixture
def people(config, mpii):
    """(record, cropped sample) of the five people."""
    cfg = load_config(str(ROOT / f"configs/hourglass_mpii_{CROP_SIZE}.yml"))
    fill_config(cfg)
    crop = Compose(cfg["TrainReader"]["sample_transforms"][1:2])
    data = MPIIDataset(str(mpii), "images", "annotations/mpii_5.json")
    return [(data.record(index), crop(data[index])) for index in range(len(data))]


def test_pixels(people, reference, deviation):
    theirs = reference("crop")
    crops = np.array([sample["image"] for _, sample in people])
    pairs = [(sampled_pixels(crops), theirs["pixels"])]
    if "whole_crops" in theirs:
        pairs.append((crops, theirs["whole_crops"]))
    for ours, reference_pixels in pairs:
        for crop, expected in zip(ours.astype(np.int16), reference_pixels):
            deviation(TABLE["crop"], np.abs(crop - expected).mean())


def test_matrices(people, reference):
    size = [CROP_SIZE, CROP_SIZE]
    ours = [
        get_affine_transform(record["center"], record["scale"] * 200, 0, size)
        for record, _ in people
    ]
    assert np.array(ours) == pytest.approx(reference("crop")["matrices"], abs=1e-4)


def test_joints_lie_one_image_pixel_from_mmposes(people, reference):
    """mmpose 1.x keeps MPII's 1-based joints while it crops in 0-based pixels.

    This project, mmpose 0.x and the published reproduction take 1 from both.
    """
    theirs = reference("crop")
    visible = theirs["visible"] > 0
    step = theirs["matrices"][:, [0, 1], [0, 1]]  # crop pixels per image pixel
    ours = np.array([sample[JOINTS_KEY][:, :2] for _, sample in people])
    expected = theirs["joints"] - step[:, None]
    assert ours[visible] == pytest.approx(expected[visible], abs=1e-3)
