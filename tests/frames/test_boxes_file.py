import json
import logging

import numpy as np
import pytest

from ppdet_hourglass.errors import UserError
from ppdet_hourglass.frames.boxes_file import BoxesFile
from ppdet_hourglass.frames.sources import Frame, Images, Video

from ..data.turned import write_turned

PIXELS = np.zeros((4, 4, 3), np.uint8)
BOX = [10, 20, 30.5, 40]
FOUR = "4 finite numbers (x, y, width, height)"


@pytest.fixture
def numbered():
    return Images("images", ["000139.jpg", "000285.jpg"])


@pytest.fixture
def named():
    return Images("images", ["a.jpg", "x/b.jpg", "x/c.jpg", "y/c.jpg"])


@pytest.fixture
def boxes(tmp_path):
    """Builds a boxes file; returns what it says of each image of a source."""

    def build(content, source, threshold=0.5):
        path = tmp_path / "boxes.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        find = BoxesFile(str(path), source, threshold)
        frames = [Frame(name, n, PIXELS) for n, name in source.names.items()]
        return [find(frame).tolist() for frame in frames]

    return build


@pytest.fixture
def message(boxes, tmp_path):
    def fails(content, source):
        with pytest.raises(UserError) as caught:
            boxes(content, source)
        return str(caught.value).replace(f"{tmp_path}/", "")

    return fails


def test_detections_by_number(boxes, numbered):
    rows = [
        {"image_id": 285, "category_id": 1, "bbox": BOX, "score": 0.75},
        {"image_id": 285, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5},
        {"image_id": 285, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.49},
        {"image_id": 285, "category_id": 3, "bbox": [1, 2, 3, 4], "score": 0.9},
    ]
    expected = [[10, 20, 30.5, 40, 0.75], [1, 2, 3, 4, 0.5]]
    assert boxes(rows, numbered) == [[], expected]


def test_detections_by_path_or_name_and_without_a_score(boxes, named):
    rows = [
        {"file_name": "y/c.jpg", "bbox": BOX},
        {"image": "b.jpg", "bbox": BOX},
        {"file_name": "val/a.jpg", "image_id": 77, "bbox": BOX},
    ]
    one = [[*BOX, 1.0]]
    assert boxes(rows, named) == [one, one, [], one]


def test_a_coco_annotation_file(boxes, named):
    content = {
        "images": [{"id": 5, "file_name": "b.jpg"}, {"id": 6, "file_name": "a.jpg"}],
        "annotations": [{"image_id": 6, "category_id": 1, "bbox": BOX}],
    }
    assert boxes(content, named) == [[[*BOX, 1.0]], [], [], []]


def test_an_mpii_annotation_file(boxes, numbered):
    """A person of 200 px: centre 15 px lower, and 1-based, like all of MPII."""
    rows = [{"image": "000139.jpg", "center": [301.0, 201.0], "scale": 1.0}]
    assert boxes(rows, numbered) == [[[200, 115, 200, 200, 1]], []]


def test_frames_of_a_video(tmp_path, monkeypatch):
    video = Video.__new__(Video)
    video.name, video.length = "clip.mp4", 10
    path = tmp_path / "boxes.json"
    rows = [
        {"frame": 2, "image_id": 9, "bbox": BOX},
        {"image_id": 3, "image": "clip.mp4", "bbox": BOX},
        {"image_id": 3, "image": "other.mp4", "bbox": BOX},
        {"frame": 10, "bbox": BOX},  # beyond the last one
    ]
    path.write_text(json.dumps(rows))
    find = BoxesFile(str(path), video, 0.5)
    counts = [len(find(Frame("clip.mp4", n, PIXELS, True))) for n in range(10)]
    assert counts == [0, 0, 1, 1, 0, 0, 0, 0, 0, 0]
    path.write_text(json.dumps(rows[-1:]))
    with pytest.raises(UserError, match="1 of 1 boxes are .* record 0, frame 10$"):
        BoxesFile(str(path), video, 0.5)


def test_a_results_file_gives_boxes_whatever_the_poses_score(boxes, named):
    rows = [{"file_name": "b.jpg", "bbox": BOX, "score": 0.1, "keypoints": [1, 2, 0.1]}]
    assert sum(len(found) for found in boxes(rows, named)) == 1


def test_nobody_left_is_an_error(message, named):
    rows = [
        {"file_name": "b.jpg", "bbox": BOX, "score": 0.2},
        {"file_name": "b.jpg", "bbox": BOX, "category_id": 3},
    ]
    assert message(rows, named) == (
        "boxes.json: 2 of 2 boxes are not people (category_id 1) or have a score below "
        "0.5 (--box_threshold)"
    )


def test_some_unknown_images_are_left_out_with_a_warning(
    boxes, numbered, caplog, tmp_path
):
    rows = [{"image_id": number, "bbox": BOX} for number in (139, 140, 285, 286)]
    with caplog.at_level(logging.INFO):
        assert [len(found) for found in boxes(rows, numbered)] == [1, 1]
    assert [record.getMessage() for record in caplog.records] == [
        f"{tmp_path}/boxes.json: 2 of 4 boxes are of images that are not in the "
        "input, first record 1, image_id 140: left out",
        f"{tmp_path}/boxes.json: 2 people in 2 images",
    ]


