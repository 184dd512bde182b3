"""The table of a run, ``results.csv``, and its curves, ``results.png``.

The table has a row per evaluation: a dictionary of column -> text, as the file has it,
empty where there is no number.
"""

import csv
import io
import math
import os
from typing import Any, Dict, List, Mapping, Sequence, Tuple

from ..errors import UserError
from ..metrics.oks import FIGURES

Row = Dict[str, str]

#: Columns beside the figures.  Epochs count from 0, as in the log and the snapshots'
#: names; ``step`` counts all steps until then; ``loss`` and ``acc_pose``, the heatmaps'
#: accuracy, are means of the epoch in the first process, ``learning_rate`` is that of
#: the epoch's last step.
BEFORE = {
    "epoch": "d",
    "step": "d",
    "loss": ".6g",
    "acc_pose": ".4f",
    "learning_rate": ".6g",
}
#: Time since the training began, evaluations included, and the process's peak memory.
AFTER = {"seconds": ".1f", "memory_mb": ".0f"}
FORMATS = {**BEFORE, **AFTER}
#: Columns that a resumed run needs in a table.
NEEDED = {"epoch", "step", "seconds"}

#: Prefix of the columns of the stacks' losses, followed by the stack's number from 1;
#: they stand after :data:`BEFORE`, and a network of one stack has none.
STACK = "loss_stack"

#: Format of a figure, as in the logged table.
FIGURE = ".3f"


#: Size of a panel in inches, panels in a row, and pixels per inch.
PANEL_INCHES = (5.5, 3.4)
COLUMNS = 2
DPI = 110

#: A panel's title, and the columns that it shows.
Panel = Tuple[str, List[str]]


def make_row(facts: Mapping[str, Any], figures: Mapping[str, float]) -> Row:
    """Format a row; facts that are missing and figures that are NaN stay empty.

    ``facts`` are values of :data:`FORMATS` and losses of the stacks, ``figures`` what
    was evaluated, by name.
    """
    row = {name: _text(facts.get(name), BEFORE[name]) for name in BEFORE}
    stacks = [name for name in facts if name.startswith(STACK)]
    row.update({name: _text(facts[name], BEFORE["loss"]) for name in stacks})
    row.update({name: _text(value, FIGURE) for name, value in figures.items()})
    row.update({name: _text(facts.get(name), AFTER[name]) for name in AFTER})
    return row


def _text(value: Any, spec: str) -> str:
    return "" if value is None or math.isnan(value) else format(value, spec)


def stack_names(rows: Sequence[Row]) -> List[str]:
    """Names of the columns of the stacks' losses."""
    names = dict.fromkeys(name for row in rows for name in row)
    return [name for name in names if name.startswith(STACK)]


def figure_names(rows: Sequence[Row]) -> List[str]:
    """Names of the figures, in the order of their first rows."""
    names = dict.fromkeys(name for row in rows for name in row)
    return [n for n in names if n not in FORMATS and not n.startswith(STACK)]


def to_csv(rows: Sequence[Row]) -> bytes:
    """The file's content; cells of columns that a row lacks are empty."""
    text = io.StringIO()
    columns = [*BEFORE, *stack_names(rows), *figure_names(rows), *AFTER]
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def read_rows(path: str) -> List[Row]:
    """Read the file; no rows if there is none.

    Raises:
        UserError: it cannot be read, or a cell is not a number.
    """
    if not os.path.exists(path):
        return []
    try:
        with open(path, encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path} cannot be read: {error}; move it away") from None
    advice = "fix the file or move it away"
    for number, row in enumerate(rows, 2):
        where = f"{path}: line {number}"
        if None in row or None in row.values() or not NEEDED <= set(row):
            raise UserError(f"{where} lacks columns of results.csv: {advice}")
        for name, text in row.items():
            try:
                value = int(text) if name in ("epoch", "step") else float(text or 0)
            except ValueError:
                value = math.nan
            if not math.isfinite(value):
                raise UserError(f"{where}: {name} is not a number: {text!r}; {advice}")
    return rows


def panels_of(rows: Sequence[Row]) -> List[Panel]:
    """Titles and columns of the panels, those without a number left out."""
    figures = figure_names(rows)
    aps = [name for name in figures if name in FIGURES]
    summary = [name for name in figures if name.startswith("Mean") or name == "AUC"]
    joints = [name for name in figures if name not in (*aps, *summary)]
    panels = [  # those of one curve in the column without legends
        ("found joints, %", summary),
        ("mean loss of the epoch", ["loss", *stack_names(rows)]),
        ("joints found, by name, %", joints),
        ("mean acc_pose of the epoch", ["acc_pose"]),
        ("OKS", aps),
        ("learning rate", ["learning_rate"]),
    ]
    shown = [
        (title, [name for name in names if any(row.get(name) for row in rows)])
        for title, names in panels
    ]
    return [panel for panel in shown if panel[1]]


def draw_curves(rows: Sequence[Row], heading: str) -> bytes:
    """Draw the columns of a table of at least one row over the epochs, as PNG."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    panels = panels_of(rows)
    lines = -(-len(panels) // COLUMNS)
    width, height = PANEL_INCHES
    size = (width * COLUMNS, height * lines + 0.4)
    figure = Figure(figsize=size, layout="constrained", dpi=DPI)
    figure.suptitle(heading)
    places = list(figure.subplots(lines, COLUMNS, squeeze=False).flat)
    for axes, (title, names) in zip(places, panels):
        for name in names:
            curve = [(int(r["epoch"]), float(r[name])) for r in rows if r.get(name)]
            marker = "o" if len(curve) < 30 else ""  # a single point would be no line
            label = f"{name}  {curve[-1][1]:.4g}"
            axes.plot(*zip(*curve), marker=marker, markersize=3, label=label)
        if len(names) > 1:
            place = {"loc": "center left", "bbox_to_anchor": (1, 0.5)}
            axes.legend(title="latest", frameon=False, **place)
        else:
            title = f"{title}, latest {curve[-1][1]:.4g}"
        axes.set(title=title, xlabel="epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
    for axes in places[len(panels) :]:
        axes.axis("off")
    content = io.BytesIO()
    figure.savefig(content, format="png")
    return content.getvalue()
