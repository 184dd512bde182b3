"""The folder of an exported model, and its description ``infer_cfg.yml``.

PaddleDetection writes that file, and its deploy code reads it.  It ignores the key
:data:`OWN`, which holds what only this package's predictor needs.
"""

import json
import os
import struct
import tempfile
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, Dict, Iterator, Tuple

import yaml

from ..errors import UserError
from ..files import read_yaml, write_whole
from ..keypoints.keypoint_set import KeypointSet
from ..modeling.codec import HeatmapCodec

#: The folder's files: PaddleDetection's description, the joints, the weights alone, the
#: ONNX model, and OpenVINO's quantised one.
DESCRIPTION = "infer_cfg.yml"
JOINTS = "keypoints.yml"
WEIGHTS = "model.safetensors"
ONNX = "model.onnx"
INT8 = ("model_int8.xml", "model_int8.bin")

#: Names of the description and stems of the model: PaddleDetection's and PaddleX's.
DESCRIPTIONS, STEMS = (DESCRIPTION, "inference.yml"), ("model", "inference")

#: Key of ``infer_cfg.yml`` that this package adds.
OWN = "hourglass"

#: Key below it: by precision and backend, the mean distance of the joints from fp32's,
#: in pixels of the crop.
MOVED = "moved_px"

#: Bytes of a value by Paddle's number of its type: bool, int16 to int64, float16 to
#: float64, uint8, int8, bfloat16.
ITEM_BYTES = {0: 1, 1: 2, 2: 4, 3: 8, 4: 2, 5: 4, 6: 8, 20: 1, 21: 1, 22: 2}


def add_own(description: str, keypoints: KeypointSet, codec: HeatmapCodec) -> None:
    """Add :data:`OWN` to a stock ``infer_cfg.yml``; put the keypoint file beside it."""
    folder = os.path.dirname(description)
    with open(keypoints.source, "rb") as file:
        joints = file.read()
    write_whole(os.path.join(folder, JOINTS), joints)
    _write_own(description, {"keypoints": JOINTS, **asdict(codec)})


