"""Files whose wrong records are left out."""

import json

from ppdet_hourglass.data.checks.people_file import read_people_file

from ...conftest import refused


def test_coco(tmp_path):
    keypoints = [v for k in range(16) for v in (20 + 5 * k, 30 + 3 * k, 2)]
    box, whole = [10, 20, 100, 70], {"category_id": 1, "area": 9.0, "iscrowd": 0}
    shared = {"image_id": 7, "bbox": box, "keypoints": keypoints, **whole}
    records = [
        {"id": 1, **shared},
        {"id": 2, **shared, "bbox": [True, 2, 3, 4]},
        {"id": 3, **shared, "image_id": 8},
        {"id": 4, **shared, "iscrowd": 1},
        {"id": 5, **shared, "bbox": [1, 2]},
    ]
    content = {"images": [{"id": 7, "file_name": "a.png"}], "annotations": records}
    path = tmp_path / "coco.json"
    path.write_text(json.dumps(content))
    file = read_people_file(str(path), 16, need_joints=True)
    assert file.sound == [0] and file.wrong == {
        1: "'bbox' must hold numbers, but holds true or false",
        2: "no image with a file_name has id 8",
        4: "'bbox' must be 4 finite numbers, but got a list of 2: [1, 2]",
    }
    assert file.people.images == ["a.png"] and file.image(2) == "8"
    assert file.people.centers.tolist() == [[61, 56]]
    assert file.people.joints[0, 0].tolist() == [21, 31]  # 1-based
    file.write_without([1, 2, 4], str(tmp_path / "clean.json"))
    clean = json.loads((tmp_path / "clean.json").read_text())
    assert [record["id"] for record in clean["annotations"]] == [1, 4]
    assert clean["images"] == content["images"]


def test_no_annotation_file(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("[]")
    assert refused(read_people_file, str(path), 16, True) == (
        f"{path} must be a list of person records, at least one, but got a list of 0: "
        "[]"
    )
