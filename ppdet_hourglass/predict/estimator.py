"""The pose estimator: pictures and boxes in, poses out.

Letters: N people of a batch, K joints, H x W pixels of a crop, h x w of a heatmap.
"""

import os
from dataclasses import replace
from itertools import islice
from typing import Any, Iterator, List, Optional, Sequence, Union

import numpy as np

from ..errors import UserError
from ..keypoints.pose import Pose
from .backends import Network, Options, open_network
from .crops import normalise
from .export_folder import DESCRIPTION, read_spec
from .model_spec import ModelSpec
from .people import Person, Picture, people_in


class PoseEstimator:
    """Predicts poses.

    Made by ``from_config``, ``from_exported``, or around a network of your own.

    Args:
        network: (N, 3, H, W) float32 standardised RGB -> (N, K, h, w) float32.
        spec: how it is fed and read.
        batch_size: people that the network sees at once.

    Raises:
        UserError: ``batch_size`` is below 1.
    """

    def __init__(self, network: Network, spec: ModelSpec, batch_size: int = 16) -> None:
        if batch_size < 1:
            raise UserError(f"batch_size must be at least 1, but got {batch_size}")
        self.network = network
        self.spec = spec
        self.batch_size = batch_size

    @classmethod
    def from_config(
        cls,
        config: str,
        weights: Optional[str] = None,
        batch_size: int = 16,
        **overrides: Any,
    ) -> "PoseEstimator":
        """Use a config's network, in Paddle's dynamic graph.

        Its numbers are those of an evaluation of the same crops.

        Args:
            config: path of the config file.
            weights: trained weights, ``.pdparams``; None: the config's ``weights``.
            batch_size: people that the network sees at once.
            overrides: keys of the config, e.g. ``use_gpu=False`` or
                ``**{"TopDownHourglass.decoder": "dark"}``.

        Raises:
            UserError: wrong config or key; weights that are missing, unreadable or
                another network's.
        """
        from .from_config import as_options, from_config

        network, spec = from_config(config, weights, as_options(overrides))
        return cls(network, spec, batch_size)

    @classmethod
    def from_exported(
        cls,
        folder: str,
        backend: str = "paddle",
        batch_size: int = 16,
        flip_test: Optional[bool] = None,
        decoder: Optional[str] = None,
        **options: Any,
    ) -> "PoseEstimator":
        """Use the model in a folder that the export command wrote.

        Args:
            folder: with ``infer_cfg.yml``, ``keypoints.yml`` and the model.
            backend: ``paddle``; or ``onnxruntime`` or ``openvino`` for ``model.onnx``,
                which the onnx command writes.
            batch_size: people that the network sees at once.
            flip_test: another choice than the config's that was exported.
            decoder: likewise.
            options: ``device``, ``threads``, ``precision``, ``tensorrt``: see
                :class:`~ppdet_hourglass.predict.backends.Options`.

        Raises:
            UserError: the folder holds no such model, or the model does not fit its
                description; the backend is unknown, not installed, or cannot do what
                the options ask for.
        """
        folder = os.fspath(folder)
        spec = read_spec(folder)
        asked = {"flip_test": flip_test, "decoder": decoder}
        changes = {key: value for key, value in asked.items() if value is not None}
        spec = replace(spec, codec=replace(spec.codec, **changes))
        network = open_network(backend, folder, Options(**options))
        check_fit(network, spec, folder)
        return cls(network, spec, batch_size)

    def __call__(
        self, image: Union[Picture, Sequence[Picture]], boxes: Any = None
    ) -> Union[List[Pose], List[List[Pose]]]:
        """Poses of the people of one picture, or of several.

        Args:
            image: path or (H, W, 3) uint8 BGR pixels; or a list of them, whose people
                are predicted in common batches.
            boxes: (M, 4) x, y, width, height in 0-based pixels, or (M, 5) with a
                score; None: the whole picture is one person.  For a list of
                pictures a list of such, or None.

        Returns:
            One pose per box, in their order; for a list of pictures a list of such.

        Raises:
            UserError: wrong input; names the picture or the box.
        """
        if isinstance(image, (str, os.PathLike, np.ndarray)):
            return self._several([image], [boxes])[0]
        pictures = list(image)
        rows = [None] * len(pictures) if boxes is None else list(boxes)
        if len(rows) != len(pictures):
            raise UserError(
                f"boxes must be a list with one entry for each of the {len(pictures)} "
                f"images, but has {len(rows)}"
            )
        return self._several(pictures, rows)

    def _several(
        self, pictures: Sequence[Picture], boxes: Sequence[Optional[Any]]
    ) -> List[List[Pose]]:
        poses: List[List[Pose]] = [[] for _ in pictures]
        people = people_in(pictures, boxes, self.spec.input_size)
        for batch in _batches(people, self.batch_size):
            for person, pose in zip(batch, self._predict(batch)):
                poses[person.picture].append(pose)
        return poses

    def _predict(self, people: Sequence[Person]) -> Iterator[Pose]:
        crops = np.stack([person.crop for person in people])
        heatmaps = self.heatmaps(normalise(crops, self.spec.mean, self.spec.std))
        if not np.isfinite(heatmaps).all():
            raise UserError("the heatmaps are not finite: did training diverge?")
        centers = np.stack([person.center for person in people])
        scales = np.stack([person.scale for person in people])
        keypoints, scores = self.spec.codec.decode(heatmaps, centers, scales)
        for person, joints, heights in zip(people, keypoints, scores):
            score = float(heights.mean()) * person.score
            yield Pose(joints, heights, person.box, score)

    def heatmaps(self, inputs: np.ndarray) -> np.ndarray:
        """Heatmaps, averaged with the mirrored crops' if the flip test is on.

        Args:
            inputs: (N, 3, H, W) float32 standardised RGB.

        Returns:
            (N, K, h, w) float32.
        """
        return self.spec.codec.average(
            self.network,
            inputs,
            mirror=lambda inputs: np.ascontiguousarray(inputs[..., ::-1]),
            flip_order=self.spec.keypoints.flip_order,
        )


def _batches(people: Iterator[Person], size: int) -> Iterator[List[Person]]:
    batch = list(islice(people, size))
    while batch:
        yield batch
        batch = list(islice(people, size))


def check_fit(network: Network, spec: ModelSpec, folder: str) -> None:
    """Run a network once, on nothing.

    Raises:
        UserError: it does not take crops of the described size, or does not give a
            heatmap for each of the described joints.
    """
    width, height = spec.input_size
    wrong = f"the model in {folder} does not fit its {DESCRIPTION}"
    try:
        shape = network(np.zeros((1, 3, height, width), np.float32)).shape
    except Exception as error:
        reason = " ".join(str(error).split())
        raise UserError(f"{wrong}: on {width}x{height} pixels: {reason}") from error
    if len(shape) != 4 or shape[:2] != (1, len(spec.keypoints)):
        raise UserError(
            f"{wrong}: {len(spec.keypoints)} joints, but its output has the shape "
            f"{tuple(shape)}"
        )
