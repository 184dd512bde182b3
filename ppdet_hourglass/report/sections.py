"""The report's sections of tables and charts, as HTML.

Letters: N people, K joints.
"""

from html import escape
from pathlib import Path
from typing import Dict, Iterable, List, Sequence, Tuple

import numpy as np

from ..files import read_yaml
from ..keypoints.keypoint_set import HEAD_BOX
from ..metrics.bootstrap import paired_difference
from ..metrics.joint_errors import CLASSES, NONE, repaired
from .charts import line_chart
from .study import Study, groups

#: Figures that others published, of MPII's 2958 validation people.
PUBLISHED, MPII_PEOPLE = str(Path(__file__).with_name("published.yml")), 2958

PERCENTILES = (50, 75, 90, 95, 99)

#: Threshold at which HRNet and PaddleDetection take "Mean@0.1".
HRNET_STRICT = 0.11

#: Bins of the calibration, by score.
SCORE_BINS = 10

#: Largest number of people in a list of who got better or worse.
LISTED = 12


def table(head: Sequence[str], rows: Iterable[Sequence[str]], own: bool = False) -> str:
    """A table of cells that are HTML already; ``own`` emphasises the first row."""
    lines = [f"<tr>{''.join(f'<th>{cell}</th>' for cell in head)}</tr>"]
    for index, row in enumerate(rows):
        opening = '<tr class="own">' if own and index == 0 else "<tr>"
        lines.append(opening + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>")
    return f'<div class="scroll"><table>{"".join(lines)}</table></div>'


def section(name: str, title: str, *parts: str) -> str:
    """A section with a heading, reachable as ``#name``."""
    return f'<section id="{name}"><h2>{escape(title)}</h2>{"".join(parts)}</section>'


def figures(one: Study) -> str:
    """The metric's table, beside published figures where they are comparable."""
    own = {"": "This evaluation", **_rounded(one.result.figures())}
    rows = [own]
    note = ""
    if one.keypoints.normaliser == HEAD_BOX and len(one) == MPII_PEOPLE:
        for line in read_yaml(PUBLISHED):
            name = f"{line.pop('name')}, {line.pop('size')} px (published)"
            rows.append({"": name, **_rounded(line)})
        note = "<p class='note'>Mean@0.1 is at 0.10 head sizes in every row.</p>"
    cells = [[escape(row.get(key, "")) for key in own] for row in rows]
    head = [escape(key) for key in own]
    return section("figures", one.thresholds.title, table(head, cells, own=True), note)


def _rounded(values: Dict[str, float]) -> Dict[str, str]:
    return {key: f"{value:.1f}" for key, value in values.items()}


def curves(one: Study) -> str:
    """PCK over the threshold, percentiles of the errors, and calibration."""
    limits = np.linspace(0, one.thresholds.threshold, 101)
    lines = {
        name: (limits, _found(one.errors[:, ids], one.truth.visible[:, ids], limits))
        for name, ids in _joint_groups(one)
    }
    lines["Mean"] = (limits, _found(one.errors, one.truth.scored, limits))
    unit = one.thresholds.unit
    marks = [(one.thresholds.strict, f"{one.thresholds.strict:.2f} ", "right")]
    if one.keypoints.normaliser == HEAD_BOX:
        marks.append((HRNET_STRICT, f" {HRNET_STRICT:.2f}", "left"))
    curve = line_chart(
        lines, (f"threshold, {unit}", "joints found, %"), marks, bold="Mean"
    )
    parts = [
        figure(curve, "Share of joints found, by threshold"),
        figure(_calibration(one), "Joints found, by the network's score"),
    ]
    rows = [
        [escape(name), *(f"{value:.2f}" for value in _percentiles(one, ids))]
        for name, ids in _joint_groups(one)
    ]
    head = ["Joint", *(f"{percent} %" for percent in PERCENTILES)]
    text = f"<h2>Errors in {unit}, by percentile</h2>"
    charts = f'<div class="charts">{"".join(parts)}</div>'
    return section("curves", "Accuracy", charts, text, table(head, rows))


def figure(svg: str, caption: str) -> str:
    """A drawing with its caption."""
    return f"<figure>{svg}<figcaption>{escape(caption)}</figcaption></figure>"


def _joint_groups(one: Study) -> List[Tuple[str, List[int]]]:
    return [
        (name, list(ids))
        for name, ids in one.keypoints.groups.items()
        if one.truth.visible[:, list(ids)].any()
    ]


def _found(errors: np.ndarray, counted: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """Percentage of the counted joints with an error of at most each limit."""
    sorted_errors = np.sort(errors[counted])
    within = np.searchsorted(sorted_errors, limits, side="right")
    return 100.0 * within / max(len(sorted_errors), 1)


def _percentiles(one: Study, ids: Sequence[int]) -> np.ndarray:
    return np.percentile(one.errors[:, ids][one.truth.visible[:, ids]], PERCENTILES)


def _calibration(one: Study) -> str:
    """Share of joints found against their score, in bins of equally many joints."""
    scored = one.truth.scored
    scores = one.predicted[..., 2][scored]
    found = (one.errors <= one.thresholds.threshold)[scored]
    bins = np.array_split(np.argsort(scores, kind="stable"), SCORE_BINS)
    bins = [indices for indices in bins if len(indices)]
    means = np.array([scores[indices].mean() for indices in bins])
    shares = np.array([100.0 * found[indices].mean() for indices in bins])
    return line_chart({"found": (means, shares)}, ("score", "joints found, %"))


def causes(one: Study) -> str:
    """Classes of errors for each group of joints, and what each class costs."""
    limits = one.thresholds
    strict = f"Mean@{limits.strict:g}"
    gains = repaired(one.classes, one.truth)
    scored = np.where(one.truth.scored, one.classes, NONE)
    explained = [
        [
            f'<span class="tag {name}">{name}</span> {meaning}',
            f"{_share(scored, code):.1f}&nbsp;%",
            *(f"+{gain:.1f}" if gain else "" for gain in gains[name]),
        ]
        for code, (name, meaning) in enumerate(CLASSES.items())
    ]
    head = ["Class", "Joints", "Mean if repaired", f"{strict} if repaired"]
    return section(
        "causes",
        "Why joints are wrong",
        "<p>Each annotated joint is in one class, measured in "
        f"{limits.unit}: good up to {limits.strict:g}, jitter up to "
        f"{limits.threshold:g}; what is farther off is named after what lies there. "
        f"Each column on the right adds up to 100 with its figure.</p>",
        table(head, explained),
        "<h2>By joint, %</h2>",
        table(
            ["Joint", "Annotated", "", *CLASSES],
            (_by_class(name, one.classes[:, ids]) for name, ids in _joint_groups(one)),
        ),
    )


def _by_class(name: str, classes: np.ndarray) -> List[str]:
    """A row of the classes' shares, with a bar."""
    shares = {key: _share(classes, code) for code, key in enumerate(CLASSES)}
    cells = [f"{share:.1f}" for share in shares.values()]
    return [escape(name), str((classes != NONE).sum()), bar(shares), *cells]


def _share(classes: np.ndarray, code: int) -> float:
    """Percentage of the annotated joints that are in a class."""
    return 100.0 * (classes == code).sum() / max((classes >= 0).sum(), 1)


def bar(shares: Dict[str, float]) -> str:
    """A bar of percentages, each in the colour of its CSS class."""
    spans = (
        f'<span class="{name}" style="width:{percent:.2f}%" '
        f'title="{name} {percent:.1f} %"></span>'
        for name, percent in shares.items()
    )
    return f'<div class="bar">{"".join(spans)}</div>'


def by_person(one: Study) -> str:
    """The mean figures of groups of people."""
    counted, limits = one.scores.counted, one.thresholds
    found, strict = one.found(limits.threshold), one.found(limits.strict)
    parts = []
    for title, named in groups(one).items():
        rows = []
        for name, people in named.items():
            total = max(counted[people].sum(), 1)
            mean = 100.0 * found[people].sum() / total
            exact = 100.0 * strict[people].sum() / total
            shown = bar({"share": mean})
            rows.append([name, str(len(people)), shown, f"{mean:.1f}", f"{exact:.1f}"])
        head = [title, "People", "", "Mean", f"Mean@{limits.strict:g}"]
        parts.append(table(head, rows))
    return section("groups", "Which people are hard", *parts)


def against(one: Study, other: Study) -> str:
    """Whether this evaluation differs from another one of the same people."""
    limits, counted = one.thresholds, one.scores.counted
    figures = [("Mean", limits.threshold), (f"Mean@{limits.strict:g}", limits.strict)]
    rows = []
    for name, threshold in figures:
        here, there = one.found(threshold), other.found(threshold)
        difference = paired_difference(there, here, counted)
        real = "yes" if difference.low > 0 or difference.high < 0 else "no"
        rows.append(
            [
                name,
                f"{100 * there.sum() / counted.sum():.2f}",
                f"{100 * here.sum() / counted.sum():.2f}",
                f"{difference.points:+.2f}",
                f"{difference.low:+.2f} to {difference.high:+.2f}",
                real,
            ]
        )
    head = ["", "Before", "Now", "Difference", "95 % interval", "Beyond chance"]
    joints = [
        [escape(name), *(f"{_found_at(run, ids):.1f}" for run in (other, one))]
        for name, ids in _joint_groups(one)
    ]
    gained = one.found(limits.threshold) - other.found(limits.threshold)
    return section(
        "against",
        "Compared with another evaluation",
        f"<p>Before: <code>{escape(other.results)}</code>. The interval is a paired "
        "bootstrap over people.</p>",
        table(head, rows),
        "<h2>Joints found, %</h2>",
        table(["Joint", "Before", "Now"], joints),
        f"<p>Joints gained: {_changed(gained)}</p>",
        f"<p>Joints lost: {_changed(-gained)}</p>",
    )


def _found_at(one: Study, ids: Sequence[int]) -> float:
    limit = np.array([one.thresholds.threshold])
    return float(_found(one.errors[:, ids], one.truth.visible[:, ids], limit)[0])


def _changed(gained: np.ndarray) -> str:
    """Links to the people with the largest gain, and how many there are."""
    order = np.argsort(-gained, kind="stable")
    better = [int(person) for person in order if gained[person] > 0]
    links = ", ".join(
        f'<a href="#person-{person}">person {person}</a> ({gained[person]})'
        for person in better[:LISTED]
    )
    more = f" and {len(better) - LISTED} more" if len(better) > LISTED else ""
    return f"{len(better)} people. {links}{more}" if better else "nobody"
