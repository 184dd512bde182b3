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
    programs = filter(os.path.isfile, (f"{stem}.json", f"{stem}.pdmodel"))
    program = max(programs, key=os.path.getmtime, default=None)
    if program is None or not os.path.isfile(f"{stem}.pdiparams"):
        raise UserError(
            f"{folder} holds no Paddle model: model.json or model.pdmodel, and "
            "model.pdiparams, of tools/export_model.py"
        )
    return program, f"{stem}.pdiparams"


def onnx_model(path: str) -> str:
    """Path of an ONNX model.

    Args:
        path: the model; or its folder, which must hold ``model.onnx`` or only one
            other.

    Raises:
        UserError: there is none, or several.
    """
    if path.endswith(".onnx"):
        if not os.path.isfile(path):
            raise UserError(f"{path} does not exist")
        return path
    names = sorted(name for name in os.listdir(path) if name.endswith(".onnx"))
    if ONNX not in names and len(names) > 1:
        raise UserError(f"{path} holds {', '.join(names)}: name one of them")
    if not names:
        raise UserError(
            f"{os.path.join(path, ONNX)} does not exist: python -m ppdet_hourglass "
            f"onnx {path} writes it"
        )
    return os.path.join(path, ONNX if ONNX in names else names[0])


def read_description(folder: str, what: str) -> Dict[str, Any]:
    """Content of a folder's ``infer_cfg.yml``.

    Args:
        folder: of the exported network.
        what: the network's kind, for the messages.

    Raises:
        UserError: no such folder or file, or it is not valid YAML.
    """
    if not os.path.isdir(folder):
        raise UserError(f"folder of the {what} {folder} does not exist")
    path = os.path.join(folder, DESCRIPTION)
    if not os.path.isfile(path):
        raise UserError(f"{folder} holds no {what}: there is no {DESCRIPTION}")
    content = read_yaml(path)
    return content if isinstance(content, dict) else {}


def read_spec(folder: str) -> ModelSpec:
    """How to feed and read the network of an exported folder.

    Raises:
        UserError: no such folder, not exported by this package, or edited wrongly.
    """
    content = read_description(folder, "exported model")
    path = os.path.join(folder, DESCRIPTION)
    own = content.get(OWN)
    if not isinstance(own, dict):
        raise UserError(
            f"{path} has no key '{OWN}': the model was not exported by ppdet_hourglass"
        )
    try:
        steps = {step["type"]: step for step in content["Preprocess"]}
        width, height = map(int, steps["TopDownEvalAffine"]["trainsize"])
        mean, std = standardisation(steps["NormalizeImage"])
        codec = HeatmapCodec.from_dict(own)
        joints = os.path.join(folder, own["keypoints"])
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(
            f"{path} is not as the export left it: {type(error).__name__}: {error}"
        ) from None
    if not os.path.isfile(joints):
        raise UserError(f"{joints}, named by {path}, does not exist")
    return ModelSpec((width, height), mean, std, read_keypoints(joints), codec)
