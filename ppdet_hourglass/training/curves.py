"""The curves of a training: ``results.png``."""

import io
from typing import Any, Dict, List, Sequence, Tuple

from ..metrics.oks import FIGURES
from .run_table import Row, figure_names, stack_names

#: Size of a panel in inches, panels in a row, and pixels per inch.
PANEL_INCHES = (5.5, 3.4)
COLUMNS = 2
DPI = 110

#: A panel's title, and the columns that it shows.
Panel = Tuple[str, List[str]]


def panels_of(rows: Sequence[Row]) -> List[Panel]:
    """Titles and columns of the panels, those without a number left out."""
    figures = figure_names(rows)
    aps = [name for name in figures if name in FIGURES]
    summary = [name for name in figures if name.startswith("Mean") or name == "AUC"]
    joints = [name for name in figures if name not in (*aps, *summary)]
    panels = [  # those of one curve in the column without legends
        ("found joints, %", summary),
        ("mean loss of the epoch", ["loss", *stack_names(rows)]),
        ("found joints of each kind, %", joints),
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
    """Draw the columns of a table over the epochs, as PNG.

    Args:
        rows: the table, at least one row.
        heading: the picture's title.
    """
    from matplotlib.figure import Figure

    panels = panels_of(rows)
    lines = -(-len(panels) // COLUMNS)
    width, height = PANEL_INCHES
    size = (width * COLUMNS, height * lines + 0.4)
    figure = Figure(figsize=size, layout="constrained", dpi=DPI)
    figure.suptitle(heading)
    places = list(figure.subplots(lines, COLUMNS, squeeze=False).flat)
    for place, (title, names) in zip(places, panels):
        _draw_panel(place, title, {name: _points(rows, name) for name in names})
    for place in places[len(panels) :]:
        place.axis("off")
    content = io.BytesIO()
    figure.savefig(content, format="png")
    return content.getvalue()


def _points(rows: Sequence[Row], name: str) -> Tuple[List[int], List[float]]:
    """Epochs and values of the rows that have a value."""
    some = [row for row in rows if row.get(name)]
    return [int(row["epoch"]) for row in some], [float(row[name]) for row in some]


def _draw_panel(
    axes: Any, title: str, curves: Dict[str, Tuple[List[int], List[float]]]
) -> None:
    """Draw curves, with the latest value of each in words."""
    from matplotlib.ticker import MaxNLocator

    for name, (epochs, values) in curves.items():
        marker = "o" if len(epochs) < 30 else ""  # a single point would be no line
        label = f"{name}  {values[-1]:.4g}"
        axes.plot(epochs, values, marker=marker, markersize=3, label=label)
    if len(curves) > 1:
        place = {"loc": "center left", "bbox_to_anchor": (1, 0.5)}
        axes.legend(title="latest", frameon=False, **place)
    else:
        title = f"{title}, latest {values[-1]:.4g}"
    axes.set(title=title, xlabel="epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
