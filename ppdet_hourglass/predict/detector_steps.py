"""Preprocessing of a PaddleDetection detector, as its ``infer_cfg.yml`` lists it.

A step takes the detector's inputs and returns new ones: ``image`` (h, w, 3) RGB,
``im_shape`` (2,), its height and width after resizing, and ``scale_factor`` (2,), by
which these were multiplied.  H x W pixels of the picture, h x w of the input.
"""

from typing import Any, Callable, Dict, List, Sequence, Tuple, Union

import cv2
import numpy as np

from ..errors import UserError, one_line
from ..fields import OBJECT, check, list_of

Inputs = Dict[str, np.ndarray]
Step = Tuple[Callable[..., Inputs], Dict[str, Any]]


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
    return {**inputs, "image": image}


def permute(inputs: Inputs) -> Inputs:
    """Do nothing: :func:`prepare` transposes every image at the end."""
    return inputs


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
    "Permute": permute,
    "PadStride": pad_stride,
}


def read_steps(rows: Any, source: str) -> List[Step]:
    """Read the ``Preprocess`` list of an ``infer_cfg.yml``, named by ``source``.

    Raises:
        UserError: ``rows`` is not such a list, or a step or option is not supported.
            Each step is tried on a black picture.
    """
    check(rows, list_of(OBJECT, "a list of steps"), f"{source}: 'Preprocess'")
    steps: List[Step] = []
    for row in rows:
        options = {key: value for key, value in row.items() if key != "type"}
        kind = row.get("type")
        if kind not in tuple(STEPS):
            raise UserError(
                f"{source}: Preprocess step {kind!r} is not supported; "
                f"supported: {', '.join(STEPS)}"
            )
        steps.append((STEPS[kind], options))
        try:
            prepare(np.zeros((32, 32, 3), np.uint8), steps)
        except (TypeError, ValueError, OverflowError, cv2.error) as error:
            raise UserError(
                f"{source}: Preprocess step {kind!r}: {one_line(error)}"
            ) from None
    return steps


def prepare(picture: np.ndarray, steps: Sequence[Step]) -> Inputs:
    """Turn a picture (H, W, 3) uint8 BGR into a detector's inputs, a batch of one.

    Returns:
        Float32 ``image`` (1, 3, h, w), ``im_shape`` (1, 2), ``scale_factor`` (1, 2).
    """
    image = np.ascontiguousarray(picture[..., ::-1])
    inputs = {"image": image, "im_shape": image.shape[:2], "scale_factor": (1, 1)}
    for step, options in steps:
        inputs = step(inputs, **options)
    inputs = {**inputs, "image": inputs["image"].transpose(2, 0, 1)}
    return {
        name: np.ascontiguousarray(array, np.float32)[None]
        for name, array in inputs.items()
    }
