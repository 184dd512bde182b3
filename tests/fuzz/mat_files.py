"""MATLAB files, changed and read."""

import functools
import io

import numpy as np
from scipy.io import savemat

from ppdet_hourglass.data.mpii.release import read_release
from ppdet_hourglass.metrics.ground_truth import GroundTruth

from .inputs import write
from .mutations import mutated_bytes


def ground_truth(folder, random):
    content = mutated_bytes(_mat(random.random() < 0.5), random)
    GroundTruth.from_mat(write(folder / "gt.mat", content))


@functools.lru_cache(None)
def _mat(compressed):
    variables = {
        "pos_gt_src": np.random.default_rng(0).uniform(1, 99, (16, 2, 3)),
        "jnt_missing": np.zeros((16, 3), np.uint8),
        "headboxes_src": np.tile([[1.0], [9.0]], (1, 2))[..., None].repeat(3, axis=2),
    }
    return _saved(variables, compressed)


def _saved(variables, compressed):
    buffer = io.BytesIO()
    savemat(buffer, variables, do_compression=compressed)
    return buffer.getvalue()


def ground_truth_of_other_shapes(folder, random):
    """Whole files with wrong variables."""
    shapes = [
        (16, 2, 3),
        (16, 3),
        (2, 2, 3),
        (0,),
        (),
        (16, 2),
        (2, 2, 0),
        (3, 3, 3, 3),
    ]
    kinds = (np.float64, np.uint8, "U3", object, np.complex128)
    names = ("pos_gt_src", "jnt_missing", "headboxes_src")
    right = dict(zip(names, shapes))
    variables = {}
    for name in names:
        shape = right[name] if random.random() < 0.9 else random.choice(shapes)
        kind = kinds[0] if random.random() < 0.9 else random.choice(kinds)
        variables[name] = np.full(shape, random.choice((1, 0, np.nan)), np.float64)
        variables[name] = variables[name].astype(kind)
    GroundTruth.from_mat(write(folder / "gt.mat", _saved(variables, False)))


def release(folder, random):
    read_release(write(folder / "r.mat", mutated_bytes(_release(), random)))


@functools.lru_cache(None)
def _release():
    point = {"x": 3.0, "y": 4.0, "id": 2, "is_visible": "1"}
    person = {
        "x1": 1,
        "y1": 2,
        "x2": 3,
        "y2": 4,
        "scale": 2.0,
        "objpos": {"x": 5, "y": 6},
    }
    person["annopoints"] = {"point": [point, {**point, "id": 3}]}
    image = {"image": {"name": "1.jpg"}, "annorect": [person, person]}
    images = {
        "annolist": [image, image],
        "img_train": [1, 0],
        "single_person": [[1], []],
    }
    return _saved({"RELEASE": images}, False)
