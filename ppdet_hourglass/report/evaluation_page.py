"""The report of an evaluation: a page, a table of people, and an image of the worst.

Letters: N people, K joints, S stacks, h x w pixels of a heatmap.
"""

import csv
import io
import logging
import os
import re
import sys
import time
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Tuple

import cv2
import numpy as np

from ..drawing.tiles import draw_worst
from ..errors import UserError
from ..files import read_yaml, write_whole
from ..keypoints.keypoint_set import BOX, HEAD_BOX, TORSO
from ..metrics.joint_errors import CLASSES, INVERSION, NONE, repair_gains
from ..metrics.pck import paired_difference
from . import IMAGES
from .charts import line_chart
from .crops import crops, heatmaps
from .page import places, render
from .study import Study

logger = logging.getLogger(__name__)

#: People in the image of the worst.
WORST_PEOPLE = 12

#: Published figures of other projects on MPII's 2958 validation people.
PUBLISHED, MPII_PEOPLE = str(Path(__file__).with_name("published.yml")), 2958

#: The threshold of HRNet's and PaddleDetection's "Mean@0.1".
HRNET_STRICT = 0.11

#: Bins of the calibration, by score.
SCORE_BINS = 10

#: What each unit of the errors means.
UNITS = {
    HEAD_BOX: "A head size is 0.6 times the diagonal of the head box.",
    TORSO: "The torso's length is the distance between {0} and {1}.",
    BOX: "A box side is the longer side of the box.",
}

#: Columns of the table of people, and of each of its joints.
FIGURES = ("record", "image", "annotated", "found", "mean_error", "mean_score")
FIGURES += ("crop_px", "others_in_crop")
COLUMNS = ("error", "class")

#: Codes and names of classes of errors.
Kinds = Sequence[Tuple[int, str]]

#: A network: its config, ``KEY=VALUE`` options, and the number of people to run it on.
Network = Tuple[str, Sequence[str], int]


def report_path(results: str) -> str:
    """Path of a results file's page: ``report.html`` beside it.

    The page of ``keypoints_results_mpii_test.json`` is ``report_mpii_test.html``.
    """
    folder, name = os.path.split(results)
    part = re.fullmatch(r"keypoints_results(_.*)\.json", name)
    return os.path.join(folder, f"report{part[1] if part else ''}.html")


def write_report(
    study: Study,
    output: Optional[str] = None,
    images: int = IMAGES,
    against: Optional[Study] = None,
    heatmaps_of: Optional[Network] = None,
    facts: Optional[Dict[str, str]] = None,
) -> None:
    """Write the page, and beside it its people as CSV and the worst as JPEG.

    Args:
        study: the evaluation.
        output: the page; by default, that of :func:`report_path`.
        images: number of people, the worst, whose images the page holds.
        against: another evaluation of the same people, to compare with.
        heatmaps_of: the network whose heatmaps of the worst people the page shows.
        facts: facts about the evaluation by name, such as its weights.

    Raises:
        UserError: the network is wrong or predicts other joints, or a file cannot be
            written.
    """
    output = output or report_path(study.results)
    people = _people(study)
    pictured = crops(study, images)
    for person, text in pictured.items():
        people[person]["picture"] = text
    if heatmaps_of:
        config, options, count = heatmaps_of
        stacks = heatmaps(study, config, options, list(pictured)[:count])
        for person, texts in stacks.items():
            people[person]["stacks"] = texts
    write_whole(output, _page(study, people, against, facts or {}).encode())
    stem = os.path.splitext(output)[0]
    write_whole(f"{stem}.csv", table_of(study).encode())
    logger.info(f"report written to {output} (open it in a browser) and {stem}.csv")
    try:
        image = draw_worst(
            study.people,
            study.image_folder,
            study.predicted,
            study.scores,
            study.keypoints,
            WORST_PEOPLE,
        )
    except UserError as error:
        logger.warning(f"{stem}.jpg is not written: {error}")
    else:
        write_whole(f"{stem}.jpg", cv2.imencode(".jpg", image)[1].tobytes())


def evaluation_facts(config: str = "", weights: str = "") -> Dict[str, str]:
    """Facts for the page's head about the evaluation that has just run."""
    package = __name__.split(".")[0]
    modules = {package: package, "Paddle": "paddle", "PaddleDetection": "ppdet"}
    versions = {
        name: getattr(sys.modules[module], "__version__", "unknown")
        for name, module in modules.items()
        if module in sys.modules
    }
    facts = {
        "Config": config,
        "Weights": weights,
        "Date": time.strftime("%Y-%m-%d %H:%M"),
        "Versions": ", ".join(f"{name} {text}" for name, text in versions.items()),
    }
    return {name: text for name, text in facts.items() if text}


