"""The notebook of docs/predict.md, run by Jupyter."""

from ast import literal_eval

import cv2
import pytest

from ppdet_hourglass import Predictor

from .conftest import ROOT
from .predict.networks import random_weights
from .test_readme import blocks
from .test_readme_deploy import SMALL

WEIGHTS = '"output/hourglass_mpii_256/best_model"\n'

#: What a reader would look at in the end.
LOOK = """
drawn.shape, bool((drawn != cv2.imread("photo.jpg")).any()), sorted(rows[0])
"""


def test_the_docs_lines_run_in_a_notebook(tmp_path, sample_people):
    nbclient = pytest.importorskip("nbclient", reason="pip install nbclient ipykernel")
    pytest.importorskip("ipykernel", reason="pip install nbclient ipykernel")
    pytest.importorskip("supervision", reason="draws by supervision")
    import nbformat

    config = ROOT / "configs/hourglass_mpii_256.yml"
    (tmp_path / "configs").symlink_to(ROOT / "configs")
    (tmp_path / "output/hourglass_mpii_256").mkdir(parents=True)
    weights = tmp_path / "output/hourglass_mpii_256/best_model.pdparams"
    random_weights(weights, SMALL, str(config))
    (tmp_path / "photos").mkdir()
    pictures = sorted((sample_people / "images").iterdir())[:2]
    for picture, name in zip(pictures, ("a.jpg", "b.jpg")):
        cv2.imwrite(str(tmp_path / "photos" / name), cv2.imread(str(picture)))
    (tmp_path / "photo.jpg").write_bytes((tmp_path / "photos/a.jpg").read_bytes())

    first, second = blocks((ROOT / "docs/predict.md").read_text("utf-8"), "python")
    assert WEIGHTS in first
    first = first.replace(WEIGHTS, f"{WEIGHTS.strip()}, **{SMALL}\n")
    cells = [first, second, f"import cv2\n{LOOK}", "x, y, score"]
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells]
    )
    where = {"metadata": {"path": str(tmp_path)}}
    nbclient.NotebookClient(notebook, kernel_name="python3", resources=where).execute()

    streamed, looked, wrist = (cell.outputs[-1] for cell in notebook.cells[1:])
    assert streamed.text == "a.jpg 1\nb.jpg 1\n"
    height, width, _ = cv2.imread(str(tmp_path / "photo.jpg")).shape
    assert literal_eval(looked.data["text/plain"]) == (
        (height, width, 3),
        True,
        ["bbox", "category_id", "keypoints", "score"],
    )
    (pose,) = Predictor.from_config(str(config), str(weights), **SMALL)(
        tmp_path / "photo.jpg", [[100, 50, 200, 400]]
    )
    found = literal_eval(wrist.data["text/plain"])
    assert found == pytest.approx(pose["left_wrist"], abs=0.05)
