"""Prediction by the command line, from each input and with each source of boxes."""

import json
import os
import signal
import time

import cv2
import numpy as np
import pytest

from ppdet_hourglass.cli import main

from ..conftest import ROOT
from ..predict.detectors import expected, onnx_detector, paddle_detector

RESULTS = "keypoints_results.json"


@pytest.fixture
def run(model, tmp_path, config):
    """Runs the command; returns the folder that it wrote, and its results."""

    def run(path, *flags, status=0, named=None):
        output = tmp_path / "output"
        argv = ["--input", str(path), "--output", str(output), *map(str, flags)]
        assert main(["infer", *(named or model), *argv]) == status
        return output, json.loads((output / RESULTS).read_text())

    return run


def pictures(folder):
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".json")


def is_drawn(drawn, given):
    """Whether a picture is another picture with something in it."""
    before, after = cv2.imread(str(given)), cv2.imread(str(drawn))
    return before.shape == after.shape and np.abs(before - 1.0 * after).max() > 50


def test_a_folder_whole_pictures(tool, model, mpii, tmp_path):
    images = mpii / "test_images"
    log = tool("infer", *model, "--input", images, "--output", tmp_path / "out")
    assert "7 people in 7 pictures" in log and "7/7" in log
    assert pictures(tmp_path / "out") == pictures(images)
    rows = json.loads((tmp_path / "out" / RESULTS).read_text())
    assert len(rows) == 7
    for row in rows:
        image = cv2.imread(str(images / row["image"]))
        assert row["bbox"] == [0, 0, image.shape[1], image.shape[0]]
        assert row["image_id"] == int(row["image"].split(".")[0])
        assert len(row["keypoints"]) == 3 * 16 and row["category_id"] == 1
        scores = row["keypoints"][2::3]
        assert row["score"] == pytest.approx(np.mean(scores), abs=1e-3)
        assert is_drawn(tmp_path / "out" / row["image"], images / row["image"])


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


def check_detected(rows, images):
    assert len(rows) == 2 * 7
    for row, other in zip(rows[::2], rows[1::2]):
        height, width = cv2.imread(str(images / row["image"])).shape[:2]
        left, whole = expected(width, height)
        assert row["bbox"] == pytest.approx(left[:4], abs=0.05)
        assert other["bbox"] == pytest.approx(whole[:4], abs=0.05)


def test_a_detector(run, mpii, tmp_path):
    folder = paddle_detector(tmp_path / "detector")
    _, rows = run(mpii / "test_images", "--detector", folder)
    check_detected(rows, mpii / "test_images")


def test_an_onnx_detector(run, mpii, tmp_path):
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    folder = onnx_detector(tmp_path / "detector")
    _, rows = run(mpii / "test_images", "--detector", folder / "detector.onnx")
    check_detected(rows, mpii / "test_images")


@pytest.mark.parametrize("backend", ["paddle", "onnxruntime", "openvino"])
def test_an_exported_model_predicts_the_same(run, model, mpii, tmp_path, backend):
    """With each backend and each source of boxes, on the real pictures."""
    pytest.importorskip({"paddle": "paddle"}.get(backend, backend))
    # DARK magnifies rounding on the flat heatmaps of a network that is not trained.
    model = [*model, "TopDownHourglass.decoder=quarter"]
    exported = tmp_path / "exported"
    assert main(["export", *model, f"--output_dir={exported}"]) == 0
    folder = str(exported / "hourglass_sample")
    if backend != "paddle":
        pytest.importorskip("paddle2onnx", reason="exporting ONNX needs paddle2onnx")
        assert main(["onnx", str(folder)]) == 0
    images = mpii / "test_images"
    names = pictures(images)
    boxes = [{"file_name": name, "bbox": [50, 20, 200, 300]} for name in names]
    file = tmp_path / "boxes.json"
    file.write_text(json.dumps(boxes))
    detector = paddle_detector(tmp_path / "detector")
    named = ["--exported", folder, "--backend", backend]
    for flags in ([], ["--boxes", file], ["--detector", detector]):
        _, expected_rows = run(images, *flags, named=model)
        _, rows = run(images, *flags, "--batch_size", 3, named=named)
        assert len(rows) == len(expected_rows) >= 7
        for row, known in zip(rows, expected_rows):
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


def test_ctrl_c_keeps_what_was_done(tool, model, clip, tmp_path):
    path = clip(20_000)
    argv = [*model, "--input", path, "--output", tmp_path / "out"]
    process = tool("infer", *argv, wait=False)
    unfinished = tmp_path / "out/clip.tmp.mp4"
    started = time.monotonic()
    while not unfinished.exists():
        assert process.poll() is None and time.monotonic() - started < 120
        time.sleep(0.1)
    os.kill(process.pid, signal.SIGINT)
    log, _ = process.communicate(timeout=60)
    assert process.returncode == 130 and log.rstrip().endswith("interrupted"), log
    assert "Traceback" not in log and not unfinished.exists()
    rows = json.loads((tmp_path / "out" / RESULTS).read_text())
    drawn, _ = read(tmp_path / "out/clip.mp4")
    assert 0 < len(rows) < 20_000 and abs(len(drawn) - len(rows)) <= 1


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
    assert capsys.readouterr().err.splitlines()[-1] == (
        "error: 2 of 5 images could not be read and were skipped, 0.jpg first; the "
        "others are done"
    )
    (folder / "5.png").unlink()
    run(folder, status=1)
    assert capsys.readouterr().err.splitlines()[-1] == (
        "error: 1 of 4 images could not be read and was skipped, 0.jpg first; the "
        "others are done"
    )


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


def test_nothing_of_paddles_is_printed(tool, model, sample_people, tmp_path):
    image = sorted((sample_people / "images").iterdir())[0]
    log = tool("infer", *model, "--infer_img", image, "--output", tmp_path / "out")
    lines = [line for line in log.splitlines() if "picture/s" not in line and line]
    assert len(lines) == 3, log
    assert lines[0].startswith("weights: ")
    assert lines[1] == f"1 person in 1 picture: {tmp_path}/out/{RESULTS}"
    assert lines[2] == f"drawn: {tmp_path}/out"


def test_help_says_how_it_ends(tool):
    out = tool("infer", "--help")
    for part in ("--exported", "--detector", "--boxes", "--input", "Exit status: 0; 1"):
        assert part in " ".join(out.split())
    assert (ROOT / "tools/infer.py").exists()
