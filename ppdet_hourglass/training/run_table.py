"""The table of a training: ``results.csv``, a row per evaluation.

A row is a dictionary of column -> text, as the file has it; empty where there is no
number.
"""

import csv
import io
import math
import os
from typing import Any, Dict, List, Mapping, Sequence

from ..errors import UserError

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
#: Columns without which a training cannot go on with a table.
NEEDED = {"epoch", "step", "seconds"}

#: How the columns of the stacks' losses begin, behind which stands the stack's number
#: from 1 on; they stand behind :data:`BEFORE`, and a network of one stack has none.
STACK = "loss_stack"

#: Format of a figure, as in the logged table.
FIGURE = ".3f"


def make_row(facts: Mapping[str, Any], figures: Mapping[str, float]) -> Row:
    """Format a row; facts that are missing and figures that are NaN stay empty.

    Args:
        facts: values of the columns of :data:`FORMATS`, and losses of the stacks.
        figures: what was evaluated, by name.
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
    return [name for name in _other_names(rows) if name.startswith(STACK)]


def figure_names(rows: Sequence[Row]) -> List[str]:
    """Names of the figures, in the order of their first rows."""
    return [name for name in _other_names(rows) if not name.startswith(STACK)]


def _other_names(rows: Sequence[Row]) -> List[str]:
    names = dict.fromkeys(name for row in rows for name in row)
    return [name for name in names if name not in FORMATS]


def to_csv(rows: Sequence[Row]) -> bytes:
    """The file's content; a row leaves cells empty that only others have."""
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
    for number, row in enumerate(rows, 2):
        _check(row, f"{path}: line {number}")
    return rows


def _check(row: Mapping[Any, Any], where: str) -> None:
    advice = "mend the file or move it away"
    if None in row or None in row.values() or not NEEDED <= set(row):
        raise UserError(f"{where} does not have the columns of results.csv: {advice}")
    for name, text in row.items():
        try:
            number = int(text) if name in ("epoch", "step") else float(text or 0)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise UserError(
                f"{where}: {name} must be a number, but got {text!r}: {advice}"
            )
