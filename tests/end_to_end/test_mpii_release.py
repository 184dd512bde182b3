"""From MPII's own annotation file to the file that its evaluation takes."""

import cv2
import numpy as np
from scipy.io import loadmat

from ppdet_hourglass.cli import main, prepare_mpii

from ..data.mpii.matlab import image, point, rectangle, write_release
from .conftest import arguments

WHOLE = rectangle([point(k, 20 + 5 * k, 30 + 3 * k) for k in range(16)])


def test_train_on_it_and_predict_its_test_people(tool, tmp_path, monkeypatch):
    monkeypatch.setattr(prepare_mpii, "read_split", lambda: {"3.jpg": frozenset([1])})
    release = write_release(
        tmp_path / "mpii.mat",
        image("1.jpg", WHOLE, WHOLE),
        image("2.jpg", rectangle(), rectangle(), train=False, single=[2]),
        image("3.jpg", WHOLE, WHOLE),
        image("4.jpg", rectangle(center=None), rectangle(), train=False, single=[2]),
        image("5.jpg", train=False),
    )
    folder = tmp_path / "mpii"
    (folder / "images").mkdir(parents=True)
    for name in range(1, 5):
        cv2.imwrite(
            str(folder / f"images/{name}.jpg"), np.full((100, 120, 3), 90, np.uint8)
        )
    assert main(["prepare-mpii", release, str(folder / "annotations")]) == 0

    output = tmp_path / "out"
    log = tool("train", "--eval", *arguments(folder, output))
    assert "[EVAL] " in log
    options = [
        "EvalDataset.anno_path=annotations/mpii_test.json",
        f"weights={output}/hourglass_sample/best_model",
    ]
    log = tool("eval", *arguments(folder, output, *options))
    assert "2 images, 3 people" in log
    assert "there is no ground truth to score them with" in log
    assert "[EVAL] " not in log
    pred = loadmat(str(output / "hourglass_sample/pred_keypoints_mpii.mat"))["pred"]
    assert pred.shape == (1, 3)
    predicted = [
        [len(person["annopoints"].ravel()) for person in entry["annorect"].ravel()]
        for entry in pred[0, :2]
    ]
    assert predicted == [[1, 1], [0, 1]]
