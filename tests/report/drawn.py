"""A page as people get it: of drawn people, whose joints are found more or less."""

import json
from unittest.mock import patch

import numpy as np

from ppdet_hourglass.keypoints.keypoint_set import read_keypoints
from ppdet_hourglass.report.crops import bgr_colors, image_text, strip
from ppdet_hourglass.report.evaluation_page import write_report
from ppdet_hourglass.report.study import read_study

from ..modeling.oracle import numpy_targets

#: Heights of the peaks of each stack.
STACKS = (0.4, 0.9)


def drawn_page(sample_people, folder):
    """Write ``report.html`` into a folder; return its path."""
    annotations = sample_people / "annotations/mpii_val.json"
    keypoints = read_keypoints("mpii")
    rows = json.loads(annotations.read_text())
    random = np.random.default_rng(0)
    found = np.array([row["joints"] for row in rows]) - 1
    found += random.normal(0, 3, found.shape)
    found[0] = found[0][list(keypoints.flip_order)]  # left for right
    found[1, 10] += 60  # a wrist that is nowhere
    scores = random.uniform(0.5, 1, found.shape[:2])
    results = folder / "keypoints_results.json"
    results.write_text(
        json.dumps(
            [
                {
                    "image": row["image"],
                    "center": row["center"],
                    "keypoints": np.column_stack(joints).ravel().tolist(),
                }
                for row, *joints in zip(rows, found, scores)
            ]
        )
    )
    images = str(sample_people / "images")
    study = read_study(str(results), str(annotations), images, keypoints)
    size, stride = 64, 4
    steps = size * stride / study.people.crop_sides[:, None, None]
    placed = (found - study.people.centers[:, None]) * steps + size * stride / 2
    maps, _ = numpy_targets(
        placed, np.ones(found.shape[:2]), (stride, stride), (size, size)
    )
    colors = bgr_colors(keypoints)
    stacks = {
        person: [image_text(strip(peak * maps[person], colors)) for peak in STACKS]
        for person in range(2)
    }
    path = folder / "report.html"
    facts = {"Config": "configs/hourglass_sample.yml", "Versions": "Paddle 3.3.1"}
    with patch("ppdet_hourglass.report.evaluation_page.heatmaps", return_value=stacks):
        write_report(study, str(path), heatmaps_of=("", (), 2), facts=facts)
    return path
