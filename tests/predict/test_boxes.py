import json
import logging
from types import SimpleNamespace

import numpy as np
import pytest

from ppdet_hourglass.predict.boxes import BoxesFile, find_people
from ppdet_hourglass.predict.sources import Frame, Images, Video

from ..conftest import refused
from ..data.turned import write_turned

PIXELS = np.zeros((4, 4, 3), np.uint8)
BOX = [10, 20, 30.5, 40]
FOUND = [*BOX, 1.0]
FOUR = "4 finite numbers (x, y, width, height)"

#: File names of two inputs: with a number each, and without.
NUMBERED = ["000139.jpg", "000285.jpg"]
NAMED = ["a.jpg", "x/b.jpg", "x/c.jpg", "y/c.jpg"]


@pytest.fixture
def boxes(tmp_path):
    """Builds a boxes file; returns what it says of each of the images."""

    def build(content, images):
        path = tmp_path / "boxes.json"
        if content is not None:
            text = content if isinstance(content, str) else json.dumps(content)
            path.write_text(text)
        source = images if isinstance(images, Images) else Images("images", images)
        find = BoxesFile(str(path), source, 0.5)
        frames = [Frame(name, n, PIXELS) for n, name in source.names.items()]
        return [find(frame).tolist() for frame in frames]

    return build


@pytest.fixture
def message(boxes, tmp_path):
    return lambda *args: refused(boxes, *args).replace(f"{tmp_path}/", "")


#: COCO annotations of ``b.jpg`` and ``a.jpg``; MPII's, 1-based, of a person of 200 px,
#: whose square lies 15 px lower.
COCO_FILE = {
    "images": [{"id": 5, "file_name": "b.jpg"}, {"id": 6, "file_name": "a.jpg"}],
    "annotations": [{"image_id": 6, "category_id": 1, "bbox": BOX}],
}
MPII_FILE = [{"image": "000139.jpg", "center": [301.0, 201.0], "scale": 1.0}]
BY_NUMBER = [
    {"image_id": 285, "category_id": 1, "bbox": BOX, "score": 0.75},
    {"image_id": 285, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5},
    {"image_id": 285, "category_id": 1, "bbox": BOX, "score": 0.49},
    {"image_id": 285, "category_id": 3, "bbox": BOX, "score": 0.9},
]
BY_NAME = [
    {"file_name": "y/c.jpg", "bbox": BOX},
    {"image": "b.jpg", "bbox": BOX},
    {"file_name": "val/a.jpg", "image_id": 77, "bbox": BOX},
]
#: A results file: the score is the pose's.
POSES = [{"file_name": "b.jpg", "bbox": BOX, "score": 0.1, "keypoints": [1, 2, 0]}]


@pytest.mark.parametrize(
    "content, images, expected",
    [
        (BY_NUMBER, NUMBERED, [[], [[*BOX, 0.75], [1, 2, 3, 4, 0.5]]]),
        (BY_NAME, NAMED, [[FOUND], [FOUND], [], [FOUND]]),
        (POSES, NAMED, [[], [FOUND], [], []]),
        (COCO_FILE, NAMED, [[FOUND], [], [], []]),
        (MPII_FILE, NUMBERED, [[[200, 115, 200, 200, 1]], []]),
    ],
)
def test_every_layout(boxes, content, images, expected):
    assert boxes(content, images) == expected


def test_frames_of_a_video(tmp_path):
    video = Video.__new__(Video)
    video.name, video.length, video._side = "clip.mp4", 10, 64
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
    message = refused(BoxesFile, str(path), video, 0.5)
    assert message.endswith("not in the input, first record 0, frame 10")
    path.write_text(json.dumps([{"frame": 2, "bbox": [64, 0, 5, 5]}]))
    message = refused(BoxesFile, str(path), video, 0.5)
    assert message.startswith(f"{path}: record 0: the box [64.0, 0.0, 5.0, 5.0] ")
    assert "64 x 64" in message


