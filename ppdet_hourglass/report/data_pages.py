"""Pages about data: a config's training data, and the findings of check-data.

Letters: N people, K joints, H x W pixels of a crop, h x w of a heatmap.
"""

import os
import random
from typing import Any, Dict, Iterator, List, Sequence

import numpy as np
from scipy.spatial.distance import pdist

from ..data.checks.check import ERRORS, PROBLEMS, Checked
from ..data.config_facts import fill_config
from ..data.crop import STRIDE
from ..data.people import People, Problem
from ..data.people_dataset import people_of
from ..errors import UserError
from ..keypoints.keypoint_set import KeypointSet
from ..modeling.peaks import argmax_joints
from .charts import histogram
from .crops import bgr_colors, image_text, overlay, square
from .page import CROP_UNITS, Person, places, render

#: Number of people among whom the example for the joints is chosen.
EXAMPLES = 2000

#: Number of people shown for each problem.
MOST = 60

#: Larger people are not drawn: their size is an impossible value.
MAX_SHOWN_PX = 10_000

JOINTS, TARGETS = ("joints", "skeleton", True), ("targets", "targets", True)
NUMBERS = ("numbers", "numbers", False)


def browse_page(cfg: Any, count: int, seed: int, title: str) -> str:
    """Render a config's training data: samples, keypoint set and distributions.

    Args:
        cfg: a loaded config.
        count: number of people to show, chosen at random.
        seed: seed of the choice and the augmentation.
        title: the page's.

    Returns:
        HTML that works offline.

    Raises:
        UserError: the TrainDataset is missing or wrong, an image cannot be read, or
            the TrainReader gives no crops.
    """
    from ppdet.core.workspace import create

    keypoints = fill_config(cfg)
    dataset = cfg["TrainDataset"]
    people = people_of(dataset, keypoints)
    dataset.set_transform(create("TrainReader")._sample_transforms)
    count = min(count, len(people))
    chosen = np.random.default_rng(seed).choice(len(people), count, replace=False)
    shown = []
    for person in sorted(chosen.tolist()):
        np.random.seed([seed, person])  # a sample depends on seed and person only
        random.seed(f"{seed} {person}")
        shown.append(
            {
                "number": person,
                "image": people.images[person],
                **view_of(dataset[person], keypoints),
            }
        )
    singular, plural = keypoints.nouns
    charts = [
        (people.crop_sides, ("width of the crop, pixels", plural), f"Size of {plural}"),
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
        data={"layers": [JOINTS, TARGETS, NUMBERS], "example": _example(people)},
        contents=[
            ("people", "Samples"),
            ("keypoints", "Keypoints"),
            ("distributions", "Distributions"),
        ],
        total=len(people),
        images=len(set(people.images)),
        source=people.path,
        seed=seed,
        joints=_joint_table(people, keypoints),
        charts=[(histogram(values, axes), text) for values, axes, text in charts],
    )