def _page(
    study: Study,
    people: List[Dict[str, Any]],
    against: Optional[Study],
    facts: Dict[str, str],
) -> str:
    keypoints, limits = study.keypoints, study.limits
    kinds = list(enumerate(CLASSES))
    if not keypoints.pairs:  # there is no mirrored joint
        kinds.pop(INVERSION)
    names = [name.replace("_", " ") for name in keypoints.joints]
    torso = [names[joint] for joint in keypoints.torso or ()]
    folder = os.path.basename(os.path.dirname(os.path.abspath(study.results)))
    return render(
        "evaluation.html",
        f"{limits.title} of {folder}",
        keypoints,
        people,
        data={
            "unit": limits.unit,
            "classes": list(CLASSES),
            "orders": [
                ("worst first", "rank", 1),
                ("largest error", "error", -1),
                ("lowest score", "score", 1),
                (f"smallest {keypoints.nouns[0]}", "size", 1),
                ("as annotated", "number", 1),
            ],
            "layers": [
                ("truth", "annotated", True),
                ("predicted", "predicted", True),
                ("numbers", "numbers", False),
            ],
        },
        contents=[
            ("figures", limits.title),
            *([("against", "Comparison")] if against else []),
            ("causes", "Why joints are wrong"),
            ("curves", "Accuracy"),
            ("groups", f"Which {keypoints.nouns[1]} are hard"),
            ("people", keypoints.nouns[1].capitalize()),
        ],
        kinds=kinds,
        study=study,
        limits=limits,
        facts=facts,
        unit_text=UNITS[keypoints.normaliser].format(*torso),
        unscored=[names[joint] for joint in keypoints.unscored],
        figures=_figures(study),
        comparison=_comparison(study, against) if against else None,
        causes=_causes(study, kinds),
        by_joint=_causes_by_joint(study, kinds),
        charts=[_curves(study), _calibration(study)],
        groups=_group_figures(study),
    )


def _figures(study: Study) -> List[List[str]]:
    """The metric's figures, above published ones where they are comparable."""
    own = study.result.figures()
    rows = [
        ["", *own],
        ["This evaluation", *(f"{value:.1f}" for value in own.values())],
    ]
    if study.keypoints.normaliser == HEAD_BOX and len(study) == MPII_PEOPLE:
        for line in read_yaml(PUBLISHED):
            cells = [f"{line[name]:.1f}" if name in line else "" for name in own]
            rows.append([f"{line['name']}, {line['size']} px (published)", *cells])
    return rows


def _comparison(study: Study, other: Study) -> Dict[str, Any]:
    """Compare an evaluation with another one of the same people."""
    limits, counted = study.limits, study.scores.counted
    rows = []
    for name, threshold in (
        ("Mean", limits.threshold),
        (f"Mean@{limits.strict:g}", limits.strict),
    ):
        before, now = other.found(threshold), study.found(threshold)
        difference = paired_difference(before, now, counted)
        real = difference.low > 0 or difference.high < 0
        rows.append(
            [
                name,
                f"{100 * before.sum() / counted.sum():.2f}",
                f"{100 * now.sum() / counted.sum():.2f}",
                f"{difference.points:+.2f}",
                f"{difference.low:+.2f} to {difference.high:+.2f}",
                "yes" if real else "no",
            ]
        )
    joints = [
        [name, *(f"{run.result.per_joint[name]:.1f}" for run in (other, study))]
        for name, _ in _joint_groups(study)
    ]
    gained = study.found(limits.threshold) - other.found(limits.threshold)

    def most(gain: np.ndarray) -> List[Tuple[int, int]]:
        order = np.argsort(-gain, kind="stable").tolist()
        return [(person, int(gain[person])) for person in order if gain[person] > 0]

    return {
        "results": other.results,
        "figures": rows,
        "joints": joints,
        "gained": most(gained),
        "lost": most(-gained),
    }


def _causes(study: Study, kinds: Kinds) -> List[Tuple[str, str, float, Any]]:
    """Name, meaning, share and cost of each class of errors."""
    gains = repair_gains(study.classes, study.truth)
    scored = np.where(study.truth.scored, study.classes, NONE)
    noun = study.keypoints.nouns[0]
    return [
        (name, CLASSES[name].replace("person", noun), share, gains[name])
        for name, share in _shares(scored, kinds).items()
    ]


def _causes_by_joint(study: Study, kinds: Kinds) -> List[List[Any]]:
    """For each row of joints: number, a bar of the classes' shares, and the shares."""
    rows = []
    for name, ids in _joint_groups(study):
        classes = study.classes[:, ids]
        shares = _shares(classes, kinds)
        cells = [f"{share:.1f}" for share in shares.values()]
        rows.append([name, (classes != NONE).sum(), shares, *cells])
    return rows


def _shares(classes: np.ndarray, kinds: Kinds) -> Dict[str, float]:
    """Percentage of the annotated joints that are in each class, by its name."""
    total = max((classes != NONE).sum(), 1)
    return {name: 100.0 * (classes == code).sum() / total for code, name in kinds}


def _joint_groups(study: Study) -> List[Tuple[str, List[int]]]:
    """Rows of the metric's table of which a joint is annotated."""
    rows = [(name, list(ids)) for name, ids in study.keypoints.groups.items()]
    return [(name, ids) for name, ids in rows if study.truth.visible[:, ids].any()]


