"""A page of the people in whom ``check-data`` found a fault, for a look at each."""

import os
from html import escape
from typing import Iterator, List, Tuple

import numpy as np
from tqdm import tqdm

from ..data.checks.people_file import PeopleFile
from ..data.checks.problems import PROBLEMS, Finding
from ..data.crop import PADDING, PIXELS_PER_SCALE
from ..drawing import draw_pose
from ..errors import UserError
from ..keypoints.keypoint_set import KeypointSet
from .document import document
from .pictures import SIDE_PX, jpeg_text, square

#: Of each problem so many people are shown.
MOST = 60

#: Larger people are not drawn: their size is an impossible value.
MAX_SHOWN_PX = 10_000

CARD = (
    '<figure class="person"><img alt="" src="data:image/jpeg;base64,{picture}" '
    'style="width: 100%"><figcaption class="caption"><b>record {record}</b>{image}'
    "<br>{detail}</figcaption></figure>"
)


def suspects_page(
    checked: List[Tuple[PeopleFile, List[Finding], str]], keypoints: KeypointSet
) -> str:
    """HTML that shows the people with a problem whose picture can be read.

    Args:
        checked: files, what was found in each, and the folder of its images.
        keypoints: the people's K joints.
    """
    sections = []
    for file, findings, folder in checked:
        sections.append(f"<h2><code>{escape(file.path)}</code></h2>")
        for problem in PROBLEMS:
            those = [found for found in findings if found.problem == problem]
            cards = list(_cards(file, those[:MOST], folder, keypoints))
            if cards:
                sections.append(
                    f"<h2>{problem.name}: {len(cards)} of {len(those)}</h2>"
                )
                sections.append(f'<div class="cards">{"".join(cards)}</div>')
    return document(
        "Faults of people and pictures",
        "suspects.html",
        ["page.css"],
        sections="\n".join(sections) or "<p>Nothing was found.</p>",
    )


def _cards(
    file: PeopleFile, findings: List[Finding], folder: str, keypoints: KeypointSet
) -> Iterator[str]:
    person_of = {record: person for person, record in enumerate(file.sound)}
    for found in tqdm(findings, "cutting people out", leave=False, disable=None):
        person = person_of.get(found.record)
        side = 0.0 if person is None else file.people.scales[person] * PIXELS_PER_SCALE
        if not 0 < side < MAX_SHOWN_PX:
            continue
        path = os.path.join(folder, found.image)
        try:
            picture = _drawn(file, person, path, side * PADDING, keypoints)
        except UserError:
            continue  # its problem
        yield CARD.format(
            picture=jpeg_text(picture),
            record=found.record,
            image=escape(found.image),
            detail=escape(found.detail),
        )


def _drawn(
    file: PeopleFile, person: int, path: str, side: float, keypoints: KeypointSet
) -> np.ndarray:
    """A person's square with the annotated joints, SIDE_PX wide and high."""
    center = file.people.centers[person] - 1
    joints = file.people.joints[person] - 1
    joints = (joints - center + side / 2) * SIDE_PX / side
    visible = file.people.visible[person] > 0
    return draw_pose(square(path, center, side), joints, keypoints, visible)