def view_of(sample: Dict[str, Any], keypoints: KeypointSet) -> Person:
    """What the page shows of a sample: crop, joints, and the targets over the crop.

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
    height, width = crop.shape[:2]
    if "target" in sample:
        targets = np.asarray(sample["target"])
        peaks, heights = argmax_joints(targets[None])
        joints = peaks[0] * np.array([width, height]) / targets.shape[:0:-1]
        known = (np.ravel(sample["target_weight"]) > 0) & (heights[0] > 0)
    elif "joints" in sample:
        import paddle

        from ..modeling.codec import HeatmapCodec

        codec, given = HeatmapCodec(), paddle.to_tensor(sample["joints"][None])
        size = (width // STRIDE, height // STRIDE)
        drawn, weights = codec.encode(given, (STRIDE, STRIDE), size)
        targets, known = drawn[0].numpy(), weights[0, :, 0].numpy() > 0
        joints = sample["joints"][:, :2]
    else:
        raise UserError(
            "TrainReader.sample_transforms must give 'target' or 'joints', but they "
            f"give {', '.join(sorted(sample))}"
        )
    middle = np.array([width, width]) / 2  # of the square from which places count
    return {
        "text": f"{int(known.sum())} of {len(keypoints)} joints have a target",
        "picture": image_text(crop[..., ::-1]),
        "overlay": image_text(overlay(targets, bgr_colors(keypoints))),
        "tall": round(height * CROP_UNITS / width),
        "skeletons": {"joints": places(joints + 0.5, known, middle, width)},
    }


def _joint_table(people: People, keypoints: KeypointSet) -> List[List[Any]]:
    """Each joint with its partner, if there are any, and how often it is annotated."""
    names = [name.replace("_", " ") for name in keypoints.joints]
    order, shares = keypoints.flip_order, 100 * people.visible.mean(axis=0)
    rows = [["", "Joint", "Mirrored", "", "Annotated, %"]]
    for joint, (name, share) in enumerate(zip(names, shares)):
        partner = names[order[joint]] if order[joint] != joint else "–"
        rows.append([joint, name, partner, {"share": share}, f"{share:.1f}"])
    return rows if keypoints.pairs else [row[:2] + row[3:] for row in rows]


def _example(people: People) -> Person:
    """The person with most joints whose nearest two are farthest apart."""
    joints, visible = people.joints[:EXAMPLES], people.visible[:EXAMPLES]
    full = np.flatnonzero(visible.sum(axis=1) == visible.sum(axis=1).max())

    def extent_of(person: int) -> float:
        return max(float(np.ptp(joints[person][visible[person]], axis=0).max()), 1.0)

    def apart(person: int) -> float:
        distances = pdist(joints[person][visible[person]])
        return distances.min(initial=np.inf) / extent_of(person)

    person = int(max(full, key=apart))
    points, extent = joints[person][visible[person]], extent_of(person)
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    placed = places(joints[person], visible[person], middle, extent / 0.84)
    return {"number": person, "skeletons": {"joints": placed}}


def faults_page(checked: Sequence[Checked], keypoints: KeypointSet) -> str:
    """Show the people with a problem whose image can be read.

    Args:
        checked: files with what was found in each.
        keypoints: the people's K joints.

    Returns:
        HTML that works offline.
    """
    shown: List[Person] = []
    groups: List[str] = []
    rows: List[List[Any]] = []
    for file in checked:
        for kind in PROBLEMS:
            found = [problem for problem in file.problems if problem.kind == kind]
            views = list(_faulty(file, found[:MOST]))
            name = kind
            if len(checked) > 1:
                name = f"{kind}, {os.path.basename(file.people.path)}"
            if found:
                level = "error" if kind in ERRORS else "suspect"
                rows.append([name, level, len(found), len(views)])
            if views:
                shown += [{**view, "group": len(groups)} for view in views]
                groups.append(name)
    return render(
        "faults.html",
        "Faults of people and images",
        keypoints,
        shown,
        data={"layers": [JOINTS, NUMBERS], "groups": groups},
        contents=[],
        nouns=("record", "records"),
        paths=[file.people.path for file in checked],
        found=rows,
    )


def _faulty(file: Checked, problems: Sequence[Problem]) -> Iterator[Person]:
    people = file.people
    person_of = {record: person for person, record in enumerate(people.records)}
    for problem in problems:
        person = person_of.get(problem.record)
        if person is None or people.crop_sides[person] > MAX_SHOWN_PX:
            continue
        crop = (people.centers[person], people.crop_sides[person])
        try:
            pixels = square(os.path.join(file.image_folder, problem.image), *crop)
        except UserError:
            continue  # its problem
        joints = places(people.joints[person], people.visible[person], *crop)
        yield {
            "number": problem.record,
            "image": problem.image,
            "text": f"{problem.kind}: {problem.detail}",
            "picture": image_text(pixels),
            "skeletons": {"joints": joints},
        }
