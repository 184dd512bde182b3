"""People's boxes from an exported PaddleDetection detector.

Letters: D detections of all classes, M people.
"""

import os
from typing import Any, Dict, List, Tuple

import numpy as np

from ..errors import UserError
from ..files import read_yaml
from .detector_runtime import open_detector
from .detector_steps import prepare, read_steps
from .export_folder import DESCRIPTION

#: Names of the class of people, in COCO's and in pedestrian models' label lists.
PEOPLE = ("person", "pedestrian")

#: Columns of a detection: class, score, and left, top, right, bottom.
COLUMNS = 6


class Detector:
    """Finds people: called with a picture, it returns their boxes.

    Args:
        path: folder of a detector that PaddleDetection exported with its
            post-processing (``infer_cfg.yml``, ``model.pdmodel`` or ``model.json``,
            ``model.pdiparams``), for Paddle Inference; or an ``.onnx`` file made of
            it, for ONNX Runtime, with ``infer_cfg.yml`` beside it; or the folder of
            that.
        threshold: boxes with a lower score are left out.
        device: ``cpu`` or ``gpu``.

    Raises:
        UserError: no such model, one without a class of people, a preprocessing step
            that is not supported, or inputs that are not PaddleDetection's.
    """

    def __init__(self, path: str, threshold: float, device: str = "cpu") -> None:
        self.path = _model(path)
        folder = os.path.dirname(path) if path.endswith(".onnx") else path
        description = os.path.join(folder, DESCRIPTION)
        content = _read(description)
        self._steps = read_steps(content.get("Preprocess"), description)
        self._person = _person(content.get("label_list"), description)
        self._threshold = threshold
        self._network = open_detector(self.path, device == "gpu")
        strange = set(self._network.names) - {"image", "im_shape", "scale_factor"}
        if strange:
            raise UserError(
                f"detector {path} takes {', '.join(sorted(strange))}, but only image, "
                "im_shape and scale_factor are supported"
            )

    def __call__(self, image: np.ndarray) -> np.ndarray:
        """Find the people of an image.

        Args:
            image: (H, W, 3) uint8 BGR.

        Returns:
            (M, 5) x, y, width, height in 0-based pixels, and score.

        Raises:
            UserError: the model's output is no list of detections.
        """
        known = prepare(image, self._steps)
        outputs = self._network.run({name: known[name] for name in self._network.names})
        rows = outputs[0] if outputs else np.empty(0)
        if rows.ndim != 2 or rows.shape[1] != COLUMNS:
            raise UserError(
                f"detector {self.path} must give rows of {COLUMNS}, class, score and "
                f"box, but its output has the shape {rows.shape}: was it exported "
                "without its post-processing?"
            )
        return people_of(rows, self._person, self._threshold)


def people_of(rows: np.ndarray, person: int, threshold: float) -> np.ndarray:
    """Detections -> boxes of people.

    Args:
        rows: (D, 6) class, score, left, top, right, bottom.
        person: the class of people.
        threshold: lowest score.

    Returns:
        (M, 5) x, y, width, height, score; a box without a width or height is none.
    """
    size = rows[:, 4:6] - rows[:, 2:4]
    wanted = (rows[:, 0] == person) & (rows[:, 1] >= threshold) & (size > 0).all(axis=1)
    return np.concatenate([rows[:, 2:4], size, rows[:, 1:2]], axis=1)[wanted]


def _model(path: str) -> str:
    """The folder of a Paddle model, or an ``.onnx`` file."""
    if path.endswith(".onnx"):
        return path
    if not os.path.isdir(path):
        raise UserError(f"folder of the detector {path} does not exist")
    if os.path.isfile(os.path.join(path, "model.pdiparams")):
        return path
    files = sorted(name for name in os.listdir(path) if name.endswith(".onnx"))
    if len(files) > 1:
        raise UserError(f"{path} holds {', '.join(files)}: name one as the detector")
    return os.path.join(path, files[0]) if files else path


def _read(path: str) -> Dict[str, Any]:
    if not os.path.isfile(path):
        raise UserError(f"the detector lacks its {path}")
    content = read_yaml(path)
    return content if isinstance(content, dict) else {}


def _person(labels: Any, source: str) -> int:
    """Number of the class of people."""
    names: List[str] = [str(label) for label in labels or []]
    found: Tuple[int, ...] = tuple(names.index(n) for n in PEOPLE if n in names)
    if not found:
        raise UserError(
            f"{source}: 'label_list' must name one of {', '.join(PEOPLE)}, but has "
            f"{', '.join(names) or 'no label'}"
        )
    return found[0]
