"""A whole sample picture: background, people, things in front, and the records."""

from typing import List, Optional, Tuple

import numpy as np

from .annotation import Record, make_record
from .person import Person, sample_person
from .placement import inside, place_aside, place_main
from .scene import background, develop, draw_occluder
from .skeleton import INDEX
from .style import SceneStyle

#: Fewest joints inside of the picture for a person to get a record.
_FEWEST_JOINTS = 8
#: Stature relative to the main person's: an annotated companion, a bystander.
_COMPANION = (0.85, 1.1)
_BYSTANDER = (0.45, 0.7)


def sample_picture(
    rng: np.random.Generator, name: str, size: int, style: SceneStyle
) -> Tuple[np.ndarray, List[Record]]:
    """A BGR picture of about `size` pixels a side and the records of its people."""
    width, height = (int(round(size * rng.uniform(*style.side))) for _ in range(2))
    frame = np.array([width, height], float)
    image = background(rng, width, height, style)
    light = np.array([rng.uniform(-0.9, 0.9), -0.6])
    main = place_main(rng, sample_person(rng, style), frame, size, style)
    annotated = [main]
    if rng.random() < style.bystander_share:
        place_aside(rng, sample_person(rng, style), main, _BYSTANDER).draw(
            rng, image, light
        )
    if rng.random() < style.second_share:
        companion = place_aside(rng, sample_person(rng, style), main, _COMPANION)
        companion.draw(rng, image, light)
        annotated.append(companion)
    main.draw(rng, image, light)
    if rng.random() < style.occluder_share:
        draw_occluder(rng, image, main.joints, main.skeleton.unit)
    records = [annotate(rng, name, person, frame, style) for person in annotated]
    picture = develop(rng, image, style.noise)
    return picture, [record for record in records if record is not None]


def annotate(
    rng: np.random.Generator,
    name: str,
    person: Person,
    frame: np.ndarray,
    style: SceneStyle,
) -> Optional[Record]:
    """The person's record, None where too little of them is inside of `frame` (2,)."""
    visible = inside(person.joints, frame)
    head = visible[[INDEX["upper_neck"], INDEX["head_top"]]].all()
    if not head or visible.sum() < _FEWEST_JOINTS:
        return None
    unit = person.skeleton.unit
    seen = person.joints[visible]
    middle = (seen.min(axis=0) + seen.max(axis=0)) / 2
    scatter = np.clip(rng.normal(0.0, 1.0, 2), -2.0, 2.0) * style.centre_spread
    centre = middle + unit * (scatter - (0.0, style.centre_rise))
    return make_record(name, person.joints, visible, centre, unit)
