"""Charts as SVG that takes the page's text colour."""

import io
from contextlib import contextmanager
from typing import Any, Dict, Iterator, Sequence, Tuple

import numpy as np
from markupsafe import Markup

#: Stands in the SVG for the page's text colour, which is light in dark mode.
INK = "#010203"

#: Okabe and Ito's colours, which colour-blind people can tell apart, without yellow.
LINE_COLORS = "#e69f00 #56b4e9 #009e73 #cc79a7 #0072b2 #d55e00 #999999".split()


def line_chart(
    lines: Dict[str, Tuple[np.ndarray, np.ndarray]],
    labels: Tuple[str, str],
    marks: Sequence[Tuple[float, str, str]] = (),
    bold: str = "",
) -> Markup:
    """Draw lines, with their names beside the chart.

    Args:
        lines: name -> x and y, of equal length.
        labels: what the axes show.
        marks: x, text, and the text's alignment, of vertical lines.
        bold: name of the line to emphasise, in the text's colour.
    """
    with _svg_axes(labels) as (axes, svg):
        for name, (x, y) in lines.items():
            look = {"linewidth": 2.6, "color": INK} if name == bold else {}
            axes.plot(x, y, label=name, **{"linewidth": 1.3, **look})
        for x, text, side in marks:
            axes.axvline(x, color=INK, linewidth=0.8, linestyle=":")
            axes.annotate(text, (x, 1.01), xycoords=("data", "axes fraction"), ha=side)
        axes.grid(alpha=0.25)
        if len(lines) > 1:
            axes.figure.legend(loc="outside right upper", frameon=False)
        return svg()


def histogram(values: np.ndarray, labels: Tuple[str, str], bins: int = 40) -> Markup:
    """Draw how often values (N,) occur; whole numbers below ``bins`` get a bar each."""
    whole = values.dtype.kind in "iu" and len(values) and values.max() < bins
    edges = np.arange(values.min(), values.max() + 2) - 0.5 if whole else bins
    with _svg_axes(labels) as (axes, svg):
        axes.hist(values, edges, color=LINE_COLORS[4], rwidth=0.9)
        axes.grid(axis="y", alpha=0.25)
        axes.yaxis.get_major_locator().set_params(integer=True)
        if whole:
            axes.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
        return svg()


@contextmanager
def _svg_axes(labels: Tuple[str, str]) -> Iterator[Any]:
    """Axes of a new figure, and a function that returns its transparent ``<svg>``."""
    import matplotlib
    from matplotlib.figure import Figure

    style = {
        "svg.fonttype": "none",
        "svg.hashsalt": "report",  # equal input gives an equal page
        "font.family": "sans-serif",
        "font.size": 10,
        **{f"{part}.color": INK for part in ("text", "xtick", "ytick")},
        "axes.edgecolor": INK,
        "axes.labelcolor": INK,
        "axes.prop_cycle": matplotlib.cycler(color=LINE_COLORS),
    }
    with matplotlib.rc_context(style):
        axes = Figure(figsize=(6, 4), layout="constrained").subplots()
        axes.set(xlabel=labels[0], ylabel=labels[1])
        axes.spines[["top", "right"]].set_visible(False)

        def svg() -> Markup:
            file = io.StringIO()
            metadata = {"Date": None}
            axes.figure.savefig(file, format="svg", transparent=True, metadata=metadata)
            text = file.getvalue()
            return Markup(text[text.index("<svg") :].replace(INK, "currentColor"))

        yield axes, svg
