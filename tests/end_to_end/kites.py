"""Pictures of kites: five keypoints that are nobody's but this test's."""

import json

import cv2
import numpy as np

#: The kite's points about its middle, in half sides; the colours do not tell sides.
SHAPE = np.array([[0, -0.9], [0.8, -0.1], [-0.8, -0.1], [0.4, 0.9], [-0.4, 0.9]])
COLORS = [(40, 40, 230), (40, 220, 40), (40, 220, 40), (230, 80, 40), (230, 80, 40)]
NAMES = ("head", "left_tip", "right_tip", "left_tail", "right_tail")


def write_kites(folder, count):
    """Write ``images`` of 120 x 120 pixels and their ``labelme`` files."""
    for name in ("images", "labelme"):
        (folder / name).mkdir(parents=True)
    rng = np.random.default_rng(0)
    for index in range(count):
        picture, points = draw_kite(rng)
        cv2.imwrite(str(folder / f"images/{index:03}.png"), picture)
        shapes = [
            {"label": name, "points": [point.tolist()], "shape_type": "point"}
            for name, point in zip(NAMES, points)
        ]
        content = {"shapes": shapes, "imagePath": f"../images/{index:03}.png"}
        content.update(imageWidth=120, imageHeight=120)
        (folder / f"labelme/{index:03}.json").write_text(json.dumps(content))


def draw_kite(rng):
    """A picture and the kite's points in it."""
    picture = rng.integers(0, 90, (120, 120, 3), dtype=np.uint8)
    side = rng.uniform(28, 45)
    points = rng.uniform(50, 70, 2) + side * (SHAPE + rng.normal(0, 0.06, SHAPE.shape))
    for point, color in zip(points, COLORS):
        cv2.line(picture, _pixel(points[0]), _pixel(point), (160, 160, 160), 2)
        cv2.circle(picture, _pixel(point), 5, color, -1)
    return picture, points


def _pixel(point):
    return int(round(point[0])), int(round(point[1]))