def _found(study: Study, ids: Sequence[int], limits: np.ndarray) -> np.ndarray:
    """Percentage of some annotated joints with an error of at most each limit."""
    errors = np.sort(study.errors[:, ids][study.truth.visible[:, ids]])
    return 100.0 * np.searchsorted(errors, limits, side="right") / max(len(errors), 1)


def _curves(study: Study) -> Tuple[str, str]:
    limits = np.linspace(0, study.limits.threshold, 101)
    lines = {
        name: (limits, _found(study, ids, limits)) for name, ids in _joint_groups(study)
    }
    mean = np.flatnonzero(study.truth.scored.any(axis=0)).tolist()
    lines["Mean"] = (limits, _found(study, mean, limits))
    strict = study.limits.strict
    marks = [(strict, f"{strict:.2f} ", "right")]
    if study.keypoints.normaliser == HEAD_BOX:
        marks.append((HRNET_STRICT, f" {HRNET_STRICT:.2f}", "left"))
    labels = (f"threshold, {study.limits.unit}", "joints found, %")
    return line_chart(lines, labels, marks, "Mean"), "Joints found, by threshold"


def _calibration(study: Study) -> Tuple[str, str]:
    """Share of joints found by score, in bins of equally many joints."""
    scored = study.truth.scored
    scores = study.predicted[..., 2][scored]
    found = (study.errors <= study.limits.threshold)[scored]
    bins = np.array_split(np.argsort(scores, kind="stable"), SCORE_BINS)
    bins = [indices for indices in bins if len(indices)]
    means = np.array([scores[indices].mean() for indices in bins])
    shares = np.array([100.0 * found[indices].mean() for indices in bins])
    chart = line_chart({"found": (means, shares)}, ("score", "joints found, %"))
    return chart, "Joints found, by the network's score"


def _group_figures(study: Study) -> Dict[str, List[List[Any]]]:
    """The mean figures of groups of people, by property."""
    found, strict = (
        study.found(study.limits.threshold),
        study.found(study.limits.strict),
    )
    tables: Dict[str, List[List[Any]]] = {}
    for title, named in study.groups().items():
        rows = tables[title] = []
        for name, people in named.items():
            total = max(study.scores.counted[people].sum(), 1)
            mean = 100.0 * found[people].sum() / total
            exact = 100.0 * strict[people].sum() / total
            bar = {"share": mean}
            rows.append([name, len(people), bar, f"{mean:.1f}", f"{exact:.1f}"])
    return tables


def _people(study: Study) -> List[Dict[str, Any]]:
    """What the page's script shows of each person."""
    visible, scores = study.truth.visible, study.scores
    sides, everything = study.people.crop_sides, np.ones(len(study.keypoints), bool)
    rank = np.argsort(scores.worst_first())
    singular, plural = study.keypoints.nouns
    shown = []
    for person, image in enumerate(study.people.images):
        crop = (study.people.centers[person], sides[person])
        joints, confidence = np.split(study.predicted[person], [2], axis=1)
        score, near = float(confidence.mean()), int(study.neighbours[person])
        error, text = None, "no joint is annotated"
        if scores.counted[person]:
            error = round(float(scores.mean_errors[person]), 3)
            text = f"{scores.found[person]} of {scores.counted[person]} joints found, "
            text += f"mean error {error:.2f}"
        others = f"{near or 'no'} other {singular if near == 1 else plural} in the crop"
        errors = study.errors[person].round(3).tolist()
        shown.append(
            {
                "number": person,
                "image": image,
                "text": text,
                "facts": f"{text}; crop of {sides[person]:.0f} px, {others}; mean "
                f"score {score:.2f}.",
                "skeletons": {
                    "truth": places(study.truth.joints[person], visible[person], *crop),
                    "predicted": places(joints, everything, *crop),
                },
                "classes": study.classes[person].tolist(),
                "errors": [e if v else None for e, v in zip(errors, visible[person])],
                "scores": confidence[:, 0].round(3).tolist(),
                "rank": int(rank[person]),
                "error": error,
                "score": round(score, 3),
                "size": round(float(sides[person])),
            }
        )
    return shown


def table_of(study: Study) -> str:
    """A row per person as CSV: figures, and error and class of each joint."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    joints = [f"{name}_{what}" for name in study.keypoints.joints for what in COLUMNS]
    writer.writerow([*FIGURES, *joints])
    kinds, scores = [*CLASSES, ""], study.scores  # the last is -1's, not annotated
    for person, image in enumerate(study.people.images):
        row = [person, image, scores.counted[person], scores.found[person]]
        row += [f"{scores.mean_errors[person]:.4f}"]
        row += [f"{study.predicted[person, :, 2].mean():.4f}"]
        row += [f"{study.people.crop_sides[person]:.1f}", study.neighbours[person]]
        for error, code in zip(study.errors[person], study.classes[person]):
            row += ["" if code == NONE else f"{error:.4f}", kinds[code]]
        writer.writerow(row)
    return file.getvalue()
