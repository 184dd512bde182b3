"""What is attacked: each function changes a sound input, and reads it.

They take a folder to write in and a ``random.Random``.
"""

import functools
import io
import json
import os
import pickle

import cv2
import numpy as np
import yaml
from scipy.io import savemat

from ppdet_hourglass import plugin  # noqa: F401  (registers the configs' names)
from ppdet_hourglass.compat.config import config_scope, load
from ppdet_hourglass.compat.state_file import refuse_code
from ppdet_hourglass.data.annotations import read_annotations
from ppdet_hourglass.data.checks.check import check_people
from ppdet_hourglass.data.checks.people_file import read_people_file
from ppdet_hourglass.data.checks.pictures import look_at
from ppdet_hourglass.data.coco_file import check_coco_file
from ppdet_hourglass.data.images import orientation, read_image
from ppdet_hourglass.data.labelme import labelme_to_coco
from ppdet_hourglass.data.mpii.release import read_release
from ppdet_hourglass.errors import UserError
from ppdet_hourglass.frames.boxes_file import BoxesFile
from ppdet_hourglass.frames.sources import Images
from ppdet_hourglass.keypoints.keypoint_file import read_keypoints
from ppdet_hourglass.metrics.ground_truth import GroundTruth, truth_of
from ppdet_hourglass.metrics.results_reader import read_results
from ppdet_hourglass.predict.detector_steps import prepare, read_steps
from ppdet_hourglass.predict.export_folder import read_description, read_spec

from ..conftest import ROOT, person
from .mutations import mutated_bytes, mutated_json, mutated_value

MPII = read_keypoints("mpii")
SAMPLE = ROOT / "configs/hourglass_sample.yml"
PEOPLE = [person("1.jpg", rectangle=1), person("2.jpg", rectangle=2)]


def _write(path, content):
    path.write_bytes(content)
    return str(path)


def annotations(folder, random):
    path = _write(folder / "mpii_val.json", mutated_json(PEOPLE, random))
    truth_of(read_annotations(path, 16, need_joints=random.random() < 0.5), MPII)


def checked_annotations(folder, random):
    """``check-data`` goes on after a wrong record."""
    content = _coco() if random.random() < 0.3 else PEOPLE
    path = _write(folder / "a.json", mutated_json(content, random))
    file = read_people_file(path, 16, need_joints=True)
    found = check_people(file, str(folder), MPII)
    file.write_without([f.record for f in found], str(folder / "clean.json"))


def coco_annotations(folder, random):
    path = _write(folder / "a.json", mutated_json(_coco(), random))
    _write(folder / "a.png", PICTURES[1])
    check_coco_file(path, str(folder), MPII)


def _coco():
    shared = {"image_id": 7, "category_id": 1, "area": 9.0, "iscrowd": 0}
    keypoints = [v for k in range(16) for v in (20 + 5 * k, 30 + 3 * k, 2)]
    shared = {**shared, "bbox": [10, 20, 100, 70], "keypoints": keypoints}
    image = {"id": 7, "file_name": "a.png", "width": 120, "height": 100}
    return {
        "images": [image],
        "annotations": [{"id": number, **shared} for number in (1, 2)],
        "categories": [{"id": 1, "name": "person", "keypoints": list(MPII.joints)}],
    }


def ground_truth(folder, random):
    content = mutated_bytes(_mat(random.random() < 0.5), random)
    GroundTruth.from_mat(_write(folder / "gt.mat", content))


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
    GroundTruth.from_mat(_write(folder / "gt.mat", _saved(variables, False)))


def release(folder, random):
    read_release(_write(folder / "r.mat", mutated_bytes(_release(), random)))


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


def boxes(folder, random):
    box = {"file_name": "1.png", "bbox": [1, 2, 3, 4], "score": 0.9, "category_id": 1}
    content = random.choice(
        ([box, {**box, "image_id": 1}], _coco(), [person("1.png"), {**box, "frame": 1}])
    )
    for name in ("1.png", "a.png"):
        _write(folder / name, PICTURES[1])
    path = _write(folder / "boxes.json", mutated_json(content, random))
    BoxesFile(path, Images(str(folder), ["1.png", "a.png"]), 0.5)


def results(folder, random):
    row = {"image": "1.jpg", "center": [1, 2], "keypoints": [1.0] * 48, "score": 0.5}
    box = {"bbox": [1, 2, 3, 4], "image_id": 1}
    rows = [row, {**row, "image": "2.jpg", **box}]
    path = _write(folder / "a.json", json.dumps(PEOPLE).encode())
    people = read_annotations(path, 16, need_joints=True)
    path = _write(folder / "r.json", mutated_json(rows, random))
    read_results(path, people, 16)


def labelme(folder, random):
    shape = {"label": "left_knee", "points": [[3, 4]], "group_id": 1, "flags": {}}
    box = {"label": "person", "shape_type": "rectangle", "points": [[1, 2], [9, 9]]}
    size = {"imageWidth": 30, "imageHeight": 20, "imagePath": "1.png"}
    content = {"shapes": [shape, {**box, "group_id": 1}], **size}
    _write(folder / "1.png", PICTURES[1])
    _write(folder / "1.json", mutated_json(content, random))
    labelme_to_coco(str(folder), MPII)


def keypoint_file(folder, random):
    read_keypoints(_write(folder / "k.yml", _yaml(_keypoints(), random)))


