"""Pages that show people with their joints: one template, style sheet and script.

A page is one HTML file that works offline.  ``page.html`` holds what all pages share,
``page.js`` draws the people.  Positions are in thousandths of the crop's width, from
its upper left corner.

Letters: K joints, H x W pixels of an image, h x w of a heatmap.
"""

from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ..drawing.poses import bone_colors, joint_colors
from ..keypoints.keypoint_set import KeypointSet

HERE = Path(__file__).parent

#: Width of a crop in the units of positions.
CROP_UNITS = 1000

Person = Dict[str, Any]
Place = Optional[List[int]]


def render(
    template: str,
    title: str,
    keypoints: KeypointSet,
    people: Sequence[Person],
    **values: Any,
) -> str:
    """Render a page; names and texts are escaped.

    Args:
        template: file of this folder that extends ``page.html``.
        title: heading of the page.
        keypoints: the people's K joints.
        people: what ``page.js`` shows of each: ``number``, ``image``, ``text`` below
            the crop, ``skeletons`` by layer, each K places, and optionally ``facts``,
            ``picture``, ``tall``, ``overlay``, ``stacks`` and values to filter and
            order by.
        values: what the template and, as ``data``, its script need beside that;
            ``nouns`` if what is shown has other names than the keypoint set's.
    """
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":")}
    singular, plural = values.pop("nouns", keypoints.nouns)
    data = {
        "noun": singular.capitalize(),
        "plural": plural,
        "joints": [name.replace("_", " ") for name in keypoints.joints],
        "skeleton": keypoints.skeleton,
        "colors": [f"rgb{color}" for color in joint_colors(keypoints)],
        "boneColors": [f"rgb{color}" for color in bone_colors(keypoints)],
        "people": people,
        "classes": [],
        "groups": [],
        "orders": [],
        "layers": [],
        "example": None,
        "unit": "",
        **values.pop("data", {}),
    }
    return environment.get_template(template).render(
        title=title,
        style=Markup((HERE / "page.css").read_text(encoding="utf-8")),
        script=Markup((HERE / "page.js").read_text(encoding="utf-8")),
        keypoints=keypoints,
        person=singular,
        people=plural,
        data=data,
        **{"kinds": [], **values},
    )


def places(
    joints: np.ndarray, known: np.ndarray, center: np.ndarray, side: float
) -> List[Place]:
    """K places in a square crop; None for joints (K, 2) that are not ``known``.

    ``center`` (2,) and ``side`` are the crop's, in pixels of the joints' image.
    """
    corner = center - side / 2
    with np.errstate(invalid="ignore"):  # unknown joints may be NaN
        units = (np.where(known[:, None], joints, 0) - corner) * (CROP_UNITS / side)
    rounded = units.round().astype(int).tolist()
    return [place if is_known else None for place, is_known in zip(rounded, known)]
