"""Pages about data: what a config trains on, and what check-data found.

Letters: N people, K joints, H x W pixels of a crop, h x w of a heatmap.
"""

import os
import random
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Sequence

import numpy as np
from tqdm import tqdm

from ..data.checks.check import ERRORS, PROBLEMS, Checked
from ..data.config_facts import fill_config
from ..data.crop import STRIDE
from ..data.people import Problem
from ..data.people_dataset import people_of
from ..errors import UserError
from ..keypoints.keypoint_set import KeypointSet
from ..modeling.peaks import argmax_joints
from .charts import histogram
from .crops import bgr_colors, jpeg_text, overlay, png_text, square
from .page import CROP_UNITS, Person, places, render

#: The person to show the joints on is one of the first so many.
EXAMPLES = 2000

#: People of each problem that are shown.
MOST = 60

#: Larger people are not drawn: their size is an impossible value.
MAX_SHOWN_PX = 10_000

LAYERS = {
    "joints": ("joints", "skeleton", True),
    "targets": ("targets", "targets", True),
    "numbers": ("numbers", "numbers", False),
}


@dataclass(frozen=True)
class TrainingPeople:
    """The annotated people of a config's TrainDataset.

    Attributes:
        source: annotation file.
        keypoints: the config's keypoint set.
        images: N numbers of the people's images.
        sides: (N,) width of each crop before augmentation, pixels.
        joints: (N, K, 2) 0-based pixels of the image.
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
    people = people_of(dataset, keypoints)
    return TrainingPeople(
        source=dataset.get_anno(),
        keypoints=keypoints,
        images=np.array(people.image_ids),
        sides=people.crop_sides,
        joints=people.joints,
        visible=people.visible,
        dataset=dataset,
    )


def training_samples(
    people: TrainingPeople, indices: Sequence[int], seed: int
) -> Iterator[TrainingSample]:
    """Augment people with the config's TrainReader.

    A person's sample depends on the seed and the person only.

    Raises:
        UserError: an image cannot be read, or a sample is no crop.
    """
    from ppdet.core.workspace import create

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
    import paddle

    from ..modeling.codec import HeatmapCodec

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


def training_page(
    people: TrainingPeople, samples: Sequence[TrainingSample], title: str, seed: int
) -> str:
    """Show some samples, the keypoint set, and how the data are distributed.

    Returns:
        HTML that needs no other file.
    """
    keypoints = people.keypoints
    singular, plural = keypoints.nouns
    colors = bgr_colors(keypoints)
    shown: List[Person] = []
    for sample in samples:
        height, width = sample.crop.shape[:2]
        zoom = CROP_UNITS / width
        placed = zoom * (sample.joints + 0.5)
        known = f"{int(sample.visible.sum())} of {len(keypoints)} joints have a target"
        shown.append(
            {
                "number": sample.person,
                "image": f"image {people.images[sample.person]}",
                "text": known,
                "picture": jpeg_text(sample.crop[..., ::-1]),
                "overlay": png_text(overlay(sample.targets, colors)),
                "tall": round(height * zoom),
                "skeletons": {
                    "joints": [
                        place if known else None
                        for place, known in zip(
                            placed.round().astype(int).tolist(), sample.visible
                        )
                    ]
                },
            }
        )
    charts = [
        (people.sides, ("width of the crop, pixels", plural), f"Size of the {plural}"),
        (
            people.visible.sum(axis=1),
            ("annotated joints", plural),
            f"Annotated joints of each {singular}",
        ),
        (
            np.unique(people.images, return_counts=True)[1],
            (plural, "images"),
            f"{plural.capitalize()} in each image",
        ),
    ]
    return render(
        "browse.html",
        title,
        keypoints,
        shown,
        data={"layers": list(LAYERS.values()), "example": _example(people)},
        contents=[
            ("people", "Samples"),
            ("keypoints", "Keypoints"),
            ("distributions", "Distributions"),
        ],
        total=len(people),
        images=len(set(people.images.tolist())),
        source=people.source,
        seed=seed,
        joints=_joint_table(people),
        charts=[(histogram(values, axes), text) for values, axes, text in charts],
    )


def _joint_table(people: TrainingPeople) -> List[List[Any]]:
    """Each joint with its partner and how often it is annotated."""
    names = [name.replace("_", " ") for name in people.keypoints.joints]
    order = people.keypoints.flip_order
    shares = 100 * people.visible.mean(axis=0)
    pairs = bool(people.keypoints.pairs)
    rows = [["", "Joint", *(["Mirrored"] if pairs else []), "", "Annotated, %"]]
    for joint, (name, share) in enumerate(zip(names, shares)):
        partner = names[order[joint]] if order[joint] != joint else "–"
        middle = [partner] if pairs else []
        rows.append([joint, name, *middle, {"share": share}, f"{share:.1f}"])
    return rows


def _example(people: TrainingPeople) -> Person:
    """The person with most joints whose nearest two are farthest apart."""
    joints, visible = people.joints[:EXAMPLES], people.visible[:EXAMPLES]
    full = np.flatnonzero(visible.sum(axis=1) == visible.sum(axis=1).max())

    def apart(person: int) -> float:
        points = joints[person][visible[person]]
        distances = np.linalg.norm(points[:, None] - points[None], axis=2)
        np.fill_diagonal(distances, np.inf)
        return float(distances.min() / max(np.ptp(points, axis=0).max(), 1e-9))

    person = int(full[int(np.argmax([apart(person) for person in full]))])
    points = joints[person][visible[person]]
    extent = max(float(np.ptp(points, axis=0).max()), 1.0)
    middle = points.min(axis=0) + np.ptp(points, axis=0) / 2
    placed = places(joints[person], visible[person], middle, extent / 0.84)
    return {"number": person, "skeletons": {"joints": placed}}


def faults_page(checked: Sequence[Checked], keypoints: KeypointSet) -> str:
    """Show the people with a problem whose image can be read.

    Args:
        checked: files with what was found in each.
        keypoints: the people's K joints.

    Returns:
        HTML that needs no other file.
    """
    shown: List[Person] = []
    groups: List[str] = []
    rows: List[List[Any]] = []
    for file in checked:
        for kind in PROBLEMS:
            found = [problem for problem in file.problems if problem.kind == kind]
            cards = list(_faulty(file, found[:MOST], len(groups)))
            if not found:
                continue
            name = kind
            if len(checked) > 1:
                name = f"{kind}, {os.path.basename(file.people.path)}"
            level = "error" if kind in ERRORS else "suspect"
            rows.append([name, level, len(found), len(cards)])
            if cards:
                groups.append(name)
                shown += cards
    return render(
        "faults.html",
        "Faults of people and images",
        keypoints,
        shown,
        data={
            "layers": [LAYERS["joints"], LAYERS["numbers"]],
            "groups": groups,
        },
        contents=[],
        nouns=("record", "records"),
        paths=[file.people.path for file in checked],
        found=rows,
    )


def _faulty(file: Checked, problems: Sequence[Problem], group: int) -> Iterator[Person]:
    people = file.people
    person_of = {record: person for person, record in enumerate(people.records)}
    for problem in tqdm(problems, "cutting out crops", leave=False, disable=None):
        person = person_of.get(problem.record)
        if person is None or people.crop_sides[person] > MAX_SHOWN_PX:
            continue
        crop = people.centers[person], people.crop_sides[person]
        try:
            pixels = square(os.path.join(file.image_folder, problem.image), *crop)
        except UserError:
            continue  # its problem
        joints = places(people.joints[person], people.visible[person], *crop)
        yield {
            "number": problem.record,
            "image": problem.image,
            "text": f"{problem.kind}: {problem.detail}",
            "picture": jpeg_text(pixels),
            "group": group,
            "skeletons": {"joints": joints},
        }
