"""Prediction by the command line, from each input and with each source of boxes."""

import json
import os
import signal
import time

import cv2
import numpy as np
import pytest

from ppdet_hourglass.cli import main

from ..networks import CONFIG
from ..predict.detectors import paddle_detector

RESULTS = "keypoints_results.json"


@pytest.fixture
def run(model, tmp_path, config):
    """Runs the command; returns the folder that it wrote, and its results."""

    def run(path, *flags, status=0, named=model):
        output = tmp_path / "output"
        argv = ["--input", path, "--output", output, *flags]
        assert main(["infer", *named, *map(str, argv)]) == status
        return output, json.loads((output / RESULTS).read_text())

    return run


def pictures(folder):
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".json")


def is_drawn(drawn, given):
    """Whether a picture is another picture with something in it."""
    before, after = cv2.imread(str(given)), cv2.imread(str(drawn))
    return before.shape == after.shape and np.abs(before - 1.0 * after).max() > 50


def test_a_folder_whole_pictures(run, mpii, capsys, caplog):
    caplog.set_level("INFO")
    images = mpii / "test_images"
    output, rows = run(images)
    assert "7 people in 7 images" in caplog.text
    assert "7/7" in capsys.readouterr().err
    assert pictures(output) == pictures(images)
    assert len(rows) == 7
    for row in rows:
        image = cv2.imread(str(images / row["image"]))
        assert row["bbox"] == [0, 0, image.shape[1], image.shape[0]]
        assert row["image_id"] == int(row["image"].split(".")[0])
        assert len(row["keypoints"]) == 3 * 16 and row["category_id"] == 1
        scores = row["keypoints"][2::3]
        assert row["score"] == pytest.approx(np.mean(scores), abs=1e-3)
        assert is_drawn(output / row["image"], images / row["image"])


def test_an_image_with_boxes_from_a_file(run, mpii, tmp_path):
    records = json.loads((mpii / "annotations/mpii_5.json").read_text())
    boxes = []
    for record in records:
        side = 200 * record["scale"]
        x, y = record["center"]
        # To the results file's digits, so that its boxes give the very same crops.
        bbox = np.round([x - side / 4, y - side / 2, side / 2, side], 3).tolist()
        boxes.append({"file_name": record["image"], "bbox": bbox, "score": 0.75})
    file = tmp_path / "boxes.json"
    file.write_text(json.dumps([*boxes, {**boxes[0], "score": 0.3}]))
    output, rows = run(mpii / "images", "--boxes", file, "--draw_boxes")
    assert sorted(row["image"] for row in rows) == sorted(r["image"] for r in records)
    by_name = {row["image"]: row for row in rows}
    for box in boxes:
        row = by_name[box["file_name"]]
        assert row["bbox"] == pytest.approx(box["bbox"], abs=1e-3)
        mean = np.mean(row["keypoints"][2::3])
        assert row["score"] == pytest.approx(0.75 * mean, abs=1e-3)

    name = boxes[0]["file_name"]
    output, rows = run(mpii / "images" / name, "--boxes", file, "--box_threshold", 0.2)
    assert len(rows) == 2 and {row["image"] for row in rows} == {name}
    known = by_name[name]["keypoints"]
    assert rows[0]["keypoints"] == pytest.approx(known, abs=0.01)
    again = tmp_path / "again.json"  # a results file is a boxes file
    (output / RESULTS).rename(again)
    _, same = run(mpii / "images" / name, "--boxes", again)
    assert len(same) == 2
    for row, known in zip(same, rows):
        assert row["keypoints"] == pytest.approx(known["keypoints"], abs=0.01)