def test_unknown_images_are_left_out_with_a_warning(boxes, caplog, tmp_path):
    rows = [{"image_id": number, "bbox": BOX} for number in (139, 140, 285, 286)]
    with caplog.at_level(logging.INFO):
        assert boxes(rows, NUMBERED) == [[FOUND], [FOUND]]
    assert [record.getMessage() for record in caplog.records] == [
        f"{tmp_path}/boxes.json: 2 of 4 boxes are of images that are not in the "
        "input, first record 1, image_id 140: left out",
        f"{tmp_path}/boxes.json: 2 people in 2 images",
    ]


@pytest.mark.parametrize(
    "content, problem",
    [
        (None, "boxes file boxes.json does not exist"),
        ("[{", "boxes file boxes.json is not valid JSON (cut off?): "),
        ("[]", "boxes.json must be a list of detections, at least one, but got "),
        ("[1]", "boxes.json[0] must be an object, but got 1"),
        (
            '{"images": []}',
            "boxes file boxes.json is neither detections nor COCO's layout "
            "('annotations')",
        ),
        (
            [
                {"file_name": "b.jpg", "bbox": BOX, "score": 0.2},
                {"file_name": "b.jpg", "bbox": BOX, "category_id": 3},
            ],
            "boxes.json: 2 of 2 boxes are not of category 1 or have a score below the "
            "threshold 0.5",
        ),
        (
            [{"file_name": "c.jpg", "bbox": BOX}],
            "boxes.json: record 0: image c.jpg is in several folders of the input: "
            "give its path below the input",
        ),
        (
            [{"image_id": 2, "bbox": BOX}],
            "boxes.json: record 0: needs 'file_name', as ",
        ),
    ],
)
def test_a_wrong_file(message, content, problem):
    assert message(content, NAMED).startswith(problem)


@pytest.mark.parametrize(
    "changes, problem",
    [
        ({"bbox": None}, f"'bbox' must be {FOUR}, but got None"),
        ({"bbox": [1, 2, 3]}, f"'bbox' must be {FOUR}, but got a list of 3: [1, 2, 3]"),
        ({"bbox": [1, 2, "3", 4]}, "'bbox'[2] must be a finite number, but got '3'"),
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
        ({"pixels": "up"}, "'pixels' must be 'stored' or 'upright', but got 'up'"),
    ],
)
def test_a_wrong_record(message, changes, problem):
    right = {"image_id": 139, "bbox": BOX, "score": 1}
    content = [right, {**right, **changes}]
    assert message(content, NUMBERED) == f"boxes.json: record 1: {problem}"


@pytest.fixture
def photos(tmp_path):
    """Builds images with these EXIF orientations, ``0.jpg`` first."""

    def build(*tags):
        for place, tag in enumerate(tags):
            image = np.zeros((200, 240, 3), np.uint8)
            write_turned(tmp_path / f"{place}.jpg", tag, image)
        return Images(str(tmp_path), [f"{place}.jpg" for place in range(len(tags))])

    return build


@pytest.mark.parametrize(
    "pixels, size", [("stored", (240, 200)), ("upright", (200, 240))]
)
def test_a_box_outside_its_image(boxes, photos, tmp_path, pixels, size):
    width, height = size
    for box in ([width, 5, 9, 9], [5, height, 9, 9], [-9, 5, 9, 9], [5, -9, 9, 9]):
        records = [{"image_id": 0, "bbox": b, "pixels": pixels} for b in (BOX, box)]
        message = refused(boxes, records, photos(6))
        where = f"{tmp_path}/boxes.json: record 1: the box {[*map(float, box)]} "
        assert message.startswith(where) and f"{width} x {height}" in message
        box[:2] = [side - 1 if side > 0 else side + 1 for side in box[:2]]
        boxes(records, photos(6))  # a pixel of it is inside
    (tmp_path / "0.jpg").write_text("no picture")  # which will be skipped
    boxes(records, Images(str(tmp_path), ["0.jpg"]))


