"""People's boxes from an exported PaddleDetection detector.

Letters: D detections of all classes, M people.
"""

import os
from typing import Any, Optional, Union

import numpy as np

from ..errors import UserError
from .backends import Options, open_session
from .crops import FindPeople
from .detector_steps import prepare, read_steps
from .export_folder import DESCRIPTION, read_description

#: Names of the class of people in COCO's and in pedestrian models' label lists.
PERSON_LABELS = ("person", "pedestrian")

#: Supported inputs of PaddleDetection's detectors.
INPUT_NAMES = {"image", "im_shape", "scale_factor"}

#: Columns of a detection: class, score, and left, top, right, bottom.
NUM_COLUMNS = 6


class Detector:
    """Finds people: called with a picture, it returns their boxes.

    Args:
        path: folder of a detector that PaddleDetection exported with its
            post-processing: ``infer_cfg.yml``, ``model.pdmodel`` or ``model.json``,
            and ``model.pdiparams``, run by Paddle Inference.  Or an ``.onnx`` file
            converted from it, or its folder, with ``infer_cfg.yml`` beside the file,
            run by ONNX Runtime.
        threshold: boxes with a lower score are left out.
        device: ``cpu`` or ``gpu``.

    Raises:
        UserError: there is no such model, it has no class of people, or its
            preprocessing or inputs are not supported.
    """

    def __init__(self, path: str, threshold: float = 0.5, device: str = "cpu") -> None:
        self.path = path
        folder = (os.path.dirname(path) or ".") if path.endswith(".onnx") else path
        content = read_description(folder, "detector")
        description = os.path.join(folder, DESCRIPTION)
        self._steps = read_steps(content.get("Preprocess"), description)
        self._person = _person(content.get("label_list"), description)
        self._threshold = threshold
        # oneDNN fails on the up-sampling of common detectors.
        self._session = open_session(
            path, _backend(path), Options(device=device, onednn=False)
        )
        unknown = set(self._session.input_names) - INPUT_NAMES
        if unknown:
            raise UserError(
                f"detector {path} takes {', '.join(sorted(unknown))}, but only image, "
                "im_shape and scale_factor are supported"
            )

    def __call__(self, image: np.ndarray) -> np.ndarray:
        """Find the people in an image (H, W, 3) uint8 BGR.

        Returns:
            (M, 5) x, y, width, height in 0-based pixels, and score.
        """
        inputs = prepare(image, self._steps)
        rows, *_ = self._session.run({k: inputs[k] for k in self._session.input_names})
        if rows.ndim != 2 or rows.shape[1] != NUM_COLUMNS:
            raise UserError(
                f"detector {self.path} must give rows of {NUM_COLUMNS} values (class, "
                f"score and box), but its output has the shape {rows.shape}: was it "
                "exported without its post-processing?"
            )
        return people_boxes(rows, self._person, self._threshold)


def open_detector(
    detector: Union[str, "os.PathLike[str]", FindPeople, None], device: str = "cpu"
) -> Optional[FindPeople]:
    """Open the :class:`Detector` at a path; return anything else unchanged."""
    if isinstance(detector, (str, os.PathLike)):
        return Detector(os.fspath(detector), device=device)
    return detector


def people_boxes(rows: np.ndarray, person: int, threshold: float) -> np.ndarray:
    """Select the boxes of people among detections; empty boxes are left out.

    Args:
        rows: (D, 6) class, score, left, top, right, bottom.
        person: index of the class of people.
        threshold: lowest score.

    Returns:
        (M, 5) x, y, width, height, score.
    """
    size = rows[:, 4:6] - rows[:, 2:4]
    wanted = (rows[:, 0] == person) & (rows[:, 1] >= threshold) & (size > 0).all(axis=1)
    return np.concatenate([rows[:, 2:4], size, rows[:, 1:2]], axis=1)[wanted]


def _backend(path: str) -> str:
    """The backend for an ``.onnx`` file or a folder; Paddle's model comes first."""
    files = [path] if path.endswith(".onnx") else os.listdir(path)
    is_onnx = any(name.endswith(".onnx") for name in files)
    return "onnxruntime" if is_onnx and "model.pdiparams" not in files else "paddle"


def _person(labels: Any, source: str) -> int:
    """Index of the class of people."""
    names = [str(label) for label in labels or []]
    for name in PERSON_LABELS:
        if name in names:
            return names.index(name)
    raise UserError(
        f"{source}: 'label_list' must name one of {', '.join(PERSON_LABELS)}, but has "
        f"{', '.join(names) or 'no label'}"
    )
