"""The pose estimator: pictures and boxes in, poses out.

Letters: N people of a batch, K joints, H x W pixels of a crop, h x w of a heatmap.
"""

import os
from dataclasses import replace
from itertools import islice
from typing import Any, Iterator, List, Optional, Sequence, Union

import numpy as np

from ..errors import UserError, one_line
from ..keypoints.pose import Pose
from .backends import Network, Options, open_network
from .crops import (
    Crop,
    FindPeople,
    Picture,
    checked_boxes,
    crops_in,
    is_picture,
    normalise,
)
from .detector import open_detector
from .export_folder import DESCRIPTION, read_spec
from .model_spec import ModelSpec


class PoseEstimator:
    """Predicts poses.

    Made by ``from_config``, ``from_exported``, or around a network of your own.

    Args:
        network: (N, 3, H, W) float32 standardised RGB -> (N, K, h, w) float32.
        spec: how it is fed and read.
        batch_size: people that the network sees at once.
        detector: finds the people of pictures that come without boxes: the path of a
            :class:`~ppdet_hourglass.predict.detector.Detector`, or (H, W, 3) uint8
            BGR -> boxes (M, 4) or (M, 5).  None: such a picture is one person.

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
        self.detector = open_detector(detector)

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
            weights: trained weights, ``.pdparams``; None: the config's ``weights``.
            batch_size: as of the class.
            detector: likewise; a path's runs on the CPU.
            overrides: keys of the config, e.g. ``use_gpu=False`` or
                ``**{"TopDownHourglass.decoder": "dark"}``.

        Raises:
            UserError: wrong config, key or weights, or as of the class.
        """
        from .from_config import as_options, from_config

        network, spec = from_config(config, weights, as_options(overrides))
        return cls(network, spec, batch_size, detector)

    @classmethod
    def from_exported(
        cls,
        folder: str,
        backend: str = "paddle",
        batch_size: int = 16,
        flip_test: Optional[bool] = None,
        decoder: Optional[str] = None,
        detector: Union[str, FindPeople, None] = None,
        **options: Any,
    ) -> "PoseEstimator":
        """Use the model in a folder that the export command wrote.

        Args:
            folder: with ``infer_cfg.yml``, ``keypoints.yml`` and the model.
            backend: ``paddle``; or ``onnxruntime`` or ``openvino`` for ``model.onnx``,
                which the onnx command writes.
            batch_size: as of the class.
            flip_test: another choice than the config's that was exported.
            decoder: likewise.
            detector: as of the class; a path's runs on ``device``.
            options: of :class:`~ppdet_hourglass.predict.backends.Options`.

        Raises:
            UserError: the folder holds no such model, or the model does not fit its
                description; the backend is unknown, not installed, or cannot do what
                the options ask for; or as of the class.
        """
        folder, settings = os.fspath(folder), Options(**options)
        spec = read_spec(folder)
        asked = {"flip_test": flip_test, "decoder": decoder}
        changes = {key: value for key, value in asked.items() if value is not None}
        spec = replace(spec, codec=replace(spec.codec, **changes))
        network = open_network(folder, backend, settings)
        _check_fit(network, spec, folder)
        find_people = open_detector(detector, settings.device)
        return cls(network, spec, batch_size, find_people)

    def __call__(
        self,
        image: Union[Picture, Sequence[Picture]],
        boxes: Any = None,
        *,
        xywh: Any = None,
        xyxy: Any = None,
    ) -> Union[List[Pose], List[List[Pose]]]:
        """Poses of the people of one picture, or of several.

        Args:
            image: path or (H, W, 3) uint8 BGR pixels; or a list of them, whose people
                are predicted in common batches.
            boxes: (M, 4) x, y, width, height in 0-based pixels, or (M, 5) with a
                score; None: the detector's, or without one the whole picture.  For a
                list of pictures a list of such, or None.
            xywh: the same by name.
            xyxy: in their place, left, top, right, bottom: the width is right - left.

        Returns:
            One pose per box, in their order; for a list of pictures a list of such.

        Raises:
            UserError: wrong input; names the picture or the box.
        """
        given = [rows for rows in (boxes, xywh, xyxy) if rows is not None]
        if len(given) > 1:
            raise UserError("only one of boxes, xywh and xyxy may be given")
        if is_picture(image):
            return self._several([image], given or [None], xyxy is not None)[0]
        pictures = list(image)
        rows = list(given[0]) if given else [None] * len(pictures)
        if len(rows) != len(pictures):
            raise UserError(
                f"boxes must be a list with one entry for each of the {len(pictures)} "
                f"images, but has {len(rows)}"
            )
        return self._several(pictures, rows, xyxy is not None)

    def _several(
        self, pictures: Sequence[Picture], boxes: Sequence[Any], corners: bool
    ) -> List[List[Pose]]:
        tables = [row if row is None else checked_boxes(row, corners) for row in boxes]
        crops = crops_in(pictures, tables, self.spec.input_size, self.detector)
        poses: List[List[Pose]] = [[] for _ in pictures]
        for batch in iter(lambda: list(islice(crops, self.batch_size)), []):
            for crop, pose in zip(batch, self._predict(batch)):
                poses[crop.picture].append(pose)
        return poses

    def _predict(self, crops: Sequence[Crop]) -> Iterator[Pose]:
        keypoint_set = self.spec.keypoints
        pixels = np.stack([crop.pixels for crop in crops])
        heatmaps = self.spec.codec.average(
            self.network,
            normalise(pixels, self.spec.mean, self.spec.std),
            mirror=lambda inputs: np.ascontiguousarray(inputs[..., ::-1]),
            flip_order=keypoint_set.flip_order,
        )
        if not np.isfinite(heatmaps).all():
            raise UserError("the heatmaps are not finite: did training diverge?")
        centers = np.stack([crop.center for crop in crops])
        scales = np.stack([crop.scale for crop in crops])
        for crop, keypoints, scores in zip(
            crops, *self.spec.codec.decode(heatmaps, centers, scales)
        ):
            score = float(scores.mean()) * crop.score
            yield Pose(keypoints, scores, crop.box, score, keypoint_set)


def _check_fit(network: Network, spec: ModelSpec, folder: str) -> None:
    """Raise :class:`UserError` unless a network gives the spec's heatmaps of zeros."""
    width, height = spec.input_size
    wrong = f"the model in {folder} does not fit its {DESCRIPTION}"
    try:
        shape = network(np.zeros((1, 3, height, width), np.float32)).shape
    except Exception as error:
        reason = one_line(error)
        raise UserError(f"{wrong}: on {width}x{height} pixels: {reason}") from error
    if len(shape) != 4 or shape[:2] != (1, len(spec.keypoints)):
        raise UserError(
            f"{wrong}: {len(spec.keypoints)} joints, but its output has the shape "
            f"{tuple(shape)}"
        )
