"""The prediction's patch: the stock ``tools/infer.py`` predicts with an hourglass.

Stock ``Trainer.predict`` knows the categories of its own metrics only, crops a
picture to the square of its width, writes results by metrics that need ground truth,
and draws any set of joints as MPII's.  While it runs on an hourglass, this package's
own crop, results file and drawing stand in for those, so that joints, records and
pictures are those of its ``tools/infer.py``.
"""

import functools
import os
from importlib.util import find_spec
from typing import Any, Callable, Dict, List, Sequence, Tuple

import cv2
import numpy as np
import ppdet.data.transform as transforms
import ppdet.engine.trainer as trainer_module
from PIL import Image

from ..compat.architecture import is_ours
from ..drawing import draw_people
from ..errors import UserError
from ..keypoints.keypoint_file import read_keypoints
from ..keypoints.keypoint_set import KeypointSet
from ..keypoints.pose import Pose
from ..metrics.results_file import RESULTS_NAME
from ..predict.crops import crops_of, cut
from .replacing import replaced
from .results_writer import ResultsWriter, poses_of
from .wrapping import expect, wrap

#: Stock functions that are replaced while an hourglass predicts.
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
        ImportError: it, or what it calls, is not what this module expects.
    """
    for name, parameters in REPLACED.items():
        expect(trainer_module, name, parameters)
    expect(transforms.TopDownEvalAffine, "__init__", ["self", "trainsize", "use_udp"])
    wrap(trainer_module.Trainer, "predict", ["self", "images"], _with_own_parts)


def _with_own_parts(stock: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(stock)
    def predict(self: Any, images: Sequence[str], *args: Any, **kwargs: Any) -> Any:
        if not is_ours(self.cfg):
            return stock(self, images, *args, **kwargs)
        if kwargs.get("visualize", True) and find_spec("supervision") is None:
            raise UserError(
                "drawing needs supervision: pip install '.[draw]' in the clone; to "
                "predict without it: --visualize=False --save_results=True"
            )
        keypoints = read_keypoints(self.cfg["keypoints"])
        functions = replaced(
            trainer_module,
            get_categories=_categories,
            get_infer_results=functools.partial(_poses, keypoint_set=keypoints),
            visualize_results=functools.partial(_drawn, keypoints=keypoints),
        )
        crop = replaced(transforms, TopDownEvalAffine=WholePicture)
        metrics = replaced(
            self, _init_metrics=functools.partial(_only_write, self, keypoints)
        )
        with functions, crop, metrics:
            try:
                return stock(self, images, *args, **kwargs)
            except Exception as error:
                _blame_picture(images, error)
                raise

    return predict


def _only_write(trainer: Any, keypoint_set: KeypointSet) -> None:
    path = os.path.join(trainer.cfg["output_eval"], RESULTS_NAME)
    trainer._metrics = [ResultsWriter(path, trainer.cfg["imid2path"], keypoint_set)]


def _blame_picture(images: Sequence[str], error: Exception) -> None:
    """Name a picture that cannot be read, which the stock reader does not."""
    for path in images:
        if not isinstance(error, UserError) and cv2.imread(path) is None:
            raise UserError(f"image {path} cannot be read") from error


def _categories(*args: Any, **kwargs: Any) -> Tuple[None, Dict[str, str]]:
    return None, {"id": "keypoint"}  # as for the stock keypoint metrics


def _poses(
    outs: Dict[str, Any], *args: Any, keypoint_set: KeypointSet
) -> Dict[str, List[Pose]]:
    """A batch's people, one in each picture."""
    poses = poses_of(outs["keypoint"], outs["im_shape"], keypoint_set)
    outs["bbox_num"] = [1] * len(poses)
    # Of (N, 1) each would be an array, which NumPy 2.4 does not take for a number.
    outs["im_id"] = outs["im_id"].reshape(-1)
    return {"keypoint": poses}


def _drawn(image: Image.Image, *args: Any, keypoints: KeypointSet) -> Image.Image:
    """The picture with its people; joints below the threshold are faint."""
    names = REPLACED["visualize_results"][1:]
    given = dict(zip(names, args))
    bgr = np.ascontiguousarray(np.asarray(image)[..., ::-1])
    picture = draw_people(bgr, given["keypoint_res"], keypoints, given["threshold"])
    return Image.fromarray(np.ascontiguousarray(picture[..., ::-1]))


class WholePicture(transforms.TopDownEvalAffine):
    """The crop of a picture that is one person, as this package's predictor cuts it.

    Stands in for ``TopDownEvalAffine``, which cuts head and feet off upright pictures;
    wide ones it crops equally.  Adds ``center`` and ``scale`` to the sample.

    Args:
        trainsize: [W, H] pixels of the crop.
        use_udp: must be false.

    Raises:
        UserError: it is true.
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
