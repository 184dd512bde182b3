"""People's boxes from an exported PaddleDetection detector.

Its description lists the preprocessing steps.  Each takes the detector's inputs and
returns new ones: ``image`` (h, w, 3) RGB, ``im_shape`` (2,), its height and width after
resizing, and ``scale_factor`` (2,), by which these were multiplied.

Letters: D detections of all classes, M people, H x W pixels of the image, h x w of the
detector's input.
"""

import os
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple, Union

import cv2
import numpy as np

from ..errors import UserError, one_line
from ..fields import OBJECT, check, list_of
from ..keypoints.keypoint_set import KeypointSet
from .backends import Options, open_session
from .export_folder import description_path, read_description
from .person_crops import FindPeople

#: Names of the class for people in label lists.
PERSON_LABELS = ("person", "pedestrian", "people", "human")

#: Names of the keypoint sets of people.
PERSON_SETS = ("mpii", "coco", "lsp")

#: Supported inputs of PaddleDetection's detectors.
INPUT_NAMES = {"image", "im_shape", "scale_factor"}

#: Columns of a detection: class, score, and left, top, right, bottom.
NUM_COLUMNS = 6

Inputs = Dict[str, np.ndarray]
Step = Tuple[Callable[..., Inputs], Dict[str, Any]]


class Detector:
    """Finds people in an image.

    Args:
        path: folder of a detector that PaddleDetection exported with its
            post-processing: ``infer_cfg.yml``, ``model.pdmodel`` or ``model.json``,
            and ``model.pdiparams``, run by Paddle Inference.  Or an ``.onnx`` file
            converted from it, or its folder, with ``infer_cfg.yml`` next to the file,
            run by ONNX Runtime.  PaddleX names the files ``inference``.
        threshold: boxes with a lower score are ignored.
        device: ``cpu`` or ``gpu``.
        keypoints: keypoints of the objects to find; by default, people's.
        category: label of the objects to find.  By default people or, for keypoints of
            another object, their name; otherwise the detector's only label.

    Raises:
        UserError: there is no such model, it does not find these objects, or its
            preprocessing or inputs are not supported.
    """

    def __init__(
        self,
        path: str,
        threshold: float = 0.5,
        device: str = "cpu",
        keypoints: Optional[KeypointSet] = None,
        category: Optional[str] = None,
    ) -> None:
        self.path = path
        folder = (os.path.dirname(path) or ".") if path.endswith(".onnx") else path
        content = read_description(folder, "detector")
        source = description_path(folder)
        self._steps = read_steps(content.get("Preprocess"), source)
        labels = content.get("label_list") or []
        self._label = label_of(labels, source, keypoints, category)
        self._threshold = threshold
        files = [path] if path.endswith(".onnx") else os.listdir(path)
        is_onnx = any(name.endswith(".onnx") for name in files)
        has_paddle = any(name.endswith(".pdiparams") for name in files)
        # oneDNN fails on the upsampling of common detectors.
        self._session = open_session(
            path,
            "onnxruntime" if is_onnx and not has_paddle else "paddle",
            Options(device=device, onednn=False),
        )
        unknown = set(self._session.input_names) - INPUT_NAMES
        if unknown:
            known, refused = (", ".join(sorted(n)) for n in (INPUT_NAMES, unknown))
            raise UserError(f"detector {path} takes {refused}; supported are {known}")

    def __call__(self, image: np.ndarray) -> np.ndarray:
        """Find the people in an image (H, W, 3) uint8 BGR.

        Returns:
            (M, 5) x, y, width, height in 0-based pixels, and score.
        """
        inputs = prepare(image, self._steps)
        rows, *_ = self._session.run({k: inputs[k] for k in self._session.input_names})
        if rows.ndim != 2 or rows.shape[1] != NUM_COLUMNS:
            raise UserError(
                f"detector {self.path} must give (D, {NUM_COLUMNS}), but gives "
                f"{rows.shape}: was it exported without its post-processing?"
            )
        return people_boxes(rows, self._label, self._threshold)


def open_detector(
    detector: Union[str, "os.PathLike[str]", FindPeople, None],
    device: str = "cpu",
    keypoints: Optional[KeypointSet] = None,
) -> Optional[FindPeople]:
    """Open the :class:`Detector` at a path; return anything else unchanged."""
    if isinstance(detector, (str, os.PathLike)):
        return Detector(os.fspath(detector), device=device, keypoints=keypoints)
    return detector


def is_of_people(keypoints: Optional[KeypointSet]) -> bool:
    """Whether keypoints are people's, judging by the name of their set."""
    return keypoints is None or keypoints.name.lower() in PERSON_SETS