@functools.lru_cache(None)
def _keypoints():
    return yaml.safe_load((ROOT / "configs/keypoints/mpii.yml").read_text())


def _yaml(content, random):
    text = yaml.safe_dump(mutated_value(content, random), sort_keys=False).encode()
    return mutated_bytes(text, random) if random.random() < 0.5 else text


def config_file(folder, random):
    text = random.choice((SAMPLE, *sorted((ROOT / "configs/_base_").glob("*.yml"))))
    content = mutated_bytes(text.read_bytes(), random)
    base = f"\n_BASE_: [{SAMPLE}]\n".encode() if text.parent.name == "_base_" else b""
    content = content.replace(b"_base_/", f"{ROOT}/configs/_base_/".encode())
    with config_scope():
        load(_write(folder / "c.yml", content + base))


OPTIONS = (
    *("epoch=3", "TrainReader.batch_size=4", "HourglassNet.stage_channels=[8,8,8]"),
    *("LearningRate.base_lr=1e-3", "EvalDataset.anno_path=a.json", "trainsize=[64,64]"),
    *("OptimizerBuilder.optimizer.type=Adam", "TopDownHourglass.flip_test=true"),
    *("mean=[1,2,3]", "worker_num=0", "EvalReader={batch_size: 3}", "weights=a"),
    *("LearningRate.schedulers=[!CosineDecay {max_epochs: 3}]", "keypoints=mpii"),
)


def options(folder, random):
    """Of ``-o``, as a command line gives them."""
    option = mutated_bytes(random.choice(OPTIONS).encode(), random)
    if random.random() < 0.5:
        key = random.choice(OPTIONS).partition("=")[0]
        value = mutated_value([1, "a"], random)
        option = f"{key}={json.dumps(value)}".encode()
    text = option.decode(errors="surrogateescape")
    with config_scope():
        load(str(SAMPLE), [text, random.choice(OPTIONS)])


class _Call:
    def __init__(self, *call):
        self.call = call

    def __reduce__(self):
        return self.call


def weights(folder, random):
    protocol = random.randint(0, 4)
    state = {
        f"layer{number}.weight": np.ones((2, 3), kind)
        for number, kind in enumerate((np.float32, np.float16, np.int64))
    }
    state["LR_Scheduler"] = {"last_epoch": 3, "last_lr": 1e-3}
    evil = random.random() < 0.3
    if evil:
        done = str(folder / "done")
        calls = ((os.mkdir, (done,)), (eval, (f"__import__('os').mkdir({done!r})",)))
        state[random.choice(("a", "layer0.weight"))] = _Call(*random.choice(calls))
    content = pickle.dumps(state, protocol)
    if not evil or random.random() < 0.5:
        content = mutated_bytes(content, random)
    try:
        refuse_code(_write(folder / "a.pdparams", content), "weights a.pdparams (-r)")
    finally:
        assert not (folder / "done").exists(), "the file ran code"


def exported_folder(folder, random):
    steps = [
        {"type": "TopDownEvalAffine", "trainsize": [64, 64]},
        {
            "type": "NormalizeImage",
            "mean": [0.5] * 3,
            "std": [0.2] * 3,
            "is_scale": True,
        },
        {"type": "Permute"},
    ]
    own = {"keypoints": "keypoints.yml", "refine": "quarter_offset"}
    own["shift_heatmap"] = False
    content = {"arch": "HRNet", "Preprocess": steps, "hourglass": own}
    wrong = random.random() < 0.7
    text = _yaml(content, random) if wrong else yaml.safe_dump(content).encode()
    _write(folder / "infer_cfg.yml", text)
    joints = (ROOT / "configs/keypoints/mpii.yml").read_bytes()
    _write(folder / "keypoints.yml", joints if wrong else mutated_bytes(joints, random))
    read_spec(str(folder))


def detector_folder(folder, random):
    resize = {
        "type": "Resize",
        "target_size": [64, 64],
        "keep_ratio": False,
        "interp": 2,
    }
    norm = {"type": "NormalizeImage", "mean": [0.5] * 3, "std": [0.2] * 3}
    steps = [resize, {**norm, "is_scale": True}, {"type": "Permute"}]
    content = {"Preprocess": steps, "label_list": ["person"]}
    path = _write(folder / "infer_cfg.yml", _yaml(content, random))
    steps = read_steps(
        read_description(str(folder), "detector").get("Preprocess"), path
    )
    if getattr(steps, "size", (0, 0)) < (2000, 2000):
        prepare(np.zeros((20, 30, 3), np.uint8), steps)


def _pictures():
    image = np.random.default_rng(0).integers(0, 255, (20, 30, 3), np.uint8)
    endings = (".jpg", ".png", ".webp", ".bmp", ".tif")
    return [cv2.imencode(ending, image)[1].tobytes() for ending in endings]


PICTURES = _pictures()


def pictures(folder, random):
    path = _write(folder / "a.jpg", mutated_bytes(random.choice(PICTURES), random))
    orientation(path)
    found = look_at(path, decode=True)
    image = read_image(path, pixels=random.choice(("stored", "upright")))
    assert found.problem is None and image.dtype == np.uint8 and image.ndim == 3


TARGETS = (
    *(annotations, checked_annotations, coco_annotations, ground_truth, release),
    *(ground_truth_of_other_shapes, boxes, results, labelme, keypoint_file),
    *(config_file, options, weights, exported_folder, detector_folder, pictures),
)

__all__ = ["TARGETS", "UserError"]