def test_unknown_images_alone_are_an_error(message, named):
    rows = [{"file_name": "d.jpg", "image_id": 0, "bbox": BOX}]
    assert message(rows, named) == (
        "boxes.json: 1 of 1 boxes are of images that are not in the input, first "
        "record 0, file_name 'd.jpg'"
    )


def test_images_that_cannot_be_told_apart(message, named):
    assert message([{"file_name": "c.jpg", "bbox": BOX}], named) == (
        "boxes.json: record 0: image c.jpg is in several folders of the input: give "
        "its path below the input"
    )
    assert message([{"image_id": 2, "bbox": BOX}], named) == (
        "boxes.json: record 0: 'image_id' alone does not identify an image, because "
        "the input's names are not all different numbers: add 'file_name'"
    )


@pytest.mark.parametrize(
    "content, problem",
    [
        ("[{", "boxes file boxes.json is not valid JSON (cut off?): "),
        ("[]", "boxes file boxes.json holds no box: the list is empty"),
        ("[1]", "boxes file boxes.json must hold a list of detections"),
        ('"x"', "boxes file boxes.json must hold a list of detections"),
        (
            '{"images": []}',
            "boxes file boxes.json is neither a list of detections nor a COCO "
            "annotation file: KeyError: 'annotations'",
        ),
    ],
)
def test_a_wrong_file(message, numbered, content, problem):
    assert message(content, numbered).startswith(problem)


def test_no_file(numbered, tmp_path):
    with pytest.raises(UserError, match="boxes file .*/none.json does not exist"):
        BoxesFile(str(tmp_path / "none.json"), numbered, 0.5)


@pytest.mark.parametrize(
    "changes, problem",
    [
        ({"bbox": None}, f"'bbox' must be {FOUR}, but got None"),
        (
            {"bbox": [1, 2, 3]},
            f"'bbox' must be {FOUR}, but got a list of 3: [1, 2, 3]",
        ),
        (
            {"bbox": [1, 2, "3", 4]},
            "'bbox'[2] must be a finite number, but got '3'",
        ),
        (
            {"bbox": [1, 2, float("nan"), 4]},
            "'bbox'[2] must be a finite number, but got nan",
        ),
        (
            {"bbox": [1, 2, 0, 4]},
            "'bbox' must have a width and a height above 0, but got [1, 2, 0, 4]",
        ),
        (
            {"bbox": [1, 2e6, 3, 4]},
            "'bbox' must lie within 1000000 pixels, but got [1, 2000000.0, 3, 4]",
        ),
        ({"score": "high"}, "'score' must be a finite number, but got 'high'"),
        (
            {"image_id": "7"},
            "needs 'file_name', 'image' or a whole number as 'image_id', but got '7'",
        ),
        (
            {"image_id": None},
            "needs 'file_name', 'image' or a whole number as 'image_id', but got None",
        ),
    ],
)
def test_a_wrong_record(message, numbered, changes, problem):
    right = {"image_id": 139, "bbox": BOX, "score": 1}
    content = [right, {**right, **changes}]
    assert message(content, numbered) == f"boxes.json: record 1: {problem}"


@pytest.fixture
def photos(tmp_path):
    """Builds images with these EXIF orientations, ``0.jpg`` first."""

    def build(*tags):
        for place, tag in enumerate(tags):
            write_turned(tmp_path / f"{place}.jpg", tag)
        return Images(str(tmp_path), [f"{place}.jpg" for place in range(len(tags))])

    return build


def test_annotations_are_in_stored_pixels(boxes, photos):
    """MPII's and COCO's, whatever the tag; of other boxes a record says it."""
    mpii = [{"image": f"{n}.jpg", "center": [301, 201], "scale": 1} for n in (0, 1)]
    source = photos(1, 6, 6)
    boxes(mpii, source)
    assert source.stored == {0, 1}
    coco = {
        "images": [{"id": 5, "file_name": "1.jpg"}],
        "annotations": [{"image_id": 5, "bbox": BOX}],
    }
    source = photos(1, 6)
    boxes(coco, source)
    assert source.stored == {1}
    said = [{"image_id": 0, "bbox": BOX, "pixels": "stored"}]
    said += [{"image_id": 1, "bbox": BOX, "pixels": "upright"}]
    source = photos(6, 6)
    boxes(said, source)
    assert source.stored == {0}


def test_detections_need_not_say_their_pixels_without_a_turn(boxes, photos):
    source = photos(1, 6)
    boxes([{"image_id": 0, "bbox": BOX}], source)
    assert source.stored == set()


@pytest.mark.parametrize("tag", range(2, 9))
def test_pixels_that_nobody_knows(message, photos, tag):
    expected = (
        f"boxes.json: image 0.jpg is turned by its EXIF orientation {tag}: each of its "
        "boxes must have the same 'pixels', 'stored' or 'upright'"
    )
    silent = {"image_id": 0, "bbox": BOX}
    assert message([silent], photos(tag)) == expected
    stored, upright = [{**silent, "pixels": p} for p in ("stored", "upright")]
    assert message([silent, stored], photos(tag)) == expected
    assert message([stored, upright], photos(tag)) == expected


def test_pixels_of_no_kind(message, photos):
    record = {"image_id": 0, "bbox": BOX, "pixels": "turned"}
    assert message([record], photos(1)) == (
        "boxes.json: record 0: 'pixels' must be 'stored' or 'upright', but got 'turned'"
    )