def label_of(
    labels: Sequence[Any],
    source: str,
    keypoints: Optional[KeypointSet] = None,
    category: Optional[str] = None,
) -> int:
    """Index of the label to find in a file's list; see :class:`Detector`."""
    known = [str(label).lower() for label in labels]
    names: Sequence[str] = PERSON_LABELS
    if category is not None or not is_of_people(keypoints):
        names = [category if category is not None else keypoints.name]
    for name in names:
        if name.lower() in known:
            return known.index(name.lower())
    if category is None and len(known) == 1:
        return 0
    needed, given = ", ".join(names), ", ".join(map(str, labels)) or "no label"
    raise UserError(f"{source}: 'label_list' needs one of {needed}, but has {given}")


def people_boxes(rows: np.ndarray, label: int, threshold: float) -> np.ndarray:
    """Boxes (M, 5), x, y, width, height, score, of one class; no empty ones.

    ``rows`` (D, 6) are class, score, left, top, right, bottom.
    """
    size = rows[:, 4:6] - rows[:, 2:4]
    wanted = (rows[:, 0] == label) & (rows[:, 1] >= threshold) & (size > 0).all(axis=1)
    return np.concatenate([rows[:, 2:4], size, rows[:, 1:2]], axis=1)[wanted]


def resize(
    inputs: Inputs,
    target_size: Union[int, Sequence[int]],
    keep_ratio: bool = True,
    interp: int = cv2.INTER_LINEAR,
) -> Inputs:
    """Scale to ``target_size`` (h, w); with ``keep_ratio``, to fit within it."""
    size = np.array(inputs["image"].shape[:2], np.float64)
    target = np.broadcast_to(np.asarray(target_size, np.float64), (2,))
    factor = target / size
    if keep_ratio:
        longest = target.max() / size.max()
        factor = np.full(2, min(target.min() / size.min(), longest))
    image = cv2.resize(
        inputs["image"], None, fx=factor[1], fy=factor[0], interpolation=interp
    )
    return {"image": image, "im_shape": image.shape[:2], "scale_factor": factor}


def standardise(
    inputs: Inputs,
    mean: Sequence[float] = (0.0, 0.0, 0.0),
    std: Sequence[float] = (1.0, 1.0, 1.0),
    is_scale: bool = True,
    norm_type: str = "mean_std",
) -> Inputs:
    """Scale to 0 .. 1 if ``is_scale``; standardise unless ``norm_type`` is none."""
    if norm_type not in ("mean_std", "none"):
        raise ValueError(f"norm_type must be mean_std or none, but got {norm_type!r}")
    image = inputs["image"] * np.float32(1 / 255 if is_scale else 1)
    if norm_type == "mean_std":
        image = (image - np.asarray(mean, np.float32)) / np.asarray(std, np.float32)
    if not np.isfinite(image).all():
        raise ValueError("'mean' must be finite, and 'std' finite and not 0")
    return {**inputs, "image": image}


def pad_stride(inputs: Inputs, stride: int = 0) -> Inputs:
    """Pad with zeros at the right and bottom until ``stride`` divides both sides."""
    height, width = inputs["image"].shape[:2]
    step = max(stride, 1)
    edges = ((0, -height % step), (0, -width % step), (0, 0))
    return {**inputs, "image": np.pad(inputs["image"], edges)}


#: Steps by their ``type`` in PaddleDetection.
STEPS: Dict[str, Callable[..., Inputs]] = {
    "Resize": resize,
    "NormalizeImage": standardise,
    "Permute": lambda inputs: inputs,  # every image is transposed at the end
    "PadStride": pad_stride,
}


def read_steps(rows: Any, source: str) -> List[Step]:
    """Read the ``Preprocess`` list of a file; each step is tried on a black image."""
    check(rows, list_of(OBJECT, "a list of steps"), f"{source}: 'Preprocess'")
    steps: List[Step] = []
    for row in rows:
        options = {key: value for key, value in row.items() if key != "type"}
        kind = row.get("type")
        where = f"{source}: Preprocess step {kind!r}"
        if kind not in tuple(STEPS):
            raise UserError(f"{where} is not supported; supported: {', '.join(STEPS)}")
        steps.append((STEPS[kind], options))
        try:
            prepare(np.zeros((32, 32, 3), np.uint8), steps)
        except (TypeError, ValueError, OverflowError, cv2.error) as error:
            raise UserError(f"{where}: {one_line(error)}") from None
    return steps


def prepare(image: np.ndarray, steps: Sequence[Step]) -> Inputs:
    """Turn an image (H, W, 3) uint8 BGR into a detector's inputs, a batch of one.

    Returns:
        Float32 ``image`` (1, 3, h, w), ``im_shape`` (1, 2), ``scale_factor`` (1, 2).
    """
    rgb = np.ascontiguousarray(image[..., ::-1])
    inputs = {"image": rgb, "im_shape": rgb.shape[:2], "scale_factor": (1, 1)}
    for step, options in steps:
        inputs = step(inputs, **options)
    inputs = {**inputs, "image": inputs["image"].transpose(2, 0, 1)}
    return {
        name: np.ascontiguousarray(array, np.float32)[None]
        for name, array in inputs.items()
    }
