"""The READMEs' commands that read other projects' files."""

import shlex

import cv2
import numpy as np
import pytest

from ppdet_hourglass.cli import main, prepare_mpii

from .convert.states import bearpaw
from .data.mpii.matlab import image, point, rectangle, write_release
from .test_readme import PAGES, ROOT, line_with, python

WHOLE = rectangle([point(k, 20 + 5 * k, 30 + 3 * k) for k in range(16)])


def test_prepare_mpii_and_predict_its_test_people(tmp_path, monkeypatch):
    for name in ("tools", "configs", "ppdet_hourglass"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(prepare_mpii, "read_split", lambda: {"2.jpg": frozenset([1])})
    words = shlex.split(line_with("ppdet_hourglass prepare-mpii"))
    assert words[2:4] == ["ppdet_hourglass", "prepare-mpii"]
    write_release(
        tmp_path / words[4],
        image("1.jpg", WHOLE),
        image("2.jpg", WHOLE),
        image("3.jpg", rectangle(), train=False, single=[1]),
    )
    (tmp_path / "dataset/mpii/images").mkdir(parents=True)
    for name in "123":
        path = tmp_path / f"dataset/mpii/images/{name}.jpg"
        cv2.imwrite(str(path), np.full((100, 120, 3), 90, np.uint8))
    assert main(words[3:]) == 0

    line = line_with("EvalDataset.anno_path=annotations/mpii_test.json")
    folder = "output/hourglass_mpii_256"
    tiny = ["HourglassNet.stage_channels=[8,8,8,8,8,8]", "HourglassNet.feat_channels=8"]
    tiny += ["HourglassNet.stage_blocks=[1,1,1,1,1,1]", "worker_num=0"]
    train = "python tools/train.py -c configs/hourglass_mpii_256.yml -o epoch=1"
    more = [*tiny, "TrainReader.batch_size=1", "snapshot_epoch=1"]
    python(train, tmp_path, *more)
    final = tmp_path / folder / "model_final.pdparams"
    final.rename(final.with_name("best_model.pdparams"))
    python(line, tmp_path, *tiny)
    assert (tmp_path / folder / "pred_keypoints_mpii.mat").exists()
    assert (tmp_path / folder / "keypoints_results.json").exists()


def test_convert_and_evaluate_public_weights(tmp_path, sample_people):
    torch = pytest.importorskip("torch", reason="converting needs PyTorch")
    for name in ("tools", "configs", "ppdet_hourglass"):
        (tmp_path / name).symlink_to(ROOT / name)
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
