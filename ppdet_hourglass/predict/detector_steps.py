"""How a PaddleDetection detector wants its image: the steps of ``infer_cfg.yml``.

Letters: H x W pixels of the picture, h x w of what the detector sees.
"""

from typing import Any, Callable, Dict, List, Sequence, Tuple, Union

import cv2
import numpy as np

from ..errors import UserError


class Prepared:
    """A picture on its way to the detector.

    Attributes:
        image: (h, w, 3) RGB, and (3, h, w) after ``Permute``.
        shape: (2,) height and width, ``im_shape``.
        factor: (2,) h / H and w / W, ``scale_factor``.
    """

    def __init__(self, picture: np.ndarray) -> None:
        self.image = np.ascontiguousarray(picture[..., ::-1])
        self.shape = np.array(picture.shape[:2], np.float32)
        self.factor = np.ones(2, np.float32)


def resize(
    picture: Prepared,
    target_size: Union[int, Sequence[int]],
    keep_ratio: bool = True,
    interp: int = cv2.INTER_LINEAR,
) -> None:
    """Scale to ``target_size`` (h, w); or until one side has its length."""
    target = np.broadcast_to(np.asarray(target_size, np.float64), (2,))
    before = np.array(picture.image.shape[:2], np.float64)
    factor = target / before
    if keep_ratio:
        factor[:] = target.min() / before.min()
        if np.round(factor[0] * before.max()) > target.max():
            factor[:] = target.max() / before.max()
    y, x = factor
    picture.image = cv2.resize(picture.image, None, fx=x, fy=y, interpolation=interp)
    picture.shape = np.array(picture.image.shape[:2], np.float32)
    picture.factor = factor.astype(np.float32)


def normalise_image(
    picture: Prepared,
    mean: Sequence[float] = (0.0, 0.0, 0.0),
    std: Sequence[float] = (1.0, 1.0, 1.0),
    is_scale: bool = True,
    norm_type: str = "mean_std",
) -> None:
    """To 0 .. 1 if ``is_scale``, then standardise unless ``norm_type`` is none."""
    if norm_type not in ("mean_std", "none"):
        raise ValueError(f"norm_type must be mean_std or none, but got {norm_type!r}")
    image = picture.image.astype(np.float32)
    if is_scale:
        image *= 1 / 255
    if norm_type == "mean_std":
        image -= np.asarray(mean, np.float32)
        image /= np.asarray(std, np.float32)
    picture.image = image


def permute(picture: Prepared) -> None:
    """(h, w, 3) -> (3, h, w)."""
    picture.image = picture.image.transpose(2, 0, 1)


def pad_stride(picture: Prepared, stride: int = 0) -> None:
    """Zeros at the right and below, until ``stride`` divides both sides."""
    if stride > 0:
        height, width = picture.image.shape[1:]
        edges = ((0, 0), (0, -height % stride), (0, -width % stride))
        picture.image = np.pad(picture.image, edges)


#: Steps by the ``type`` that PaddleDetection gives them.
STEPS: Dict[str, Callable[..., None]] = {
    "Resize": resize,
    "NormalizeImage": normalise_image,
    "Permute": permute,
    "PadStride": pad_stride,
}

Step = Tuple[Callable[..., None], Dict[str, Any]]


def read_steps(rows: Any, source: str) -> List[Step]:
    """The ``Preprocess`` list of an ``infer_cfg.yml``.

    Args:
        rows: dictionaries of ``type`` and options.
        source: the file, for the message.

    Raises:
        UserError: it is no such list, or holds a step or option that is not here;
            each step is tried on a black picture.
    """
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UserError(f"{source}: 'Preprocess' must list steps, but got {rows!r}")
    steps = []
    trial = Prepared(np.zeros((32, 32, 3), np.uint8))
    for row in rows:
        options = {key: value for key, value in row.items() if key != "type"}
        step = STEPS.get(str(row.get("type")))
        if step is None:
            raise UserError(
                f"{source}: Preprocess step {row.get('type')!r} is not supported; "
                f"supported: {', '.join(STEPS)}"
            )
        try:
            step(trial, **options)
        except (TypeError, ValueError, cv2.error) as error:
            reason = " ".join(str(error).split())
            raise UserError(
                f"{source}: Preprocess step {row['type']!r}: {reason}"
            ) from None
        steps.append((step, options))
    return steps


def prepare(picture: np.ndarray, steps: Sequence[Step]) -> Dict[str, np.ndarray]:
    """A detector's inputs, of a batch of one.

    Args:
        picture: (H, W, 3) uint8 BGR.
        steps: of :func:`read_steps`.

    Returns:
        ``image`` (1, 3, h, w), ``im_shape`` (1, 2) and ``scale_factor`` (1, 2), all
        float32.
    """
    prepared = Prepared(picture)
    for step, options in steps:
        step(prepared, **options)
    image = np.ascontiguousarray(prepared.image[None], np.float32)
    return {
        "image": image,
        "im_shape": prepared.shape[None],
        "scale_factor": prepared.factor[None],
    }
