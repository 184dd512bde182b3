import numpy as np
import pytest

from ppdet_hourglass.errors import UserError
from ppdet_hourglass.predict.detector_steps import (
    pad_stride,
    prepare,
    read_steps,
    resize,
    standardise,
)


def inputs(height, width, value=0):
    return {
        "image": np.full((height, width, 3), value, np.uint8),
        "im_shape": (height, width),
        "scale_factor": (1, 1),
    }


@pytest.mark.parametrize(
    "size, target, keep_ratio, shape, factor",
    [
        ((100, 200), [640, 640], True, (320, 640), (3.2, 3.2)),
        ((480, 640), [800, 1333], True, (800, 1067), (800 / 480,) * 2),
        ((640, 480), [800, 1333], True, (1067, 800), (800 / 480,) * 2),
        ((100, 50), [320, 640], False, (320, 640), (3.2, 12.8)),
        ((100, 50), 320, False, (320, 320), (3.2, 6.4)),
    ],
)
def test_resize(size, target, keep_ratio, shape, factor):
    known = resize(inputs(*size), target, keep_ratio)
    assert known["image"].shape[:2] == shape == tuple(known["im_shape"])
    assert known["scale_factor"] == pytest.approx(factor, rel=1e-6)


@pytest.mark.parametrize(
    "options, expected",
    [
        ({"mean": [0.5, 0.5, 0.6], "std": [0.5, 0.25, 0.4]}, [1, 2, 1]),
        ({"mean": [9, 9, 9], "std": [9, 9, 9], "norm_type": "none"}, [1, 1, 1]),
        (
            {"mean": [127.5, 55, 255], "std": [127.5, 100, 1], "is_scale": False},
            [1, 2, 0],
        ),
        ({"is_scale": False, "norm_type": "none"}, [255, 255, 255]),
    ],
)
def test_standardise(options, expected):
    image = standardise(inputs(1, 1, 255), **options)["image"]
    assert image[0, 0] == pytest.approx(expected, abs=1e-6)


def test_pad_stride():
    known = pad_stride(inputs(33, 64, 7), 32)
    assert known["image"].shape == (64, 64, 3)
    assert (known["image"][:33] == 7).all() and not known["image"][33:].any()
    assert pad_stride(known, 0)["image"].shape == (64, 64, 3)
    assert known["im_shape"] == (33, 64)


def test_inputs_are_rgb_in_planes():
    blue_green_red = np.zeros((4, 6, 3), np.uint8)
    blue_green_red[:] = [1, 2, 3]
    rows = [
        {"type": "Resize", "target_size": [8, 12], "keep_ratio": False, "interp": 2},
        {"type": "NormalizeImage", "is_scale": False, "norm_type": "none"},
        {"type": "Permute"},
    ]
    known = prepare(blue_green_red, read_steps(rows, "infer_cfg.yml"))
    assert known["image"].shape == (1, 3, 8, 12)
    assert known["image"][0, :, 0, 0].tolist() == [3, 2, 1]
    assert known["im_shape"].tolist() == [[8, 12]]
    assert {array.dtype for array in known.values()} == {np.dtype(np.float32)}
    assert known["scale_factor"].tolist() == [[2, 2]]


@pytest.mark.parametrize(
    "rows, problem",
    [
        (None, "'Preprocess' must be a list of steps, but got None"),
        ([1], "'Preprocess'[0] must be an object, but got 1"),
        (
            [{"type": "LetterBoxResize", "target_size": 640}],
            "Preprocess step 'LetterBoxResize' is not supported; supported: Resize, "
            "NormalizeImage, Permute, PadStride",
        ),
        ([{"stride": 3}], "Preprocess step None is not supported; supported: Resize, "),
        (
            [{"type": "Permute", "to_bgr": True}],
            "Preprocess step 'Permute': permute() got an unexpected keyword argument "
            "'to_bgr'",
        ),
        ([{"type": [{}]}], "Preprocess step [{}] is not supported; supported: Resize"),
        (
            [{"type": "NormalizeImage", "mean": [10**400]}],
            "Preprocess step 'NormalizeImage': int too large to convert to float",
        ),
        ([{"type": "Resize"}], "Preprocess step 'Resize': resize() missing 1 required"),
        (
            [{"type": "NormalizeImage", "norm_type": "max"}],
            "Preprocess step 'NormalizeImage': norm_type must be mean_std or none, "
            "but got 'max'",
        ),
    ],
)
def test_steps_that_are_not_known(rows, problem):
    with pytest.raises(UserError) as caught:
        read_steps(rows, "infer_cfg.yml")
    assert str(caught.value).startswith(f"infer_cfg.yml: {problem}")