@pytest.mark.parametrize(
    "backend, people",
    [("paddle", None), ("onnxruntime", "boxes"), ("openvino", "detector")],
)
def test_an_exported_model_predicts_the_same(
    request, run, exported, mpii, tmp_path, backend, people
):
    """With each backend and each source of boxes, on the real pictures."""
    folder, options = exported
    if backend != "paddle":
        request.getfixturevalue("with_onnx")
        pytest.importorskip(backend, reason="pip install -e '.[deploy]'")
    images, flags = mpii / "test_images", []
    if people == "boxes":
        flags = ["--boxes", tmp_path / "boxes.json"]
        bbox = [50, 20, 200, 300]
        boxes = [{"file_name": name, "bbox": bbox} for name in pictures(images)]
        flags[1].write_text(json.dumps(boxes))
    elif people == "detector":
        flags = ["--detector", paddle_detector(tmp_path / "detector")]
    _, known_rows = run(images, *flags, named=["-c", CONFIG, "-o", *options])
    named = ["--exported", str(folder), "--backend", backend]
    _, rows = run(images, *flags, "--batch_size", 3, named=named)
    assert len(rows) == len(known_rows) == (14 if people == "detector" else 7)
    for row, known in zip(rows, known_rows):
        difference = np.subtract(row["keypoints"], known["keypoints"])
        assert np.abs(difference).max() <= 0.05


@pytest.fixture
def clip(tmp_path):
    """Builds a video with a bright square that moves to the right."""

    def build(count, name="clip.avi"):
        path = tmp_path / name
        codec = cv2.VideoWriter_fourcc(*"MJPG")
        writer = cv2.VideoWriter(str(path), codec, 12.5, (160, 120))
        for place in range(count):
            image = np.zeros((120, 160, 3), np.uint8)
            at = 2 * place % 140
            image[100:118, at : at + 20] = 255
            writer.write(image)
        writer.release()
        return path

    return build


def read(path):
    capture = cv2.VideoCapture(str(path))
    images = []
    while True:
        there, image = capture.read()
        if not there:
            return images, capture.get(cv2.CAP_PROP_FPS)
        images.append(image)


def test_a_video_comes_back_frame_for_frame(run, clip, tmp_path):
    path = clip(37)
    people = [{"frame": n, "bbox": [40, 5, 60, 80]} for n in range(37) for _ in "ab"]
    people += [{"frame": 5, "bbox": [100, 5, 30, 80]}]
    people = [row for row in people if row["frame"] != 9]
    file = tmp_path / "boxes.json"
    file.write_text(json.dumps(people))
    output, rows = run(path, "--boxes", file, "--batch_size", 5, "--faint_below", -9)
    assert sorted(p.name for p in output.iterdir()) == ["clip.mp4", RESULTS]
    counts = np.bincount([row["frame"] for row in rows], minlength=37)
    assert counts.tolist() == [0 if n == 9 else 3 if n == 5 else 2 for n in range(37)]
    assert {row["image"] for row in rows} == {"clip.avi"}

    given, rate = read(path)
    drawn, drawn_rate = read(output / "clip.mp4")
    assert (len(drawn), drawn_rate) == (len(given), rate) == (37, 12.5)
    for place, (before, after) in enumerate(zip(given, drawn)):
        assert before.shape == after.shape
        square = np.flatnonzero(after[109, :, 0] > 128)
        assert abs(square.min() - 2 * place) <= 2  # the frame is in its place
        colored = np.ptp(after[:90].astype(int), axis=2).max() > 80
        assert colored == (place != 9)  # the skeleton, where there is a person


def test_smoothed_joints_move_less(run, clip):
    """Equal in the first frame; then the joints of each frame move less."""
    path = clip(8)
    ways = []
    for flags in ([], ["--smooth"]):
        _, rows = run(path, "--batch_size", 3, *flags)
        ways.append(np.array([row["keypoints"] for row in rows]).reshape(8, 16, 3))
    plain, smooth = ways
    np.testing.assert_array_equal(smooth[0], plain[0])
    np.testing.assert_array_equal(smooth[..., 2], plain[..., 2])
    moved = [np.abs(np.diff(way[..., :2], axis=0)).sum() for way in ways]
    assert 0 < moved[1] < moved[0]


