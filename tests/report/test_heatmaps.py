"""The heatmaps of each stack, of a made-up network and of a real one."""

import base64
import json

import cv2
import numpy as np
import pytest

from ppdet_hourglass.cli import main
from ppdet_hourglass.keypoints.keypoint_set import read_keypoints
from ppdet_hourglass.modeling.codec import HeatmapCodec
from ppdet_hourglass.predict.model_spec import ModelSpec
from ppdet_hourglass.report.crops import heatmaps, overlay, strip

from ..conftest import refused
from ..end_to_end.conftest import arguments
from ..networks import TINY, random_weights
from ..running import command
from .test_page import DATA

RED, BLUE = (0, 0, 255), (255, 0, 0)
COLORS = np.array([RED, BLUE], np.uint8)

#: Opacity at heights 1 and 0.5 (of 31 steps: 16): 0.85 x 255, and 0.85 x 255 x 16 / 31.
FULL, HALF = 217, 112


def test_the_highest_heatmap_colours_a_pixel():
    stack = np.zeros((2, 2, 2))
    stack[0, 0], stack[1, 0, 1], stack[1, 1] = 0.5, 1.2, (0.01, -1)
    assert overlay(stack, COLORS).tolist() == [
        [[*RED, HALF], [*BLUE, FULL]],
        [[0, 0, 0, 0], [0, 0, 0, 0]],
    ]


def test_all_joints_above_each():
    stack = np.zeros((2, 2, 2))
    stack[0, 0, 0], stack[1, 1, 1] = 1, 0.5
    opacities = strip(stack, COLORS)[..., 3].reshape(3, 2, 2)
    assert opacities.tolist() == [
        [[FULL, 0], [0, HALF]],
        [[FULL, 0], [0, 0]],
        [[0, 0], [0, HALF]],
    ]


@pytest.mark.parametrize(
    "shape, square",
    [((4, 2), [[1, 0], [0, 1]]), ((1, 3), [[0, 0, 0], [1, 0, 1], [0, 0, 0]])],
)
def test_a_crop_that_is_no_square(shape, square):
    """Of a high crop the middle is shown, a wide one gets a margin."""
    stack = np.zeros((1, *shape))
    stack[0, 1 if shape[0] > 1 else 0, 0] = stack[0, min(2, shape[0] - 1), -1] = 1
    shown = strip(stack, COLORS[:1])[: shape[1], :, 3] > 0
    assert shown.astype(int).tolist() == square


@pytest.fixture
def network(monkeypatch):
    """A network whose second stack sees every joint at (x, y) = (8, 4) of 16 x 16."""

    def answer(inputs):
        stacks = np.zeros((2 * len(inputs), 16, 16, 16), np.float32)
        stacks[1, :, 4, 8] = 1
        return stacks

    keypoints = read_keypoints("mpii")
    codec = HeatmapCodec(flip_test=False)
    spec = ModelSpec((64, 64), (0.5,) * 3, (0.5,) * 3, keypoints, codec)
    monkeypatch.setattr(
        "ppdet_hourglass.predict.open_network.open_network",
        lambda *args, **kwargs: (answer, spec),
    )
    return spec


def decoded(text):
    return cv2.imdecode(
        np.frombuffer(base64.b64decode(text), np.uint8), cv2.IMREAD_UNCHANGED
    )


def test_of_the_worst_people_with_an_image(network, study, caplog):
    found = heatmaps(study, "a.yml", [], [0])
    assert list(found) == [0]
    first, second = (decoded(text)[..., 3].reshape(17, 16, 16) for text in found[0])
    assert not first.any()
    assert [np.argwhere(square).tolist() for square in second] == [[[4, 8]]] * 17
    assert list(heatmaps(study, "a.yml", [], [0, 1])) == [0, 1]
    for part in ("a.yml", study.results, "2 of the 2", "weights"):
        assert part in caplog.messages[-1]


