import os
import struct
from fractions import Fraction
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from ppdet_hourglass.predict.outputs import DrawnVideo
from ppdet_hourglass.predict.sources import Frame, Images, Video, open_source

from ..conftest import refused
from ..data.turned import write_turned


def write(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((10, 12, 3), 90, np.uint8))


@pytest.fixture
def video(tmp_path):
    """Six frames that get brighter by 30 each."""
    path = tmp_path / "clip.avi"
    codec = cv2.VideoWriter_fourcc(*"MJPG")
    writer = cv2.VideoWriter(str(path), codec, 12.5, (64, 48))
    for place in range(6):
        writer.write(np.full((48, 64, 3), 30 * place, np.uint8))
    writer.release()
    return path


def test_a_folder_and_those_below_it(tmp_path):
    for name in ("b.png", "a.JPG", "z/c.jpg", "z/y/d.jpg", ".x.jpg", ".h/e.jpg"):
        write(tmp_path / name)
    (tmp_path / "list.txt").write_text("x")
    write(tmp_path / "out/a.jpg")  # of an earlier run
    source = open_source(str(tmp_path), str(tmp_path / "out"))
    assert list(source.names.values()) == ["a.JPG", "b.png", "z/c.jpg", "z/y/d.jpg"]
    frames = list(source)
    assert len(frames) == source.length == 4
    assert [frame.name for frame in frames] == list(source.names.values())
    assert frames[0].image.shape == (10, 12, 3) and not frames[0].in_video


def test_images_that_are_not_read_are_counted(tmp_path, caplog):
    for name in ("a.JFIF", "b.jpe"):
        write(tmp_path / "x.jpg")
        (tmp_path / "x.jpg").rename(tmp_path / name)
    for name in ("c.gif", "d.HEIC"):
        (tmp_path / name).write_bytes(b"")
    source = open_source(str(tmp_path))
    assert [frame.name for frame in source] == ["a.JFIF", "b.jpe"]
    (message,) = caplog.messages
    assert f"{tmp_path}: 2 images are not read" in message and ".heic" in message


@pytest.mark.parametrize(
    "names, numbers, numbered",
    [
        (["000000139.jpg", "z/7.png"], [139, 7], True),
        (["7.jpg", "z/007.png"], [0, 1], False),
        (["7.jpg", "8b.jpg"], [0, 1], False),
        (["٣.jpg"], [0], False),  # digits, but no plain ones
        (["²5.jpg"], [0], False),
    ],
)
def test_numbers_of_images(names, numbers, numbered):
    source = Images("folder", names)
    assert source.names == dict(zip(numbers, names))
    assert source.numbered == numbered


def test_one_image(tmp_path):
    write(tmp_path / "12.jpg")
    (frame,) = open_source(str(tmp_path / "12.jpg"), "out")
    assert (frame.name, frame.number) == ("12.jpg", 12)
    assert abs(int(frame.image[0, 0, 0]) - 90) <= 1


def test_an_unreadable_image_does_not_end_the_others(tmp_path, caplog):
    write(tmp_path / "1.jpg")
    (tmp_path / "2.jpg").write_bytes(b"no picture")
    write(tmp_path / "3.jpg")
    source = open_source(str(tmp_path), "out")
    assert [frame.name for frame in source] == ["1.jpg", "3.jpg"]
    assert source.skipped == ["2.jpg"]
    (record,) = caplog.records
    assert record.getMessage() == f"skipped: image {tmp_path}/2.jpg cannot be read"


def test_pictures_are_upright_unless_asked_otherwise(tmp_path):
    for name in ("1.jpg", "2.jpg"):
        write_turned(tmp_path / name, tag=6)
    source = open_source(str(tmp_path), "out")
    source.stored.add(2)
    upright, stored = source
    assert (upright.pixels, upright.image.shape) == ("upright", (12, 10, 3))
    assert (stored.pixels, stored.image.shape) == ("stored", (10, 12, 3))


def test_a_video_is_read_frame_by_frame(video):
    source = open_source(str(video), "out")
    assert isinstance(source, Video)
    assert (source.name, source.rate, source.length) == ("clip.avi", 12.5, 6)
    frames = list(source)
    assert [frame.number for frame in frames] == list(range(6))
    assert all(frame.in_video and frame.name == "clip.avi" for frame in frames)
    values = [int(frame.image.mean()) for frame in frames]
    assert np.abs(np.array(values) - 30 * np.arange(6)).max() <= 2


def test_a_video_that_is_cut_off(video, tmp_path):
    """An mp4 for browsers states its frames at its start."""
    pytest.importorskip("av")
    path = tmp_path / "clip.mp4"
    drawn, random = DrawnVideo(str(path), Fraction(25)), np.random.default_rng(0)
    for number in range(60):
        image = random.integers(0, 255, (48, 64, 3), np.uint8)
        drawn.write(Frame("clip.avi", number, image), image)
    drawn.close()
    whole = open_source(str(path))
    assert whole.problem == "" and len(list(whole)) == 60 and whole.problem == ""
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    source = open_source(str(path))
    read = len(list(source))
    assert source.length == 60 and 10 < read < 40
    assert source.problem == (
        f"{path} states 60 frames, but only {read} could be read: is it cut off? These "
        "are done"
    )
    source = open_source(str(video))
    source.length = 7  # one frame fewer is an estimate's error
    assert len(list(source)) == 6 and source.problem == ""


def test_a_video_without_frames(video):
    source = open_source(str(video))
    source._capture.set(cv2.CAP_PROP_POS_FRAMES, 6)
    assert list(source) == []
    assert source.problem == f"{video} has no readable frame"


