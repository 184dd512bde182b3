"""Five keypoints of one's own, from labelme's files to a trained and measured model."""

import json
import re
import shlex
import shutil

import numpy as np
import pytest

from ..conftest import ROOT
from ..networks import TINY
from ..running import clone, command, run
from .kites import NAMES, write_kites

DOC = (ROOT / "docs/own_keypoints.md").read_text(encoding="utf-8")
KEYPOINTS, CONFIG = re.findall(r"```yaml\n(.*?)```", DOC, re.DOTALL)
LABELME, TRAIN, EVALUATE, INFER, EXPORT = [
    shlex.split(line)
    for block in re.findall(r"```bash\n(.*?)```", DOC, re.DOTALL)
    for line in block.splitlines()
]

#: A small network on a CPU instead of the page's config for a GPU.
SMALL = (("hourglass_coco_256", "hourglass_sample"),)


@pytest.fixture(scope="module")
def kites(tmp_path_factory):
    """A clone with 300 labelled kites, as the page has them before step 2."""
    root = clone(tmp_path_factory.mktemp("clone"))
    (root / "configs").unlink()
    shutil.copytree(ROOT / "configs", root / "configs")
    write_kites(root / "dataset/kites", 300)
    return root


def page(command, root, *more):
    """Run a command of the page in the clone."""
    assert command[0] == "python"
    return run(*command[1:], *more, cwd=root)


@pytest.mark.slow
def test_the_page_from_labelme_to_a_measured_model(kites):
    assert ", ".join(NAMES) in KEYPOINTS
    config = CONFIG
    for full, small in SMALL:
        assert full in config
        config = config.replace(full, small)
    (kites / "kite.yml").write_text(KEYPOINTS)
    (kites / "configs/kites.yml").write_text(config)
    out = page(LABELME, kites, "--every", "6")
    assert "train.json: 250 images, 250 people" in out
    assert "val.json: 50 images, 50 people" in out

    options = ["-o", "worker_num=0", "epoch=4", "snapshot_epoch=4"]
    out = page(TRAIN, kites, *options)
    figures = {name: float(v) for name, v in re.findall(r"([\w@.]+)=([-\d.]+)", out)}
    print(figures)
    assert figures["Mean"] > 90 and figures["tip"] > 90
    assert figures["AP"] > 0.5
    assert "PCK (box)" in out and "Mean@0.05" in figures

    line = next(row for row in out.splitlines() if "[EVAL]" in row)
    assert line[line.index("[EVAL]") :] in page(EVALUATE, kites, *options)

    out = page(EVALUATE, kites, *options, "metric=KeyPointTopDownCOCOEval")
    (ap,) = re.findall(r"^\| ([\d.]+) \| .*\|$", out, re.M)
    assert float(ap) == pytest.approx(figures["AP"], abs=0.02)

    page(INFER, kites)
    rows = json.loads((kites / "drawn/keypoints_results.json").read_text())
    assert len(rows) == 300 and {len(row["keypoints"]) for row in rows} == {15}
    assert len(list((kites / "drawn").glob("*.png"))) == 300
    page(EXPORT, kites)
    names = {path.name for path in (kites / "output_inference/kites").iterdir()}
    assert {"infer_cfg.yml", "keypoints.yml", "model.pdiparams"} <= names


def test_coco_config(kites, tmp_path):
    """The shipped COCO config on a few people with COCO's seventeen joints."""
    folder = tmp_path / "coco"
    (folder / "annotations").mkdir(parents=True)
    rng = np.random.default_rng(1)
    for split in ("train", "val"):
        (folder / f"{split}2017").symlink_to(kites / "dataset/kites/images")
        points = rng.uniform(20, 100, (4, 17, 2)).round(1)
        rows = np.concatenate([points, np.full((4, 17, 1), 2)], axis=2)
        content = {
            "images": [
                {"id": i, "file_name": f"00{i}.png", "width": 120, "height": 120}
                for i in range(4)
            ],
            "annotations": [
                {
                    **{"id": i, "image_id": i, "category_id": 1, "iscrowd": 0},
                    **{"bbox": [10, 10, 100, 90], "area": 5000.0, "num_keypoints": 17},
                    "keypoints": rows[i].ravel().tolist(),
                }
                for i in range(4)
            ],
            "categories": [{"id": 1, "name": "person"}],
        }
        path = folder / f"annotations/person_keypoints_{split}2017.json"
        path.write_text(json.dumps(content))
    config = ROOT / "configs/hourglass_coco_256.yml"
    options = [f"dataset_dir={folder}", f"save_dir={tmp_path}/output", *TINY]
    out = command("train", "-c", config, "--eval", "-o", *options)
    assert "| AP | Ap .5 |" in out
    saved = tmp_path / "output/hourglass_coco_256/best_model.pdparams"
    assert saved.exists()
    out = command("eval", "-c", config, "-o", *options, f"weights={saved}")
    assert "| AP | Ap .5 |" in out
    report = ["--report", "--heatmaps", "2", "-c", config, "-o", *options]
    out = command("eval", *report, f"weights={saved}", "metric=PCK")
    assert "report written to" in out and "predicts other joints" not in out