@contextmanager
def whole_export(parent: str, name: str) -> Iterator[str]:
    """Let an export write elsewhere; put its files into ``parent/name`` once whole.

    Paddle says nothing of a disk that is full, and leaves files that are cut off.

    Yields:
        The folder to use in place of ``parent``.

    Raises:
        UserError: a file could not be written completely; then no file is changed.
    """
    os.makedirs(parent, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(dir=parent, prefix=".export-") as trial:
            yield trial
            made, folder = os.path.join(trial, name), os.path.join(parent, name)
            check_whole(made)
            os.makedirs(folder, exist_ok=True)
            for stale in (WEIGHTS, ONNX, *INT8):  # of a former export's weights
                if os.path.isfile(os.path.join(folder, stale)):
                    os.remove(os.path.join(folder, stale))
            for file in sorted(os.listdir(made)):
                os.replace(os.path.join(made, file), os.path.join(folder, file))
    except OSError as error:
        raise UserError(f"{parent} cannot be written: {error.strerror}") from None


def check_whole(folder: str) -> None:
    """Raise :class:`UserError` if the Paddle model in a folder is cut off."""
    program, parameters = paddle_model(folder)
    for path in (program, parameters):
        with open(path, "rb") as file:
            os.fsync(file.fileno())
    with open(program, "rb") as file:
        text = file.read()
    with open(parameters, "rb") as file:
        content = file.read()
    try:
        count = _count_tensors(content)
        if program.endswith(".json"):
            json.loads(text)
            cut = count != text.count(b'"#":"p"')
        else:
            cut = not text
    except (ValueError, struct.error, IndexError, KeyError):
        cut = True
    if cut or not count:
        name = os.path.basename(folder)
        raise UserError(f"the model of {name} could not be written: is the disk full?")


def _count_tensors(content: bytes) -> int:
    """Number of tensors in Paddle's file of parameters.

    Each is a version (uint32), the number of its levels of detail (uint64, always 0), a
    version, a description (protobuf: type, dimensions) after its size, and the values.
    """
    place = count = 0
    while place < len(content):
        (size,) = struct.unpack_from("<i", content, place + 16)
        place += 20
        kind, values, last = 0, 1, place + size
        while place < last:
            tag, number, shift, more = content[place], 0, 0, True
            while more:
                place += 1
                number |= (content[place] & 127) << shift
                shift, more = shift + 7, content[place] > 127
            place += 1
            kind, values = (number, values) if tag == 8 else (kind, values * number)
        place += values * ITEM_BYTES[kind]
        count += 1
    if place != len(content):
        raise ValueError("cut off")
    return count


def record_moved(folder: str, moved: Dict[str, Dict[str, float]]) -> None:
    """Write :data:`MOVED` into a folder's description."""
    path = os.path.join(folder, DESCRIPTION)
    _write_own(path, {**read_yaml(path)[OWN], MOVED: moved})


def _write_own(description: str, own: Dict[str, Any]) -> None:
    content = {**read_yaml(description), OWN: own}
    write_whole(description, yaml.safe_dump(content, sort_keys=False).encode())


def read_moved(folder: str) -> Dict[str, Dict[str, float]]:
    """Read :data:`MOVED` from a folder's description; empty if it was not measured."""
    own = read_description(folder, "exported model").get(OWN)
    return own.get(MOVED, {}) if isinstance(own, dict) else {}


def description_path(folder: str) -> str:
    """Path of a folder's description, ``infer_cfg.yml`` unless PaddleX wrote it."""
    paths = [os.path.join(folder, name) for name in DESCRIPTIONS]
    return next(filter(os.path.isfile, paths), paths[0])


def read_description(folder: str, what: str) -> Dict[str, Any]:
    """Read the description of an exported network; ``what`` is for messages."""
    if not os.path.isdir(folder):
        raise UserError(f"folder of the {what} {folder} does not exist")
    path = description_path(folder)
    if not os.path.isfile(path):
        raise UserError(f"{folder} holds no {what}: there is no {DESCRIPTION}")
    content = read_yaml(path)
    return content if isinstance(content, dict) else {}


def paddle_model(folder: str) -> Tuple[str, str]:
    """Find Paddle's program (the newer of two) and parameters in a folder."""
    for stem in (os.path.join(folder, stem) for stem in STEMS):
        programs = filter(os.path.isfile, (f"{stem}.json", f"{stem}.pdmodel"))
        program = max(programs, key=os.path.getmtime, default=None)
        if program is not None and os.path.isfile(f"{stem}.pdiparams"):
            return program, f"{stem}.pdiparams"
    names = "model.json or model.pdmodel, and model.pdiparams"
    raise UserError(f"{folder} holds no Paddle model: {names}")


def onnx_model(path: str) -> str:
    """Find an ONNX model, given its path or its folder.

    A folder without ``model.onnx`` must hold a single other ``.onnx`` file.
    """
    if path.endswith(".onnx"):
        if not os.path.isfile(path):
            raise UserError(f"{path} does not exist")
        return path
    names = sorted(name for name in os.listdir(path) if name.endswith(".onnx"))
    if ONNX not in names and len(names) > 1:
        raise UserError(f"{path} holds {', '.join(names)}: name one of them")
    if not names:
        command = f"python -m ppdet_hourglass onnx {path}"
        raise UserError(f"{path}/{ONNX} does not exist: {command} writes it")
    return os.path.join(path, ONNX if ONNX in names else names[0])


def int8_model(folder: str) -> str:
    """Find OpenVINO's quantised model in a folder."""
    path = os.path.join(folder, INT8[0])
    if not os.path.isfile(path):
        raise UserError(
            f"{path} does not exist: python -m ppdet_hourglass export --int8 writes it"
        )
    return path
