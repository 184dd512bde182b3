import json
import re

import pytest

from ppdet_hourglass.__main__ import main
from ppdet_hourglass.metrics.joint_errors import CLASSES
from ppdet_hourglass.report.document import asset
from ppdet_hourglass.report.page import page
from ppdet_hourglass.report.pictures import crops
from ppdet_hourglass.report.study import study
from ppdet_hourglass.report.writing import report_path, write_report

from .conftest import MARKUP

#: Characters for pictures.
ROOM = 10**6

DATA = re.compile(r'<script id="data" type="application/json">(.*?)</script>', re.S)


def test_what_the_script_reads(one, evaluation):
    html = page(one, "title", crops(one, evaluation[2], 9, ROOM))
    data = json.loads(DATA.search(html)[1])
    first, _, third = data["people"]
    assert (first["found"], first["counted"], first["rank"]) == (12, 14, 0)
    assert first["truth"][0] == [0, 40]  # (9, 9) px in a crop of 100 px from (9, 5)
    assert third["image"] == MARKUP
    assert sorted(data["pictures"]) == ["0", "1"]
    assert len(data["people"][0]["errors"]) == len(data["joints"]) == 16


@pytest.mark.parametrize("name", CLASSES)
def test_each_class_of_errors_has_its_colours(name):
    css = asset("page.css")
    light, dark, *_ = css.split("@media screen and (prefers-color-scheme: dark)")
    assert f"--{name}: #" in light
    assert f"--{name}: #" in dark.partition("}")[0]
    assert f".{name} {{ background: var(--{name}); }}" in css
    assert f"svg.view circle.{name} {{ stroke: #" in css


def test_file_names_are_never_markup(one):
    html = page(one, "<b>title</b>", {})
    assert "<script>alert" not in html and "<b>title" not in html
    assert html.count("<script") == 2 and html.count("</script>") == 2
    assert not re.search(r'(src|href)="(https?:)?//', html)


def test_against_another_run(evaluation, tmp_path):
    results, annotations, images, _ = evaluation
    better = json.loads(open(results).read())
    better[0]["keypoints"][45:47] = [219.0, 219.0]
    other = tmp_path / "better.json"
    other.write_text(json.dumps(better))
    folder = str(tmp_path)
    command = ["report", str(other), "--dataset", folder, "--against", results]
    assert (
        main([*command, "--annotations", annotations, "--output", f"{folder}/a.html"])
        == 0
    )
    html = (tmp_path / "a.html").read_text()
    # one joint of 42 more, of one person of three
    assert "<td>92.86</td><td>95.24</td><td>+2.38</td>" in html
    assert "<td>no</td>" in html
    assert 'Joints gained: 1 people. <a href="#person-0">person 0</a> (1)' in html
    links = re.findall('<a href="#(.*?)">', html.split("</nav>")[0])
    assert links == re.findall('<section id="(.*?)">', html)
    assert "against" in links


def test_pictures_that_do_not_fit_are_left_out(one, evaluation):
    shown = crops(one, evaluation[2], 9, ROOM)
    assert list(shown) == [0, 1]
    room = len(shown[0]) + len(shown[1]) - 1
    assert crops(one, evaluation[2], 9, room) == {0: shown[0]}


def test_the_pictures_take_what_the_rest_of_the_page_leaves(evaluation, monkeypatch):
    results, *data = evaluation
    output = f"{results}.html"
    kept = []
    for limit in (ROOM, 0):
        monkeypatch.setattr("ppdet_hourglass.report.writing.MAX_BYTES", limit)
        write_report(results, tuple(data), 9, output)
        kept.append(list(json.loads(DATA.search(open(output).read())[1])["pictures"]))
    assert kept == [["0", "1"], []]


def test_the_page_is_called_after_the_results():
    assert report_path("a/keypoints_results.json") == "a/report.html"
    assert report_path("a/joints.json") == "a/report.html"
    path = report_path("keypoints_results_mpii_test.json")
    assert path == "report_mpii_test.html"


@pytest.mark.parametrize("missing", ["results", "annotations"])
def test_a_missing_file_is_one_line(evaluation, capsys, missing):
    results, annotations, images, keypoints = evaluation
    command = ["report", results, "--dataset", ".", "--annotations", annotations]
    command[1 if missing == "results" else 5] = "missing.json"
    assert main(command) == 1
    assert capsys.readouterr().err.startswith("error: ")


def test_published_figures_stand_beside_mpiis(mpii, tmp_path):
    """The figures of the README's table, and MPII's own predictions."""
    import numpy as np
    import scipy.io

    from ppdet_hourglass.keypoints.keypoint_file import read_keypoints

    annotations = str(mpii / "annotations/mpii_val.json")
    names = [one["image"] for one in json.loads(open(annotations).read())]
    truth = scipy.io.loadmat(str(mpii / "annotations/mpii_gt_val.mat"))
    found = truth["pos_pred_src"].transpose(2, 0, 1) - 1.0
    found = np.concatenate([found, np.ones((*found.shape[:2], 1))], axis=2)
    rows = [
        {"image": name, "center": [0, 0], "keypoints": joints.reshape(-1).tolist()}
        for name, joints in zip(names, found)
    ]
    results = tmp_path / "results.json"
    results.write_text(json.dumps(rows))
    one = study(str(results), annotations, str(mpii / "images"), read_keypoints("mpii"))
    html = page(one, "PCKh", {})
    assert len(html) < 15e6
    assert "<td>This evaluation</td><td>95.6</td>" in html
    assert "<td>Paddle reproduction, 256 px (published)</td><td>96.7</td>" in html