@pytest.mark.parametrize(
    "number, status, last",
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "stopped by SIGTERM")],
)
def test_a_signal_keeps_what_was_done(
    start, model, clip, tmp_path, number, status, last
):
    path = clip(20_000)
    argv = [*model, "--input", path, "--output", tmp_path / "out"]
    process = start("infer", *argv)
    unfinished = tmp_path / "out/clip.tmp.mp4"
    begun = time.monotonic()
    while not unfinished.exists():
        assert process.poll() is None and time.monotonic() - begun < 120
        time.sleep(0.1)
    os.kill(process.pid, number)
    log, _ = process.communicate(timeout=60)
    assert process.returncode == status and last in log, log
    assert "Traceback" not in log and not unfinished.exists()
    rows = json.loads((tmp_path / "out" / RESULTS).read_text())
    drawn, _ = read(tmp_path / "out/clip.mp4")
    assert 0 < len(rows) < 20_000 and abs(len(drawn) - len(rows)) <= 1


def test_a_video_that_is_cut_off_ends_with_an_error(run, clip, tmp_path, capsys):
    path = clip(60)
    with open(path, "r+b") as file:
        file.truncate(os.path.getsize(path) * 2 // 3)
    output, rows = run(path, status=1)
    assert 10 < len(rows) < 50 and len(read(output / "clip.mp4")[0]) == len(rows)
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"error: {path} states 60 frames, but only {len(rows)} could be read: is it "
        "cut off? These are done"
    )


def test_unreadable_images_are_skipped_and_counted(
    run, sample_people, tmp_path, capsys
):
    folder = tmp_path / "images"
    folder.mkdir()
    names = sorted(os.listdir(str(sample_people / "images")))[:3]
    for name in names:
        (folder / name).symlink_to(sample_people / "images" / name)
    (folder / "0.jpg").write_bytes(b"no picture")
    (folder / "5.png").write_bytes(b"")
    output, rows = run(folder, status=1)
    assert pictures(output) == names == [row["image"] for row in rows]
    error = capsys.readouterr().err.splitlines()[-1]
    assert "2 of 5 images" in error and "first 0.jpg" in error
    (folder / "5.png").unlink()
    run(folder, status=1)
    assert "1 of 4 images" in capsys.readouterr().err.splitlines()[-1]


def test_the_results_alone(run, sample_people):
    output, rows = run(sample_people / "images", "--no_drawing")
    assert os.listdir(str(output)) == [RESULTS] and len(rows) == 12


def test_paddledetections_own_flags(
    model, sample_people, tmp_path, config, monkeypatch
):
    """And the folder that is written where none is named."""
    monkeypatch.chdir(tmp_path)
    image = sorted((sample_people / "images").iterdir())[0]

    def drawn(*flags, output="output/infer"):
        assert main(["infer", *model, *map(str, flags)]) == 0
        return cv2.imread(str(tmp_path / output / image.name))

    one = ["--infer_img", image, "--output_dir", "one"]
    clear = drawn(*one, "--draw_threshold", -9, output="one")
    assert np.array_equal(clear, drawn("--input", image, "--faint_below", -9))
    assert not np.array_equal(clear, drawn("--input", image, "--draw_threshold", 99))
    drawn("--infer_dir", image.parent)
    assert len(json.loads((tmp_path / "output/infer" / RESULTS).read_text())) == 12


def test_nothing_of_paddles_is_printed(start, model, sample_people, tmp_path):
    image = sorted((sample_people / "images").iterdir())[0]
    argv = [*model, "--infer_img", image, "--output", tmp_path / "out"]
    log, _ = start("infer", *argv).communicate()
    lines = [line for line in log.splitlines() if "image/s" not in line and line]
    assert len(lines) == 3, log
    assert lines[0].startswith("weights: ")
    assert lines[1] == f"1 person in 1 image: {tmp_path}/out/{RESULTS}"
    assert lines[2] == f"drawn: {tmp_path}/out"