def test_a_phones_video_is_upright(tmp_path):
    """A quarter clockwise, by the matrix in the track's header."""
    pytest.importorskip("av")
    path = tmp_path / "clip.mp4"
    image = np.zeros((48, 64, 3), np.uint8)
    image[:24, :32] = 255
    drawn = DrawnVideo(str(path), Fraction(25))
    drawn.write(Frame("clip.avi", 0, image), image)
    drawn.close()
    content = bytearray(path.read_bytes())
    start = content.index(b"tkhd") + 44
    one = 1 << 16
    quarter = (0, one, 0, -one, 0, 0, 48 * one, 0, 1 << 30)
    content[start : start + 36] = struct.pack(">9i", *quarter)
    path.write_bytes(content)
    (frame,) = Video(str(path))
    assert frame.image.shape == (64, 48, 3)
    assert frame.image[16, 12].max() < 9 and frame.image[16, 36].min() > 246


def test_a_camera_is_a_video_without_length(video, monkeypatch):
    capture = cv2.VideoCapture
    monkeypatch.setattr(
        cv2, "VideoCapture", lambda source: capture({0: str(video)}[source])
    )
    source = open_source("0", "out")
    assert (source.name, source.length) == ("camera_0", None)
    assert len(list(source)) == 6


@pytest.mark.parametrize("leave", [list, lambda frames: frames.close()])
def test_a_video_is_released_at_its_end_or_when_reading_stops(video, leave):
    source, released = open_source(str(video), "out"), []
    capture = source._capture
    source._capture = SimpleNamespace(
        read=capture.read, get=capture.get, release=lambda: released.append(capture)
    )
    frames = iter(source)
    next(frames)
    assert released == []
    leave(frames)
    assert released == [capture]


def test_wrong_input(tmp_path):
    endings = "(.jpg, .jpeg, .jpe, .jfif, .png, .bmp, .webp, .tif, .tiff)"
    notes = tmp_path / "notes.txt"
    notes.write_text("no picture")
    for source, message in (
        (tmp_path / "none", f"input {tmp_path}/none does not exist"),
        (
            tmp_path,
            f"{tmp_path} and the folders below it hold no image {endings}",
        ),
        (
            notes,
            f"input {notes} is neither an image {endings} nor a video that can be "
            "opened",
        ),
        (98, "camera 98 cannot be opened"),
    ):
        assert refused(open_source, str(source), "out") == message


def write_frames(path, times, codec="libx264", **options):
    """A video of noise whose frames have these times in milliseconds."""
    av = pytest.importorskip("av")
    random = np.random.default_rng(0)
    with av.open(str(path), "w", options=options) as file:
        stream = file.add_stream(codec, 1000)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for time in times:
            pixels = random.integers(0, 255, (48, 64, 3), np.uint8)
            frame = av.VideoFrame.from_ndarray(pixels, "rgb24")
            frame.pts, frame.time_base = int(time), Fraction(1, 1000)
            file.mux(stream.encode(frame))
        file.mux(stream.encode())


@pytest.mark.parametrize("name, codec", [("a.mp4", "libx264"), ("a.webm", "libvpx")])
def test_each_frame_has_its_time(tmp_path, name, codec):
    """A browser's recording states 1000 frames a second, a phone's varies."""
    times = [0, 33, 66, 100, 300, 500, 900]
    write_frames(tmp_path / name, np.add(times, 40), codec)
    source = Video(str(tmp_path / name))
    frames = list(source)
    found = [frame.time for frame in frames]
    assert found == pytest.approx(np.divide(times, 1000), abs=0.0015)
    drawn = DrawnVideo(str(tmp_path / "drawn.mp4"), source.rate)
    for frame in frames:
        drawn.write(frame, frame.image)
    drawn.close()
    again = [frame.time for frame in Video(drawn.path)]
    assert again == pytest.approx(found, abs=0.0015)


def test_a_damaged_frame_does_not_end_the_video(tmp_path):
    av = pytest.importorskip("av")
    path = tmp_path / "a.mp4"
    write_frames(path, range(0, 2400, 40))
    with av.open(str(path)) as file:
        packets = [(p.pos, p.size) for p in file.demux(video=0) if p.size]
    content = bytearray(path.read_bytes())
    start, size = packets[25]
    content[start : start + size] = b"\xff" * size
    path.write_bytes(content)
    source = Video(str(path))
    numbers = [frame.number for frame in source]
    assert numbers[-1] == 59 and 55 <= len(numbers) < 60
    lost = sorted(set(range(60)) - set(numbers))
    count = f"{len(lost)} frame{'s' * (len(lost) > 1)}"
    assert f"{count} could not be read, {lost[0]} first" in source.problem


@pytest.mark.parametrize("start", ["ffconcat version 1.0\nfile x.mp4", "#EXTM3U\nx.ts"])
def test_a_list_of_other_files_is_no_video(tmp_path, start):
    (tmp_path / "a.mp4").write_text(start)
    assert "lists other files" in refused(open_source, str(tmp_path / "a.mp4"))


def test_a_pipe_is_no_input(tmp_path):
    os.mkfifo(tmp_path / "a.mp4")
    assert "is a pipe" in refused(open_source, str(tmp_path / "a.mp4"))


def test_an_address_is_a_stream(video, monkeypatch):
    address = "rtsp://camera.example/live/1?token=x"
    capture = cv2.VideoCapture
    monkeypatch.setattr(
        cv2, "VideoCapture", lambda text: capture({address: str(video)}.get(text, ""))
    )
    source = open_source(address)
    assert (source.name, source.length) == ("1", None)
    frames = list(source)
    times = [frame.time for frame in frames]
    assert len(frames) == 6 and times[0] == 0 and times == sorted(times)
    assert "stream" in refused(open_source, "rtsp://elsewhere.example/")
    assert "does not exist" in refused(open_source, "file:///etc/passwd")
