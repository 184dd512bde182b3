import numpy as np
import pytest

from ppdet_hourglass.data.crop import crops_of_boxes, crops_of_people


def test_crop_of_the_recipe_by_hand():
    # Scale 2: the centre moves down by 30, everything to 0-based by 1; the crop is
    # 2.5 x 200 px.
    centers, scales = crops_of_people(np.array([[100.0, 200.0]]), np.array([2.0]))
    assert centers.tolist() == [[99.0, 229.0]]
    assert scales.tolist() == [[2.5, 2.5]]


def test_agrees_with_the_stock_reader(mpii):
    from ppdet.data.source.keypoint_coco import KeypointTopDownMPIIDataset

    from ppdet_hourglass.data.people import read_people
    from ppdet_hourglass.keypoints.keypoint_set import read_keypoints

    stock = KeypointTopDownMPIIDataset(
        str(mpii), "images", "annotations/mpii_5.json", num_joints=16
    )
    stock.parse_dataset()
    path = str(mpii / "annotations/mpii_5.json")
    people = read_people(path, read_keypoints("mpii"))
    assert people.centers == pytest.approx(np.array([r["center"] for r in stock.db]))
    assert people.scales == pytest.approx(np.array([r["scale"] for r in stock.db]))


def test_a_tall_box_becomes_a_square_a_quarter_larger():
    centers, scales = crops_of_boxes(np.array([[10.0, 20.0, 30.0, 80.0]]))
    assert centers.tolist() == [[25, 60]]
    assert scales.tolist() == [[0.5, 0.5]]  # 1.25 * 80 / 200


@pytest.mark.parametrize("box, scale", [((40, 40), (0.2, 0.4)), ((20, 80), (0.2, 0.4))])
def test_crops_have_the_inputs_proportions(box, scale):
    _, scales = crops_of_boxes(np.array([[0.0, 0.0, *box]]), 0.5, padding=1.0)
    assert scales[0] == pytest.approx(scale)
