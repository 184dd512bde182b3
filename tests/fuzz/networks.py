"""Configs, weights and exported networks, changed and read."""

import functools
import json
import os
import pickle

import numpy as np
import yaml
from safetensors.numpy import save

from ppdet_hourglass import plugin  # noqa: F401  (registers the configs' names)
from ppdet_hourglass.compat.config import config_scope, load
from ppdet_hourglass.compat.weights import read_state
from ppdet_hourglass.keypoints.keypoint_set import read_keypoints
from ppdet_hourglass.predict.detector import prepare, read_steps
from ppdet_hourglass.predict.export_folder import read_description
from ppdet_hourglass.predict.model_spec import read_spec

from ..conftest import ROOT
from .inputs import write
from .mutations import mutated_bytes, mutated_value
from .pickles import program

SAMPLE = ROOT / "configs/hourglass_sample.yml"


def keypoint_file(folder, random):
    read_keypoints(write(folder / "k.yml", _yaml(_keypoints(), random)))


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
        load(write(folder / "c.yml", content + base))


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
    if random.random() < 0.5:
        content = program(random)
    try:
        read_state(write(folder / "a.pdparams", content), "-r")
    finally:
        assert not (folder / "done").exists(), "the file ran code"


def safetensors(folder, random):
    kinds = (np.float32, np.float16, np.int64)
    state = {f"layer{kind.__name__}": np.ones((2, 3), kind) for kind in kinds}
    content = save(state, {"format": "paddle"})
    if random.random() < 0.5:
        content = save({"layer": state["layerfloat32"]})
    read_state(write(folder / "a.safetensors", mutated_bytes(content, random)), "-r")


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
    write(folder / "infer_cfg.yml", text)
    joints = (ROOT / "configs/keypoints/mpii.yml").read_bytes()
    write(folder / "keypoints.yml", joints if wrong else mutated_bytes(joints, random))
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
    path = write(folder / "infer_cfg.yml", _yaml(content, random))
    steps = read_steps(
        read_description(str(folder), "detector").get("Preprocess"), path
    )
    if getattr(steps, "size", (0, 0)) < (2000, 2000):
        prepare(np.zeros((20, 30, 3), np.uint8), steps)
