"""The pose estimator: images and boxes in, poses out.

Letters: N people of a batch, K joints, H x W pixels of a crop, h x w of a heatmap.
"""

import os
from itertools import islice
from typing import Any, Iterator, List, Optional, Sequence, Union

import numpy as np

from ..errors import UserError
from ..keypoints.pose import Pose
from ..modeling.pixels import normalise
from .backends import Network, Options
from .detector import open_detector
from .model_spec import ModelSpec
from .open_network import AUTO, as_overrides, open_network
from .person_crops import Crop, FindPeople, Image, check_boxes, crops_in


class PoseEstimator:
    """Predicts the poses of people in images.

    Create one with :meth:`from_config` or :meth:`from_exported`, or pass your own
    network to the constructor.

    Args:
        network: maps (N, 3, H, W) float32 standardised RGB to heatmaps (N, K, h, w)
            float32.
        spec: the network's input, and how to decode its heatmaps.
        batch_size: number of people per call of the network.
        detector: finds the people in images given without boxes: the path of a
            :class:`~ppdet_hourglass.predict.detector.Detector`, or a function from
            (H, W, 3) uint8 BGR to boxes (M, 4) or (M, 5).  Without one, such an
            image counts as one person.

    Raises:
        UserError: ``batch_size`` is below 1, or the detector cannot be opened.
    """

    def __init__(
        self,
        network: Network,
        spec: ModelSpec,
        batch_size: int = 16,
        detector: Union[str, FindPeople, None] = None,
    ) -> None:
        if batch_size < 1:
            raise UserError(f"batch_size must be at least 1, but got {batch_size}")
        self.network = network
        self.spec = spec
        self.batch_size = batch_size
        self.detector = open_detector(detector, keypoints=spec.keypoints)

    @classmethod
    def from_config(
        cls,
        config: str,
        weights: Optional[str] = None,
        batch_size: int = 16,
        detector: Union[str, FindPeople, None] = None,
        **overrides: Any,
    ) -> "PoseEstimator":
        """Use a config's network, in Paddle's dynamic graph, as evaluation does.

        Args:
            config: path of the config file.
            weights: trained weights, ``.pdparams``; by default the config's.
            batch_size, detector: see the class; a detector's path runs on the CPU.
            overrides: keys of the config, e.g. ``use_gpu=False`` or
                ``**{"TopDownHourglass.decoder": "dark"}``.

        Raises:
            UserError: the config, a key or the weights are wrong.
        """
        network = open_network(
            config, weights=weights, overrides=as_overrides(overrides)
        )
        return cls(*network, batch_size, detector)

    @classmethod
    def from_exported(
        cls,
        folder: str,
        backend: str = AUTO,
        batch_size: int = 16,
        flip_test: Optional[bool] = None,
        decoder: Optional[str] = None,
        detector: Union[str, FindPeople, None] = None,
        **options: Any,
    ) -> "PoseEstimator":
        """Use the model in a folder that the export command wrote.

        Args:
            folder: folder of ``infer_cfg.yml``, ``keypoints.yml`` and the model.
            backend: ``auto``, the fastest that is installed and has a model there;
                ``paddle``; or ``onnxruntime`` or ``openvino`` for ``model.onnx``,
                which the onnx command writes.
            flip_test, decoder: replace the exported config's settings if given.
            batch_size, detector: see the class; a detector's path runs on ``device``.
            options: see :class:`~ppdet_hourglass.predict.backends.Options`.

        Raises:
            UserError: the folder holds no such model, the model does not fit its
                description, or the backend is unknown, not installed, or cannot do
                what the options ask for.
        """
        runtime = Options(**options)
        changes = {"flip_test": flip_test, "decoder": decoder}
        network, spec = open_network(
            exported=folder,
            backend=backend,
            options=runtime,
            changes={k: value for k, value in changes.items() if value is not None},
        )
        find_people = open_detector(detector, runtime.device, spec.keypoints)
        return cls(network, spec, batch_size, find_people)

    def __call__(
        self,
        image: Union[Image, Sequence[Image]],
        boxes: Any = None,
        *,
        xyxy: Any = None,
    ) -> Union[List[Pose], List[List[Pose]]]:
        """Predict the poses of the people in one image, or in several.

        Args:
            image: path or (H, W, 3) uint8 BGR pixels; or a list of them, whose people
                are predicted in common batches.
            boxes: (M, 4) x, y, width, height in 0-based pixels, or (M, 5) with a
                score.  None for the detector's boxes or, without a detector, the
                whole image.  For a list of images, a list of these, or None.
            xyxy: instead of ``boxes``, left, top, right, bottom; width = right - left.

        Returns:
            One pose per box, in their order; for a list of images, a list of these.

        Raises:
            UserError: wrong input; names the image or the box.
        """
        if boxes is not None and xyxy is not None:
            raise UserError("only one of boxes and xyxy may be given")
        given = boxes if xyxy is None else xyxy
        single = isinstance(image, (str, os.PathLike, np.ndarray))
        images = [image] if single else list(image)
        several = [None] * len(images) if given is None else given
        rows = [given] if single else list(several)
        if len(rows) != len(images):
            count = f"{len(images)} images, but {len(rows)} entries of boxes"
            raise UserError(f"boxes must have one entry for each image: {count}")
        tables = [
            row if row is None else check_boxes(row, corners=xyxy is not None)
            for row in rows
        ]
        crops = crops_in(images, tables, self.spec.input_size, self.detector)
        poses: List[List[Pose]] = [[] for _ in images]
        for batch in iter(lambda: list(islice(crops, self.batch_size)), []):
            for crop, pose in zip(batch, self.poses_in(batch)):
                poses[crop.image].append(pose)
        return poses[0] if single else poses

    def poses_in(self, crops: Sequence[Crop]) -> Iterator[Pose]:
        """Predict the poses in crops of ``spec.input_size``, as one batch."""
        keypoint_set = self.spec.keypoints
        heatmaps = self.heatmaps_in(np.stack([crop.pixels for crop in crops]))
        centers = np.stack([crop.center for crop in crops])
        scales = np.stack([crop.scale for crop in crops])
        for crop, keypoints, scores in zip(
            crops, *self.spec.codec.decode(heatmaps, centers, scales)
        ):
            score = float(scores.mean()) * crop.score
            yield Pose(keypoints, scores, crop.box, score, keypoint_set)

    def heatmaps_in(self, pixels: np.ndarray) -> np.ndarray:
        """Heatmaps (N, K, h, w) of crops (N, H, W, 3) uint8 BGR, after the flip test.

        Raises:
            UserError: they are not finite.
        """
        heatmaps = self.spec.codec.average(
            self.network,
            normalise(pixels, self.spec.mean, self.spec.std),
            mirror=lambda inputs: np.ascontiguousarray(inputs[..., ::-1]),
            flip_order=self.spec.keypoints.flip_order,
        )
        if not np.isfinite(heatmaps).all():
            raise UserError("the heatmaps are not finite: did training diverge?")
        return heatmaps
