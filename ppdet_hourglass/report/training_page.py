"""The page about what a config trains on.

Letters: K joints, H x W pixels of a crop, h x w of a heatmap.
"""

import base64
from html import escape
from typing import List, Sequence

import cv2
import numpy as np

from ..drawing.poses import bone_side
from ..keypoints.keypoint_set import KeypointSet
from .charts import histogram
from .document import asset, document
from .overlay import overlay, side_colors
from .pictures import JPEG_QUALITY
from .sections import bar, figure, section, table
from .training import TrainingPeople, TrainingSample

#: Width of a drawing in the units of its ``viewBox``.
UNITS = 1000

#: People among whom the one to show the joints' names on is looked for.
EXAMPLES = 2000


def training_page(
    people: TrainingPeople, samples: Sequence[TrainingSample], title: str, seed: int
) -> str:
    """Put the page together; returns HTML that needs no other file."""
    pictures = len(set(people.images.tolist()))
    joints = enumerate(people.keypoints.joints)
    return document(
        title,
        "training.html",
        ["page.css", "training.css"],
        subtitle=f"{len(people)} people in {pictures} pictures of "
        f"<code>{escape(people.source)}</code>, {len(samples)} of them shown (seed "
        f"{seed})",
        script=asset("training.js"),
        joints="".join(
            f'<option value="{k}">{k} {_named(name)}</option>' for k, name in joints
        ),
        cards="".join(_card(sample, people) for sample in samples),
        sections=_keypoints(people) + _distributions(people),
    )


def _named(joint: str) -> str:
    return escape(joint.replace("_", " "))


def _card(sample: TrainingSample, people: TrainingPeople) -> str:
    height, width = sample.crop.shape[:2]
    zoom = UNITS / width
    tall = round(height * zoom)
    targets = overlay(sample.targets, side_colors(people.keypoints))
    layers = [
        _image(".jpg", sample.crop[..., ::-1], "crop", tall),
        _image(".png", targets, "targets", tall),
        skeleton(zoom * (sample.joints + 0.5), sample.visible, people.keypoints),
    ]
    shown, all_joints = int(sample.visible.sum()), len(people.keypoints)
    caption = (
        f"<b>Person {sample.person}</b>picture {people.images[sample.person]}, "
        f"{shown} of {all_joints} joints have a target"
    )
    return (
        f'<figure class="person"><svg class="view" viewBox="0 0 {UNITS} {tall}" '
        f'style="aspect-ratio:{UNITS}/{tall}" role="img" '
        f'aria-label="person {sample.person}">{"".join(layers)}</svg>'
        f'<figcaption class="caption">{caption}</figcaption></figure>'
    )


def _image(kind: str, pixels: np.ndarray, layer: str, height: int) -> str:
    """An ``<image>`` of (H, W, 3) BGR or (H, W, 4) BGRA pixels, as wide as the view."""
    quality = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY] if kind == ".jpg" else []
    content = cv2.imencode(kind, pixels, quality)[1].tobytes()
    text = base64.b64encode(content).decode()
    media = {".jpg": "image/jpeg", ".png": "image/png"}[kind]
    return (
        f'<image class="{layer}" width="{UNITS}" height="{height}" '
        f'preserveAspectRatio="none" href="data:{media};base64,{text}"/>'
    )


def skeleton(joints: np.ndarray, visible: np.ndarray, keypoints: KeypointSet) -> str:
    """Bones, joints and their numbers as SVG.

    Args:
        joints: (K, 2) in the units of the view.
        visible: (K,) bool, which joints to draw; a bone is drawn if both its ends are.
    """
    parts = []
    for bone in keypoints.skeleton:
        if visible[list(bone)].all():
            (x1, y1), (x2, y2) = joints[list(bone)].round().astype(int).tolist()
            side = bone_side(keypoints, bone) or "middle"
            ends = f'x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"'
            parts.append(f'<line class="{side}" {ends}/>')
    for k in np.flatnonzero(visible).tolist():
        x, y = joints[k].round().astype(int).tolist()
        side = keypoints.side(k) or "middle"
        parts.append(
            f'<g class="joint" data-joint="{k}"><circle class="{side}" cx="{x}" '
            f'cy="{y}" r="14"><title>{_named(keypoints.joints[k])}</title></circle>'
            f'<text x="{x + 22}" y="{y + 14}">{k}</text></g>'
        )
    return f'<g class="joints">{"".join(parts)}</g>'


def _keypoints(people: TrainingPeople) -> str:
    """The skeleton on an example, and each joint with its partner and share."""
    keypoints = people.keypoints
    order, shares = keypoints.flip_order, 100 * people.visible.mean(axis=0)
    rows: List[List[str]] = []
    for k, (name, share) in enumerate(zip(keypoints.joints, shares)):
        partner = _named(keypoints.joints[order[k]]) if order[k] != k else "–"
        shown = bar({"share": share})
        rows.append([str(k), _named(name), partner, shown, f"{share:.1f}"])
    head = ["", "Joint", "Mirrored", "", "Annotated, %"]
    return section(
        "keypoints",
        "Keypoints",
        f"<p>Of <code>{escape(keypoints.source)}</code>. A mirrored picture exchanges "
        "each joint with its partner.</p>",
        f'<div class="charts">{_example(people)}{table(head, rows)}</div>',
    )


def _example(people: TrainingPeople) -> str:
    """The person with most joints whose nearest two are farthest apart."""
    joints, visible = people.joints[:EXAMPLES], people.visible[:EXAMPLES]
    full = np.flatnonzero(visible.sum(axis=1) == visible.sum(axis=1).max())
    apart = [_spread(joints[person][visible[person]]) for person in full]
    person = full[int(np.argmax(apart))]
    shown = visible[person]
    low = joints[person][shown].min(axis=0)
    extent = max(float(np.ptp(joints[person][shown], axis=0).max()), 1.0)
    middle = low + np.ptp(joints[person][shown], axis=0) / 2
    placed = (joints[person] - middle) / extent * 0.84 * UNITS + UNITS / 2
    view = (
        f'<svg class="view figure" viewBox="0 0 {UNITS} {UNITS}" role="img" '
        f'aria-label="skeleton">{skeleton(placed, shown, people.keypoints)}</svg>'
    )
    return figure(view, f"Joints and skeleton, on person {person}")


def _spread(points: np.ndarray) -> float:
    """Smallest distance between two points (M, 2), as a share of their extent."""
    distances = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    return float(distances.min() / max(np.ptp(points, axis=0).max(), 1e-9))


def _distributions(people: TrainingPeople) -> str:
    counts = np.unique(people.images, return_counts=True)[1]
    charts = [
        (people.sides, ("width of the crop, pixels", "people"), "Size of the people"),
        (
            people.visible.sum(axis=1),
            ("annotated joints", "people"),
            "Annotated joints of each person",
        ),
        (counts, ("people", "pictures"), "People in each picture"),
    ]
    figures = [figure(histogram(data, axes), text) for data, axes, text in charts]
    body = f'<div class="charts">{"".join(figures)}</div>'
    return section("distributions", "Distributions", body)