def test_a_network_of_other_joints(network, study):
    object.__setattr__(network, "keypoints", read_keypoints("lsp"))
    message = refused(heatmaps, study, "a.yml", [], [0])
    for part in ("a.yml", network.keypoints.source, study.keypoints.source):
        assert part in message


TWO_STACKS = [*TINY, "HourglassNet.num_stacks=2"]


@pytest.fixture(scope="module")
def evaluated(sample_people, tmp_path_factory):
    """Folder and log of an evaluation with report, and its arguments."""
    folder = tmp_path_factory.mktemp("evaluated")
    weights = random_weights(folder / "w.pdparams", TWO_STACKS)
    options = [*TWO_STACKS, f"weights={weights}", "use_gpu=false"]
    argv = arguments(sample_people, folder, *options)
    log = command("eval", "--report", "--heatmaps", "2", *argv)
    return folder / "hourglass_sample", log, argv


def data_of(path):
    return json.loads(DATA.search(path.read_text())[1])


def test_an_evaluation_with_report(evaluated):
    folder, log, _ = evaluated
    page = folder / "report.html"
    assert f"report written to {page} " in log
    assert "predicts other joints" not in log  # so crops and network are the same
    data = data_of(page)
    worst = sorted(data["people"], key=lambda person: person["rank"])
    for index, person in enumerate(worst):
        assert ("stacks" in person) == (index < 2)
    for person in worst[:2]:
        shapes = [decoded(text).shape for text in person["stacks"]]
        assert shapes == [(17 * 32, 32, 4)] * 2
    head = page.read_text().split("<nav>")[0]
    assert "hourglass_sample.yml" in head and "w.pdparams" in head
    assert (folder / "report.csv").read_text().count("\n") == len(worst) + 1
    assert cv2.imread(str(folder / "report.jpg")) is not None


def test_the_report_command_shows_the_same(evaluated, sample_people, tmp_path):
    folder, _, argv = evaluated
    output = tmp_path / "page.html"
    results = [folder / "keypoints_results.json", "--dataset", sample_people]
    command("report", *results, "--output", output, "--heatmaps", "2", *argv)
    assert data_of(output) == data_of(folder / "report.html")


@pytest.mark.parametrize(
    "argv, message",
    [
        ("report r.json --dataset d --heatmaps 0 -c c.yml", "--heatmaps must be at "),
        ("report r.json --dataset d --heatmaps 2", "--heatmaps N and -c FILE"),
        ("report r.json --dataset d -c c.yml", "--heatmaps N and -c FILE"),
        ("report r.json --dataset d -o weights=w", "-o overrides keys of a config: "),
        ("eval -c c.yml --heatmaps 2", "--heatmaps needs --report"),
        ("eval -c c.yml --report --save_prediction_only", "--report needs the metric"),
    ],
)
def test_options_that_do_not_go_together(argv, message, capsys):
    assert main(argv.split()) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"error: {message}")


def test_people_without_joints_have_no_report(evaluated, sample_people, tmp_path):
    people = json.loads((sample_people / "annotations/mpii_val.json").read_text())
    bare = [{key: one[key] for key in ("image", "center", "scale")} for one in people]
    path = tmp_path / "mpii_test.json"
    path.write_text(json.dumps(bare))
    *argv, _ = evaluated[2]
    with pytest.raises(AssertionError, match="--report needs metric PCK or PCKh and"):
        command("eval", "--report", *argv, f"EvalDataset.anno_path={path}")


def test_a_reader_that_prediction_lacks_ends_before_the_evaluation(evaluated, tmp_path):
    udp = "EvalReader.sample_transforms=[{TopDownAffine: {use_udp: true}}]"
    argv = ["--report", "--heatmaps", "1", "--output_eval", tmp_path, *evaluated[2]]
    with pytest.raises(AssertionError, match="TopDownAffine.use_udp is not supported"):
        command("eval", *argv, udp)
    assert not list(tmp_path.iterdir())
