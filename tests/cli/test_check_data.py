import base64
import json
import re

import cv2
import numpy as np
import pytest

from ppdet_hourglass.cli import main

from ..conftest import ROOT, person

TABLE = """\
TrainDataset, {folder}/annotations/mpii_train.json: 5 records
  error    impossible value                            1
           record 2 (3.jpg): center [60.0, 50.0], scale 1e+20 reaches beyond 1e+06 px
  error    image cut off                               1
           record 3 (4.jpg): image {folder}/images/4.jpg is cut off
  error    same person twice                           1
           record 4 (1.jpg): as in record 0
"""


@pytest.fixture
def check(config, dataset, capsys):
    """Runs the command on a data set with three faults in training; two sound people
    to evaluate."""
    people = [person(f"{i}.jpg") for i in range(1, 5)]
    people[2]["scale"] = 1e20
    folder = dataset([*people, person("1.jpg")], [person("1.jpg"), person("2.jpg")])
    cut = folder / "images/4.jpg"
    cut.write_bytes(cut.read_bytes()[:-9])

    def run(*flags, option="epoch=1"):
        argv = ["-c", str(ROOT / "configs/hourglass_mpii_256.yml"), "--workers", "1"]
        argv += [*map(str, flags), "-o", f"dataset_dir={folder}", option]
        status = main(["check-data", *argv])
        out, err = capsys.readouterr()
        errors = [line[7:] for line in err.splitlines() if line.startswith("error: ")]
        return status, out, errors

    run.folder = folder
    return run


def test_both_splits(check):
    status, out, errors = check()
    assert status == 1 and errors == ["3 records with errors"]
    sound = f"EvalDataset, {check.folder}/annotations/mpii_val.json: 2 records\n"
    assert out == TABLE.format(folder=check.folder) + sound + "  nothing found\n"


def test_a_sound_split(check):
    assert check("--split", "eval", "--decode")[::2] == (0, [])


def test_json(check, tmp_path):
    path = tmp_path / "new/found.json"
    check("--json", path)
    found = json.loads(path.read_text())
    assert found["EvalDataset"]["findings"] == []
    train = found["TrainDataset"]
    assert train["records"] == 5 and len(train["findings"]) == 3
    assert train["findings"][2] == {
        "problem": "same person twice",
        "error": True,
        "record": 4,
        "image": "1.jpg",
        "detail": "as in record 0",
    }


def test_the_page(check, tmp_path):
    path = tmp_path / "found.html"
    check("--page", path)
    text = path.read_text()
    data = json.loads(re.search('application/json">(.*?)</script>', text, re.S)[1])
    assert data["groups"] == ["same person twice, mpii_train.json"]
    (shown,) = data["people"]  # the others' images cannot be shown
    assert (shown["number"], shown["image"]) == (4, "1.jpg")
    assert "as in record 0" in shown["text"]
    assert len(shown["skeletons"]["joints"]) == 16
    jpeg = np.frombuffer(base64.b64decode(shown["picture"]), np.uint8)
    assert cv2.imdecode(jpeg, cv2.IMREAD_COLOR).shape == (288, 288, 3)
    assert f"{check.folder}/annotations/mpii_val.json" in text
    assert "http" not in re.sub("http-equiv|http://www.w3.org", "", text)


def test_the_clean_file_is_clean(check):
    path = check.folder / "annotations/clean.json"
    assert check("--split", "train", "--write-clean", path)[0] == 1
    records = json.loads(path.read_text())
    assert [record["image"] for record in records] == ["1.jpg", "2.jpg"]
    assert records[0] == person("1.jpg")
    option = "TrainDataset.anno_path=annotations/clean.json"
    assert check("--split", "train", option=option)[::2] == (0, [])


def test_wrong_arguments(check, tmp_path):
    assert check("--write-clean", "a.json")[2] == [
        "--write-clean writes one file: add --split train or --split eval"
    ]
    assert check("--workers", 0)[2] == ["--workers must be at least 1, but got 0"]
    (tmp_path / "file").write_text("")
    assert check("--json", tmp_path / "file/a.json")[2] == [
        f"output folder {tmp_path}/file cannot be written: File exists"
    ]
