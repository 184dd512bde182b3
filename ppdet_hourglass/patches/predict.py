"""Patch of the trainer's prediction: the stock ``tools/infer.py`` runs an hourglass.

Stock ``Trainer.predict`` accepts its own metrics only, crops an image to a square as
wide as the image, writes results with metrics that need ground truth, and draws every
set of joints as MPII's.  While it runs an hourglass, this package's crop, results file
and drawing replace those, so that joints, records and drawings equal those of this
package's ``tools/infer.py``.
"""

import functools
import os
from typing import Any, Callable, Dict, List, Sequence

import cv2
import numpy as np
import ppdet.data.transform as transforms
import ppdet.engine.trainer as trainer_module
from PIL import Image

from ..compat.stock import is_ours
from ..drawing import draw_people
from ..errors import UserError
from ..keypoints.keypoint_file import read_keypoints
from ..keypoints.keypoint_set import KeypointSet
from ..keypoints.pose import Pose
from ..metrics.results_file import RESULTS_NAME
from ..predict.crops import crops_of, cut
from .results_writer import ResultsWriter, poses_of
from .wrapping import expect, replaced, wrap

#: Stock functions that are replaced while an hourglass predicts: their parameters.
REPLACED = {
    "get_categories": ["metric_type", "anno_file"],
    "get_infer_results": ["outs", "catid"],
    "visualize_results": [
        *["image", "bbox_res", "mask_res", "segm_res", "keypoint_res"],
        *["pose3d_res", "im_id", "catid2name", "threshold"],
    ],
}


def install() -> None:
    """Wrap the trainer's prediction.

    Raises:
        ImportError: it, or a function that it calls, is not as expected.
    """
    for name, parameters in REPLACED.items():
        expect(trainer_module, name, parameters)
    expect(transforms.TopDownEvalAffine, "__init__", ["self", "trainsize", "use_udp"])
    wrap(trainer_module.Trainer, "predict", ["self", "images"], _predict)


def _predict(
    stock: Callable[..., Any],
    self: Any,
    images: Sequence[str],
    *args: Any,
    **kwargs: Any,
) -> Any:
    if not is_ours(self.cfg):
        return stock(self, images, *args, **kwargs)
    keypoints = read_keypoints(self.cfg["keypoints"])

    def only_write() -> None:
        path = os.path.join(self.cfg["output_eval"], RESULTS_NAME)
        self._metrics = [ResultsWriter(path, self.cfg["imid2path"], keypoints)]

    functions = replaced(
        trainer_module,
        # the value that the stock function returns for its keypoint metrics
        get_categories=lambda *args, **kwargs: (None, {"id": "keypoint"}),
        get_infer_results=functools.partial(_poses, keypoint_set=keypoints),
        visualize_results=functools.partial(_drawn, keypoints=keypoints),
    )
    crop = replaced(transforms, TopDownEvalAffine=WholePicture)
    with functions, crop, replaced(self, _init_metrics=only_write):
        try:
            return stock(self, images, *args, **kwargs)
        except UserError:
            raise
        except Exception as error:  # the stock reader's, which names no image
            for image in images:
                if cv2.imread(image) is None:
                    raise UserError(f"image {image} cannot be read") from error
            raise


def _poses(
    outs: Dict[str, Any], *args: Any, keypoint_set: KeypointSet
) -> Dict[str, List[Pose]]:
    """One pose per image of a batch."""
    poses = poses_of(outs["keypoint"], outs["im_shape"], keypoint_set)
    outs["bbox_num"] = [1] * len(poses)
    # Of (N, 1) each would be an array, which NumPy 2.4 does not take for a number.
    outs["im_id"] = outs["im_id"].reshape(-1)
    return {"keypoint": poses}


def _drawn(image: Image.Image, *args: Any, keypoints: KeypointSet) -> Image.Image:
    """The image with its poses; joints that score below the threshold are faint."""
    names = REPLACED["visualize_results"][1:]
    given = dict(zip(names, args))
    bgr = np.ascontiguousarray(np.asarray(image)[..., ::-1])
    drawn = draw_people(bgr, given["keypoint_res"], keypoints, given["threshold"])
    return Image.fromarray(np.ascontiguousarray(drawn[..., ::-1]))


class WholePicture(transforms.TopDownEvalAffine):
    """Crops the whole image around its one person, as this package's predictor does.

    It replaces ``TopDownEvalAffine``, which cuts head and feet off images that are
    higher than wide and crops others equally.  It adds ``center`` (2,), 0-based pixels,
    and ``scale`` (2,), crop size / 200 px, to the sample.

    Args:
        trainsize: [W, H] of the crop, pixels.
        use_udp: must be false.

    Raises:
        UserError: ``use_udp`` is true.
    """

    def __init__(self, trainsize: Sequence[int], use_udp: bool = False) -> None:
        if use_udp:
            raise UserError("TestReader: TopDownEvalAffine.use_udp is not supported")
        super().__init__(trainsize)

    def __call__(self, records: Dict[str, Any]) -> Dict[str, Any]:
        width, height = self.trainsize
        rows, columns = records["image"].shape[:2]
        whole = np.array([[0, 0, columns, rows]], np.float64)
        centers, scales = crops_of(whole, (width, height), padding=1.0)
        image = cut(records["image"], centers[0], scales[0], (width, height))
        return {**records, "image": image, "center": centers[0], "scale": scales[0]}
