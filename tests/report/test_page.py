import csv
import json
import re

import pytest

from ppdet_hourglass.__main__ import main
from ppdet_hourglass.metrics.joint_errors import CLASSES
from ppdet_hourglass.report.crops import crops
from ppdet_hourglass.report.evaluation_page import report_path, table_of, write_report
from ppdet_hourglass.report.page import HERE
from ppdet_hourglass.report.study import read_study

from .conftest import MARKUP

#: Characters for pictures.
ROOM = 10**6

DATA = re.compile(r'<script id="data" type="application/json">(.*?)</script>', re.S)


@pytest.fixture
def written(study, tmp_path):
    """Writes the report; returns its page and what its script reads."""

    def write(output="a.html", **options):
        write_report(study, str(tmp_path / output), **options)
        html = (tmp_path / output).read_text()
        return html, json.loads(DATA.search(html)[1])

    return write


def test_what_the_script_reads(written):
    _, data = written()
    first, _, third = data["people"]
    assert first["text"].startswith("12 of 14 joints found") and first["rank"] == 0
    assert first["skeletons"]["truth"][0] == [0, 40]  # (9, 9) px of 100 px from (9, 5)
    assert third["image"] == MARKUP
    assert ["picture" in person for person in data["people"]] == [True, True, False]
    assert len(data["people"][0]["errors"]) == len(data["joints"]) == 16


def test_what_the_head_says(written):
    html, _ = written(facts={"Weights": "best.pdparams", "Date": "<b>"})
    head = html.split("<nav>")[0]
    assert "best.pdparams" in head and "&lt;b&gt;" in head
    assert "within 0.5 head sizes" in html and "pelvis" in html  # what PCKh means


def test_a_row_of_each_person(study, written, tmp_path):
    written("report.html")
    assert (tmp_path / "report.csv").read_text() == table_of(study)
    rows = list(csv.DictReader(table_of(study).splitlines()))
    assert [row["record"] for row in rows] == ["0", "1", "2"]
    assert (rows[0]["annotated"], rows[0]["found"]) == ("14", "12")
    assert rows[2]["image"] == MARKUP
    assert (
        rows[0]["left_wrist_class"] == "miss" and rows[1]["right_knee_class"] == "swap"
    )
    assert float(rows[2]["right_hip_error"]) == pytest.approx(0.2)


def test_the_worst_are_drawn_beside_the_page(written, tmp_path):
    written("report.html")
    assert (tmp_path / "report.jpg").stat().st_size > 1000


@pytest.mark.parametrize("name", CLASSES)
def test_each_class_of_errors_has_its_colours(name):
    css = (HERE / "page.css").read_text()
    light, dark, *_ = css.split("@media screen and (prefers-color-scheme: dark)")
    assert f"--{name}: #" in light
    assert f"--{name}: #" in dark.partition("}")[0]
    assert f".{name} {{ background: var(--{name}); }}" in css
    assert f"svg.view circle.{name} {{ stroke: #" in css


def test_file_names_are_never_markup(written):
    html, _ = written(facts={"<b>name": "</dd><script>alert(1)"})
    assert "<script>alert" not in html and "<b>name" not in html
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
    gained = re.search(r"Joints gained:(.*?)</p>", html, re.S)[1]
    assert " ".join(gained.split()) == '1 person. <a href="#person-0">person 0</a> (1)'
    links = re.findall('<a href="#(.*?)">', html.split("</nav>")[0])
    assert links == re.findall('<section id="(.*?)">', html)
    assert "against" in links


def test_the_worst_people_with_an_image_have_it(study):
    assert list(crops(study, 9)) == [0, 1]
    assert list(crops(study, 1)) == [0]


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

    from ppdet_hourglass.keypoints.keypoint_set import read_keypoints

    annotations = str(mpii / "annotations/mpii_val.json")
    names = [row["image"] for row in json.loads(open(annotations).read())]
    truth = scipy.io.loadmat(str(mpii / "annotations/mpii_gt_val.mat"))
    found = truth["pos_pred_src"].transpose(2, 0, 1) - 1.0
    found = np.concatenate([found, np.ones((*found.shape[:2], 1))], axis=2)
    rows = [
        {"image": name, "center": [0, 0], "keypoints": joints.reshape(-1).tolist()}
        for name, joints in zip(names, found)
    ]
    results = tmp_path / "results.json"
    results.write_text(json.dumps(rows))
    images = str(mpii / "images")
    study = read_study(str(results), annotations, images, read_keypoints("mpii"))
    write_report(study, str(tmp_path / "a.html"))
    html = (tmp_path / "a.html").read_text()
    assert len(html) < 15e6
    assert "<td>This evaluation</td><td>95.6</td>" in html
    assert "<td>Paddle reproduction, 256 px (published)</td><td>96.7</td>" in html
