import re

import numpy as np

from ppdet_hourglass.report.charts import histogram

LABELS = ("people", "pictures")


def bars(svg):
    """Heights of the bars in the SVG's units, from left to right."""
    patches = re.findall(r'<g id="patch_\d+">\s*<path d="([^"]*)" clip-path', svg)
    heights = []
    for path in patches:
        ys = [float(y) for _, y in re.findall(r"([\d.]+) ([\d.]+)", path)]
        heights.append(max(ys) - min(ys))
    return heights


def test_whole_numbers_get_a_bar_each():
    heights = bars(histogram(np.array([1, 1, 1, 1, 3, 3]), LABELS))
    assert len(heights) == 3 and heights[1] == 0
    np.testing.assert_allclose(heights[0], 2 * heights[2])


def test_others_share_bins():
    heights = bars(histogram(np.linspace(0, 1, 100), LABELS, bins=5))
    np.testing.assert_allclose(heights, heights[0])
    assert len(heights) == 5


def test_it_takes_the_pages_colour():
    svg = histogram(np.array([1, 2]), LABELS)
    assert svg.startswith("<svg") and "currentColor" in svg and "pictures" in svg
