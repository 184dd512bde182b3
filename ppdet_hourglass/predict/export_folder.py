"""The folder of an exported model, and what stands in its ``infer_cfg.yml``.

PaddleDetection writes that file and its deploy code reads it, key by key; it ignores
the key :data:`OWN`, which holds what only this package's predictor asks for.
"""

import os
from typing import Any, Dict, Tuple

import yaml

from ..errors import UserError
from ..files import read_yaml, write_whole
from ..keypoints.keypoint_file import read_keypoints
from ..keypoints.keypoint_set import KeypointSet
from ..modeling.codec import HeatmapCodec
from .model_spec import ModelSpec, standardisation

#: Files of the folder: PaddleDetection's description, the joints, the ONNX model.
DESCRIPTION = "infer_cfg.yml"
JOINTS = "keypoints.yml"
ONNX = "model.onnx"

#: Key of ``infer_cfg.yml`` that this package adds.
OWN = "hourglass"


def add_own(description: str, keypoints: KeypointSet, codec: HeatmapCodec) -> None:
    """Complete a stock ``infer_cfg.yml``, and put the keypoint file beside it.

    Args:
        description: path of the file as the stock exporter wrote it.
        keypoints: the network's joints.
        codec: reads joints from its heatmaps.
    """
    content = read_yaml(description)
    content[OWN] = {"keypoints": JOINTS, **codec.to_dict()}
    with open(keypoints.source, "rb") as file:
        joints = file.read()
    write_whole(os.path.join(os.path.dirname(description), JOINTS), joints)
    write_whole(description, yaml.safe_dump(content, sort_keys=False).encode())


def paddle_model(folder: str) -> Tuple[str, str]:
    """Paths of Paddle's program and parameters; of two programs the newer.

    Raises:
        UserError: one of them is missing.
    """
    stem = os.path.join(folder, "model")
    programs = [
        path for path in (f"{stem}.json", f"{stem}.pdmodel") if os.path.isfile(path)
    ]
    if not programs or not os.path.isfile(f"{stem}.pdiparams"):
        raise UserError(
            f"{folder} holds no Paddle model: model.json or model.pdmodel, and "
            "model.pdiparams, of tools/export_model.py"
        )
    return max(programs, key=os.path.getmtime), f"{stem}.pdiparams"


def onnx_model(folder: str) -> str:
    """Path of the ONNX model.

    Raises:
        UserError: there is none.
    """
    path = os.path.join(folder, ONNX)
    if not os.path.isfile(path):
        raise UserError(
            f"{path} does not exist: python -m ppdet_hourglass onnx {folder} writes it"
        )
    return path


def read_spec(folder: str) -> ModelSpec:
    """How to feed and read the network of an exported folder.

    Raises:
        UserError: no such folder, not exported by this package, or edited wrongly.
    """
    path = os.path.join(folder, DESCRIPTION)
    if not os.path.isdir(folder):
        raise UserError(f"folder of the exported model {folder} does not exist")
    if not os.path.isfile(path):
        raise UserError(f"{folder} holds no exported model: there is no {DESCRIPTION}")
    content = _read(path)
    own = content.get(OWN)
    if not isinstance(own, dict):
        raise UserError(
            f"{path} has no key '{OWN}': the model was not exported by ppdet_hourglass"
        )
    try:
        size, mean, std = _preprocessing(content)
        codec = HeatmapCodec.from_dict(own)
        joints = os.path.join(folder, own["keypoints"])
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(
            f"{path} is not as the export left it: {type(error).__name__}: {error}"
        ) from None
    if not os.path.isfile(joints):
        raise UserError(f"{joints}, named by {path}, does not exist")
    return ModelSpec(size, mean, std, read_keypoints(joints), codec)


def _read(path: str) -> Dict[str, Any]:
    content = read_yaml(path)
    return content if isinstance(content, dict) else {}


def _preprocessing(content: Dict[str, Any]) -> Tuple[Any, Any, Any]:
    """Input size (W, H), mean and standard deviation for pixels of 0 to 1."""
    steps = {step["type"]: step for step in content["Preprocess"]}
    width, height = steps["TopDownEvalAffine"]["trainsize"]
    mean, std = standardisation(steps["NormalizeImage"])
    if len(mean) != 3 or len(std) != 3 or not all(std):
        raise ValueError("NormalizeImage needs three of mean and std, std not 0")
    return (int(width), int(height)), mean, std