PIXELS_SAID = [
    {"image_id": 0, "bbox": BOX, "pixels": "stored"},
    {"image_id": 1, "bbox": BOX, "pixels": "upright"},
]


@pytest.mark.parametrize(
    "content, tags, stored",
    [
        ([{**MPII_FILE[0], "image": f"{n}.jpg"} for n in (0, 1)], (1, 6, 6), {0, 1}),
        ({**COCO_FILE, "images": [{"id": 6, "file_name": "1.jpg"}]}, (1, 6), {1}),
        (PIXELS_SAID, (6, 6), {0}),
        ([{"image_id": 0, "bbox": BOX}], (1, 6), set()),  # not turned, not said
    ],
)
def test_the_pixels_of_each_image(boxes, photos, content, tags, stored):
    source = photos(*tags)
    boxes(content, source)
    assert source.stored == stored


@pytest.mark.parametrize("pixels", [[None], [None, "stored"], ["stored", "upright"]])
def test_pixels_that_nobody_knows(message, photos, pixels):
    rows = [{"image_id": 0, "bbox": BOX, "pixels": said} for said in pixels]
    for tag in range(2, 9):
        said = message(rows, photos(tag))
        assert said.startswith(f"boxes.json: 0.jpg has EXIF orientation {tag}: ")
        assert "'pixels', 'stored' or 'upright'" in said


KITES = SimpleNamespace(name="Kite", joints=("head", "tail"))
PEOPLE = SimpleNamespace(name="MPII", joints=("head", "neck"))
SEVERAL = [{"file_name": "b.jpg", "bbox": BOX, "category_id": n} for n in (1, 2)]
NAMES = [{"id": 1, "name": "car"}, {"id": 2, "name": "kite"}]
BY_JOINTS = [
    {"id": 1, "name": "a"},
    {"id": 2, "name": "b", "keypoints": ["head", "tail"]},
]


@pytest.fixture
def categories(tmp_path):
    """Numbers of boxes of each category that are taken."""

    def taken(records, keypoints, category=None, names=None):
        path = tmp_path / "boxes.json"
        content = [{**r, "score": 0.5 + 0.1 * r["category_id"]} for r in records]
        if names is not None:
            images = [{"id": 1, "file_name": "b.jpg"}]
            content = [{**r, "image_id": 1} for r in content]
            content = {"images": images, "annotations": content, "categories": names}
        path.write_text(json.dumps(content))
        estimator = SimpleNamespace(spec=SimpleNamespace(keypoints=keypoints))
        source = Images("images", ["b.jpg"])
        find = find_people(source, estimator, str(path), category=category)
        scores = find(Frame("b.jpg", 0, PIXELS))[:, 4]
        return [round(10 * score - 5) for score in scores]

    return taken


@pytest.mark.parametrize(
    "records, keypoints, category, names, expected",
    [
        (SEVERAL, PEOPLE, None, None, [1]),  # as COCO numbers them
        (SEVERAL, KITES, "2", None, [2]),
        (SEVERAL[1:], KITES, None, None, [2]),  # the only one
        (SEVERAL, KITES, None, NAMES, [2]),  # by the set's name
        (SEVERAL, KITES, None, BY_JOINTS, [2]),
        (SEVERAL, KITES, "car", NAMES, [1]),
        (SEVERAL, PEOPLE, "kite", NAMES, [2]),
        (SEVERAL, PEOPLE, None, [{"id": 2, "name": "Person"}], [2]),
    ],
)
def test_categories(categories, records, keypoints, category, names, expected):
    assert categories(records, keypoints, category, names) == expected


def test_categories_that_nobody_can_choose(categories):
    message = refused(categories, SEVERAL, KITES)
    assert message.endswith("boxes of several categories (1, 2): name the category")
    message = refused(categories, SEVERAL, KITES, "dog")
    assert "2 of 2 boxes are not of category dog" in message
