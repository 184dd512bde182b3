"""The READMEs' commands that read other projects' files."""

import shlex

import cv2
import numpy as np
import pytest
from scipy.io import loadmat

from ppdet_hourglass.cli import main
from ppdet_hourglass.data.mpii import annotation_files

from .convert.states import bearpaw
from .data.mpii.matlab import image, point, rectangle, write_release
from .networks import SMALL
from .running import clone
from .test_readme import PAGES, line_with, python

WHOLE = rectangle([point(k, 20 + 5 * k, 30 + 3 * k) for k in range(16)])


def test_train_on_mpiis_own_file_and_predict_its_test_people(tmp_path, monkeypatch):
    clone(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        annotation_files, "read_split", lambda: {"3.jpg": frozenset([1])}
    )
    words = shlex.split(line_with("ppdet_hourglass prepare-mpii"))
    assert words[2:4] == ["ppdet_hourglass", "prepare-mpii"]
    write_release(
        tmp_path / words[4],
        image("1.jpg", WHOLE, WHOLE),
        image("2.jpg", rectangle(), rectangle(), train=False, single=[2]),
        image("3.jpg", WHOLE, WHOLE),
        image("4.jpg", rectangle(center=None), rectangle(), train=False, single=[2]),
        image("5.jpg", train=False),
    )
    (tmp_path / "dataset/mpii/images").mkdir(parents=True)
    for name in "1234":
        path = tmp_path / f"dataset/mpii/images/{name}.jpg"
        cv2.imwrite(str(path), np.full((100, 120, 3), 90, np.uint8))
    assert main(words[3:]) == 0

    train = "python tools/train.py -c configs/hourglass_mpii_256.yml --eval -o epoch=1"
    more = ["worker_num=0", "TrainReader.batch_size=1", "snapshot_epoch=1"]
    assert "[EVAL] " in python(train, tmp_path, *SMALL, *more)
    line = line_with("EvalDataset.anno_path=annotations/mpii_test.json")
    log = python(line, tmp_path, *SMALL, "worker_num=0")
    assert "2 images, 3 people" in log
    assert "there is no ground truth to score them with" in log
    assert "[EVAL] " not in log
    folder = tmp_path / "output/hourglass_mpii_256"
    assert (folder / "keypoints_results.json").exists()
    pred = loadmat(str(folder / "pred_keypoints_mpii.mat"))["pred"]
    assert pred.shape == (1, 3)
    predicted = [
        [len(person["annopoints"].ravel()) for person in entry["annorect"].ravel()]
        for entry in pred[0, :2]
    ]
    assert predicted == [[1, 1], [0, 1]]


def test_convert_and_evaluate_public_weights(tmp_path, sample_people):
    torch = pytest.importorskip("torch", reason="converting needs PyTorch")
    clone(tmp_path)
    (tmp_path / "dataset").mkdir()
    (tmp_path / "dataset/mpii").symlink_to(sample_people)
    line = line_with("ppdet_hourglass convert")
    source = shlex.split(line)[4]
    assert f"| `{source}`" in PAGES["public_weights"]
    state = bearpaw(stacks=2, joints=16)
    tensors = {f"module.{key}": torch.tensor(value) for key, value in state.items()}
    torch.save({"state_dict": tensors, "epoch": 1}, str(tmp_path / source))
    out = python(line, tmp_path)
    assert "verified: 2 stacks give finite heatmaps 64x64" in out
    hint = out[out.index("evaluate: ") + len("evaluate: ") :].splitlines()[0]
    evaluate = line_with("hourglass8_mpii_256_bearpaw.yml")
    for part in shlex.split(evaluate)[1:]:
        assert part in hint
    assert "[EVAL] " in python(hint, tmp_path, "worker_num=0")
