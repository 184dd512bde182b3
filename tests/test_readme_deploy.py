"""The READMEs' and pages' commands and examples that predict, export and deploy."""

import json
import shlex
import shutil
from ast import literal_eval

import cv2
import numpy as np
import pytest

from ppdet_hourglass import Predictor

from .networks import SMALL, random_weights, values
from .running import clone
from .test_readme import ENGLISH, PAGES, blocks, commands, line_with, python

CONFIG = "configs/hourglass_mpii_256.yml"
WEIGHTS = "output/hourglass_mpii_256/best_model"
BOX = [[100, 50, 200, 400]]  # of the examples

#: What a reader of docs/predict.md would look at in the end.
LOOK = """
import cv2
drawn.shape, bool((drawn != cv2.imread("photo.jpg")).any()), sorted(rows[0])
"""


@pytest.fixture(scope="module")
def trained(tmp_path_factory, sample_people):
    """A clone after a training, with the examples' pictures."""
    folder = clone(tmp_path_factory.mktemp("clone"))
    (folder / WEIGHTS).parent.mkdir(parents=True)
    random_weights(folder / f"{WEIGHTS}.pdparams", SMALL, str(folder / CONFIG))
    (folder / "photos").mkdir()
    first, second = sorted((sample_people / "images").iterdir())[:2]
    for name in ("photo.jpg", "picture.jpg", "photos/a.jpg"):
        shutil.copy(first, folder / name)
    shutil.copy(second, folder / "photos/b.jpg")
    return folder


@pytest.fixture(scope="module")
def exported(trained):
    """The same after the export."""
    python(line_with("tools/export_model.py"), trained, *SMALL)
    return trained


@pytest.fixture
def expected(trained):
    """The pose that the examples must find."""
    config, weights = str(trained / CONFIG), str(trained / WEIGHTS)
    (pose,) = Predictor.from_config(config, weights, **values(SMALL))(
        trained / "photo.jpg", BOX
    )
    return pose


def test_infer(trained):
    line = line_with("tools/infer.py")
    words = shlex.split(line)
    weights = words[words.index("-o") + 1]
    python(line, trained, "-o", weights, *SMALL)
    drawn = trained / words[words.index("--output") + 1]
    rows = json.loads((drawn / "keypoints_results.json").read_text())
    assert [row["image"] for row in rows] == ["a.jpg", "b.jpg"]
    assert len(rows[0]["keypoints"]) == 48
    assert (drawn / "a.jpg").stat().st_size > 1000


@pytest.mark.parametrize("text", [ENGLISH, PAGES["deploy"]], ids=["README", "deploy"])
def test_the_examples_of_exported_models(exported, expected, monkeypatch, text):
    monkeypatch.chdir(exported)
    example = blocks(text, "python")[0]
    if "onnxruntime" in example:
        pytest.importorskip("paddle2onnx", reason="exporting ONNX needs paddle2onnx")
        pytest.importorskip("onnxruntime", reason="the example runs ONNX Runtime")
        python(line_with("ppdet_hourglass onnx"), exported)
    names = {}
    exec(example, names)
    assert np.abs(names["pose"].keypoints - expected.keypoints).max() < 0.05


@pytest.mark.parametrize("page", ["predict", "deploy"])
def test_the_pages_have_the_readmes_commands(page):
    known = {*commands(ENGLISH), *commands(PAGES["train"])}
    assert commands(PAGES[page]) and set(commands(PAGES[page])) <= known


def test_the_lines_about_prediction_run_in_a_notebook(trained, expected):
    nbclient = pytest.importorskip("nbclient", reason="pip install nbclient ipykernel")
    pytest.importorskip("ipykernel", reason="pip install nbclient ipykernel")
    import nbformat

    first, second = blocks(PAGES["predict"], "python")
    assert f'"{WEIGHTS}"\n' in first
    first = first.replace(f'"{WEIGHTS}"\n', f'"{WEIGHTS}", **{values(SMALL)}\n')
    cells = [first, second, LOOK, "x, y, score"]
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells]
    )
    where = {"metadata": {"path": str(trained)}}
    nbclient.NotebookClient(notebook, kernel_name="python3", resources=where).execute()

    streamed, looked, wrist = (cell.outputs[-1] for cell in notebook.cells[1:])
    assert streamed.text == "a.jpg 1\nb.jpg 1\n"
    shape = cv2.imread(str(trained / "photo.jpg")).shape
    keys = ["bbox", "category_id", "keypoints", "score"]
    assert literal_eval(looked.data["text/plain"]) == (shape, True, keys)
    found = literal_eval(wrist.data["text/plain"])
    assert found == pytest.approx(expected["left_wrist"], abs=0.05)
