"""What a config's reader makes of its training people.

Letters: N people, K joints, H x W pixels of a crop, h x w of a heatmap.
"""

import random
from dataclasses import dataclass
from typing import Any, Dict, Iterator, Sequence

import numpy as np
import paddle
from ppdet.core.workspace import create

from ..compat.stock import JOINTS_KEY
from ..data.any_dataset import people_in
from ..data.config_facts import fill_config
from ..data.crop import PIXELS_PER_SCALE, STRIDE
from ..errors import UserError
from ..keypoints.keypoint_set import KeypointSet
from ..modeling.codec import HeatmapCodec
from ..modeling.peaks import argmax_joints


@dataclass(frozen=True)
class TrainingPeople:
    """The annotated people of a config's TrainDataset.

    Attributes:
        source: annotation file.
        keypoints: the config's keypoint set.
        images: N numbers of the people's pictures.
        sides: (N,) width of each crop before augmentation, pixels.
        joints: (N, K, 2) 0-based pixels of the picture.
        visible: (N, K) bool, which joints are annotated.
        dataset: PaddleDetection's data set, which reads and augments them.
    """

    source: str
    keypoints: KeypointSet
    images: np.ndarray
    sides: np.ndarray
    joints: np.ndarray
    visible: np.ndarray
    dataset: Any

    def __len__(self) -> int:
        return len(self.images)


@dataclass(frozen=True)
class TrainingSample:
    """A person as the network sees them.

    Attributes:
        person: index of the person.
        crop: (H, W, 3) uint8 RGB.
        joints: (K, 2) 0-based pixels of the crop.
        visible: (K,) bool, which joints have a target.
        targets: (K, h, w) heatmaps.
    """

    person: int
    crop: np.ndarray
    joints: np.ndarray
    visible: np.ndarray
    targets: np.ndarray


def training_people(cfg: Any) -> TrainingPeople:
    """Read the annotations of a loaded config's TrainDataset.

    Raises:
        UserError: the data set is missing or wrong.
    """
    keypoints = fill_config(cfg)
    dataset = cfg["TrainDataset"]
    records = people_in(dataset, keypoints)
    joints = np.array([record[JOINTS_KEY] for record in records], np.float64)
    visible = np.array([record["joints_vis"] for record in records])
    return TrainingPeople(
        source=dataset.get_anno(),
        keypoints=keypoints,
        images=np.array([record["im_id"] for record in records]),
        sides=np.array([record["scale"][0] for record in records]) * PIXELS_PER_SCALE,
        joints=joints[..., :2],
        visible=visible[..., 0] > 0,
        dataset=dataset,
    )


def training_samples(
    people: TrainingPeople, indices: Sequence[int], seed: int
) -> Iterator[TrainingSample]:
    """Augment people with the config's TrainReader.

    A person's sample depends on the seed and the person only.

    Raises:
        UserError: a picture cannot be read, or a sample is no crop.
    """
    people.dataset.set_transform(create("TrainReader")._sample_transforms)
    for index in indices:
        np.random.seed([seed, index])
        random.seed(f"{seed} {index}")
        yield sample_of(int(index), people.dataset[index])


def sample_of(person: int, sample: Dict[str, Any]) -> TrainingSample:
    """Take what a reader's transforms made of a person.

    The joints are the targets' peaks or, of a reader that leaves the targets to the
    network's device, its ``joints`` (K, 3): x, y in the crop, 1 where annotated.

    Raises:
        UserError: the reader's image is not (H, W, 3) uint8, or it has no joints.
    """
    crop = sample["image"]
    if crop.dtype != np.uint8 or crop.ndim != 3 or crop.shape[2] != 3:
        raise UserError(
            "TrainReader.sample_transforms must end with an image (H, W, 3) of uint8, "
            f"but it is {crop.shape}, {crop.dtype}: normalise in batch_transforms"
        )
    if "target" in sample:
        targets = np.asarray(sample["target"])
        scale = np.array(crop.shape[1::-1]) / targets.shape[:0:-1]
        peaks, heights = argmax_joints(targets[None])
        visible = (np.ravel(sample["target_weight"]) > 0) & (heights[0] > 0)
        return TrainingSample(person, crop, peaks[0] * scale, visible, targets)
    if "joints" not in sample:
        raise UserError(
            "TrainReader.sample_transforms must give 'target' or 'joints', but they "
            f"give {', '.join(sorted(sample))}"
        )
    size = (crop.shape[1] // STRIDE, crop.shape[0] // STRIDE)
    joints = paddle.to_tensor(sample["joints"][None])
    targets, weights = HeatmapCodec().encode(joints, (STRIDE, STRIDE), size)
    visible = weights[0, :, 0].numpy() > 0
    joints = sample["joints"][:, :2]
    return TrainingSample(person, crop, joints, visible, targets[0].numpy())
