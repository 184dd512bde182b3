"""The page: sections, people and pictures in one file."""

import json
import re
from html import escape
from typing import Any, Dict, List, Optional

import numpy as np

from ..metrics.joint_errors import CLASSES
from . import sections
from .document import asset, document
from .study import Study

#: Positions are written in thousandths of the crop's side.
CROP_UNITS = 1000


def page(
    one: Study,
    title: str,
    pictures: Dict[int, str],
    other: Optional[Study] = None,
    heatmaps: Optional[Dict[int, List[str]]] = None,
) -> str:
    """Put the report together.

    Args:
        one: the evaluation.
        title: heading of the page.
        pictures: base64 JPEG of people's crops, by index.
        other: another evaluation of the same people, to compare with.
        heatmaps: base64 PNG of each stack's ``heatmaps.strip``, by person.

    Returns:
        HTML that needs no other file.
    """
    parts = [sections.figures(one)]
    if other is not None:
        parts.append(sections.against(one, other))
    parts += [sections.causes(one), sections.curves(one), sections.by_person(one)]
    contents = re.findall(r'<section id="(\w+)"><h2>(.*?)</h2>', "".join(parts))
    contents.append(("people", "People"))
    joints = [name.replace("_", " ") for name in one.keypoints.joints]
    return document(
        title,
        "page.html",
        ["page.css"],
        subtitle=f"{len(one)} people of <code>{escape(one.people.path)}</code>, "
        f"predictions of <code>{escape(one.results)}</code>",
        script=asset("page.js"),
        contents="\n".join(f'<a href="#{name}">{text}</a>' for name, text in contents),
        sections="\n".join(parts),
        legend=" ".join(
            f'<span class="key"><span class="mark {name}"></span> {name}</span>'
            for name in CLASSES
        ),
        joints=_options(joints),
        classes=_options(CLASSES),
        data=_as_script(_data(one, pictures, heatmaps or {})),
    )


def _options(names: Any) -> str:
    return "".join(
        f'<option value="{index}">{escape(name)}</option>'
        for index, name in enumerate(names)
    )


def _as_script(data: Dict[str, Any]) -> str:
    """JSON that cannot end the script element which holds it."""
    return json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")


def _data(
    one: Study, pictures: Dict[int, str], heatmaps: Dict[int, List[str]]
) -> Dict[str, Any]:
    """What the page's script reads."""
    return {
        "joints": list(one.keypoints.joints),
        "skeleton": [list(bone) for bone in one.keypoints.skeleton],
        "classes": list(CLASSES),
        "unit": one.thresholds.unit,
        "people": _people(one),
        "pictures": pictures,
        "heatmaps": heatmaps,
    }


def _people(one: Study) -> List[Dict[str, Any]]:
    visible, means = one.truth.visible, one.scores.mean_errors
    truth = _in_crop(one, np.where(visible[..., None], one.truth.joints, 0) - 1)
    predicted = _in_crop(one, one.predicted[..., :2])
    scores = one.predicted[..., 2]
    counted, found = one.scores.counted, one.scores.found
    rank = np.argsort(one.scores.worst_first())
    return [
        {
            "number": person,
            "image": image,
            "truth": _known(truth[person].tolist(), visible[person]),
            "predicted": predicted[person].tolist(),
            "classes": one.classes[person].tolist(),
            "errors": _known(one.errors[person].round(3).tolist(), visible[person]),
            "scores": scores[person].round(3).tolist(),
            "counted": int(counted[person]),
            "found": int(found[person]),
            "error": round(float(means[person]), 3) if counted[person] else None,
            "score": round(float(scores[person].mean()), 3),
            "size": round(float(one.sides[person])),
            "neighbours": int(one.neighbours[person]),
            "rank": int(rank[person]),
        }
        for person, image in enumerate(one.people.images)
    ]


def _in_crop(one: Study, places: np.ndarray) -> np.ndarray:
    """Positions (N, K, 2) from 0-based pixels of the picture to the crop's units."""
    corner = one.centers - one.sides[:, None] / 2
    units = CROP_UNITS / one.sides[:, None, None]
    return ((places - corner[:, None]) * units).round().astype(int)


def _known(values: List[Any], visible: np.ndarray) -> List[Any]:
    return [value if known else None for value, known in zip(values, visible)]
