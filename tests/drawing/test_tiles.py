import numpy as np
import pytest

from ppdet_hourglass.data.people import read_people
from ppdet_hourglass.drawing.poses import JOINT_RGB, LEFT_RGB, RIGHT_RGB, RING_RGB
from ppdet_hourglass.drawing.tiles import (
    FRAME_PX,
    GAP_PX,
    LINE_PX,
    PAIR_PX,
    PAIRS_PER_ROW,
    TILE_PX,
    draw_batch,
    draw_worst,
)
from ppdet_hourglass.keypoints.keypoint_set import read_keypoints
from ppdet_hourglass.metrics.ground_truth import truth_of
from ppdet_hourglass.metrics.pck import person_scores

from ..conftest import refused

MPII = read_keypoints("mpii")

#: Width and height of a person's place.
WIDTH, HEIGHT = PAIR_PX + 2 * FRAME_PX, TILE_PX + LINE_PX + 2 * FRAME_PX

CLOCK = """
name: clock
joints: [centre, hour_tip, minute_tip]
skeleton: [[centre, hour_tip], [centre, minute_tip]]
"""


@pytest.fixture
def annotated(sample_people):
    """People of the sample, the folder of their images, and their joints."""
    path = str(sample_people / "annotations/mpii_val.json")
    people = read_people(path, MPII)
    return people, str(sample_people / "images"), people.joints


def drawn(annotated, joints, count=2):
    people, folder, _ = annotated
    scores = person_scores(joints, truth_of(people, MPII))
    return draw_worst(people, folder, joints, scores, MPII, count)


def place(image, index):
    """A person's place, counted from the last row's left."""
    row = image[-HEIGHT:, index * WIDTH : (index + 1) * WIDTH]
    return row[FRAME_PX:-FRAME_PX, FRAME_PX:-FRAME_PX]


def rings(image):
    """Number of pixels in the colour of the circles."""
    return int((image == RING_RGB[::-1]).all(axis=2).sum())


def test_the_worst_come_first(annotated):
    """Two joints of person 1 are far off, one of person 0; all others are right."""
    joints = annotated[2].copy()
    joints[0, 15, 0] += 1000
    joints[1, 14:, 0] += 1000
    image = drawn(annotated, joints)
    assert image.shape[1] == 2 * WIDTH
    names = annotated[0].images
    for index, person in enumerate((1, 0)):
        pair = place(image, index)[LINE_PX:]
        truth, predicted = pair[:, :TILE_PX], pair[:, TILE_PX + GAP_PX :]
        assert truth.std() > 10 and rings(truth) == 0 and rings(predicted) > 0
        alone = drawn(annotated, joints, 1)
        assert (place(alone, 0) == place(image, 0)).all(), names[person]
    lines = -(-len(names) // PAIRS_PER_ROW)
    whole = drawn(annotated, joints, 99)
    assert whole.shape[0] == image.shape[0] + (lines - 1) * HEIGHT or lines == 1


def test_right_predictions_look_like_the_annotation(annotated):
    everything = annotated[0].visible.all(axis=1)
    image = drawn(annotated, annotated[2], 1)
    pair = place(image, 0)[LINE_PX:]
    assert rings(pair) == 0 and everything.any()


def test_people_without_an_image_are_left_out(annotated, tmp_path):
    people, folder, joints = annotated
    assert refused(drawn, (people, str(tmp_path), joints), joints).count(
        "does not exist"
    )


def test_heatmaps_have_the_colours_of_their_sides():
    target = np.zeros((1, 16, 64, 64), np.float32)
    right, left, unlearned = 0, 5, 1
    target[0, right, 16, 16] = target[0, left, 48, 48] = target[0, unlearned, 5, 5] = 1
    weights = np.ones((1, 16))
    weights[0, unlearned] = 0
    crop = np.zeros((1, TILE_PX, TILE_PX, 3), np.uint8)
    image = draw_batch(crop, target, weights, ["record 7"], "heading", MPII)
    heat = image[-4 - TILE_PX : -4, -4 - TILE_PX : -4]
    assert tuple(heat[64, 64, ::-1]) == RIGHT_RGB
    assert tuple(heat[192, 192, ::-1]) == LEFT_RGB
    assert not heat[20, 20].any()


def test_joints_without_sides_have_colours_and_a_legend(tmp_path):
    (tmp_path / "clock.yml").write_text(CLOCK)
    clock = read_keypoints(str(tmp_path / "clock.yml"))
    target = np.zeros((1, 3, 64, 64), np.float32)
    for joint in range(3):
        target[0, joint, 16, 16 + 16 * joint] = 1
    crop = np.zeros((1, TILE_PX, TILE_PX, 3), np.uint8)
    image = draw_batch(crop, target, np.ones((1, 3)), ["record 7"], "heading", clock)
    heat = image[-4 - TILE_PX : -4, -4 - TILE_PX : -4, ::-1]
    title = image[:-HEIGHT, :, ::-1].reshape(-1, 3)
    for joint, color in enumerate(JOINT_RGB[:3]):
        assert tuple(heat[64, 64 + 64 * joint]) == color
        assert (title == color).all(axis=1).sum() > 20  # its dot
