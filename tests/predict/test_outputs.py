import sys
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from ppdet_hourglass.files import check_writable
from ppdet_hourglass.predict.outputs import DrawnVideo, ImageFolder, open_output
from ppdet_hourglass.predict.sources import Frame, Images, Video

from ..conftest import refused

GRAY = np.full((10, 12, 3), 90, np.uint8)


def clip(path, rate=25):
    """A video that was not opened."""
    video = Video.__new__(Video)
    video.path, video.name, video.rate = str(path), path.name, Fraction(rate)
    return video


@pytest.mark.parametrize("name", ["a.jpg", "x/b.PNG", "c.webp", "d.tif", "e.jfif"])
def test_pictures_keep_their_paths(tmp_path, name):
    output = open_output(Images("somewhere", [name]), str(tmp_path))
    output.write(Frame(name, 0, GRAY), GRAY)
    output.close()
    picture = cv2.imread(str(tmp_path / name))
    assert picture.shape == GRAY.shape and abs(int(picture[0, 0, 0]) - 90) <= 1


def test_a_video_is_named_after_its_input(tmp_path, monkeypatch):
    pytest.importorskip("av")
    source = clip(Path("somewhere/clip.avi"))
    assert open_output(source, str(tmp_path)).path == str(tmp_path / "clip.mp4")
    monkeypatch.setitem(sys.modules, "av", None)  # missed before the work
    with pytest.raises(ModuleNotFoundError) as caught:
        open_output(source, str(tmp_path))
    assert caught.value.name == "av"
    assert open_output(Images("somewhere", ["a.jpg"]), str(tmp_path))


def test_the_input_is_never_replaced(tmp_path):
    folder = f"{tmp_path}/../{tmp_path.name}"
    assert refused(open_output, Images(str(tmp_path), ["a.jpg"]), folder) == (
        f"output folder {folder} is the input folder: name another"
    )
    assert refused(open_output, clip(tmp_path / "clip.mp4"), str(tmp_path)) == (
        f"output {tmp_path}/clip.mp4 is the input: name another folder"
    )


def test_folders_that_cannot_be_written(tmp_path):
    check_writable(str(tmp_path / "new/folder"))
    assert not list((tmp_path / "new/folder").iterdir())
    (tmp_path / "file").write_text("")
    for path, reason in (("file", "File exists"), ("file/x", "Not a directory")):
        assert refused(check_writable, str(tmp_path / path)) == (
            f"output folder {tmp_path}/{path} cannot be written: {reason}"
        )
    output = ImageFolder(str(tmp_path / "file"))
    message = refused(output.write, Frame("a.jpg", 0, GRAY), GRAY)
    assert message.startswith(f"{tmp_path}/file/a.jpg cannot be written: ")


def write(path, rate, frames):
    pytest.importorskip("av")
    video = DrawnVideo(str(path), Fraction(rate))
    for frame in frames:
        video.write(Frame(path.name, 0, frame), frame)
    video.close()


def frames(size, count=5):
    height, width = size
    return [np.full((height, width, 3), 40 * k, np.uint8) for k in range(count)]


@pytest.mark.parametrize("rate", ["25", "30000/1001", "25/2", "118473/1000", "1/2"])
def test_frames_come_back_at_their_exact_rate(tmp_path, rate):
    write(tmp_path / "a.mp4", rate, frames((48, 64)))
    source = Video(str(tmp_path / "a.mp4"))
    assert source.rate == Fraction(rate)
    images = [frame.image for frame in source]
    assert len(images) == source.length == 5
    assert all(image.shape == (48, 64, 3) for image in images)
    means = np.array([image.mean() for image in images])
    assert np.abs(means - 40 * np.arange(5)).max() <= 2


@pytest.mark.parametrize(
    "size, written", [((49, 65), (50, 66)), ((1, 1), (2, 2)), ((48, 65), (48, 66))]
)
def test_an_odd_size_doubles_its_last_row_and_column(tmp_path, size, written):
    height, width = size
    picture = np.zeros((height, width, 3), np.uint8)
    picture[-1], picture[:, -1] = 255, 255
    write(tmp_path / "a.mp4", 25, [picture] * 3)
    images = [frame.image for frame in Video(str(tmp_path / "a.mp4"))]
    assert len(images) == 3 and images[0].shape == (*written, 3)
    assert images[0][-1].min() > 230 and images[0][:, -1].min() > 230


def test_what_browsers_need(tmp_path):
    """H.264 of 8 bits with halved colours, and the index before the pictures."""
    write(tmp_path / "a.mp4", 25, frames((48, 64)))
    import av

    with av.open(str(tmp_path / "a.mp4")) as file:
        (stream,) = file.streams
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
    content = (tmp_path / "a.mp4").read_bytes()
    assert 0 < content.index(b"moov") < content.index(b"mdat")


def test_the_file_appears_when_it_is_whole(tmp_path):
    pytest.importorskip("av")
    video = DrawnVideo(str(tmp_path / "a.mp4"), Fraction(25))
    video.write(Frame("a.avi", 0, GRAY), GRAY)
    assert [path.name for path in tmp_path.iterdir()] == ["a.tmp.mp4"]
    video.close()
    video.close()
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


def test_without_a_frame_there_is_no_file(tmp_path):
    write(tmp_path / "a.mp4", 25, [])
    assert not list(tmp_path.iterdir())


def test_a_video_that_cannot_be_written(tmp_path, monkeypatch):
    def message(path):
        return refused(write, path, 25, frames((48, 64)))

    assert message(tmp_path / "none/a.mp4") == (
        f"video {tmp_path}/none/a.mp4 cannot be written: No such file or directory"
    )
    (tmp_path / "a.mp4/x").mkdir(parents=True)  # found out when it is renamed
    assert message(tmp_path / "a.mp4") == (
        f"video {tmp_path}/a.mp4 cannot be written: Is a directory"
    )
    monkeypatch.setattr("ppdet_hourglass.predict.outputs.CODEC", "h265000")
    start = f"video {tmp_path}/b.mp4 cannot be written: "
    assert message(tmp_path / "b.mp4").startswith(start)
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


def test_sound_that_is_dropped_is_said(tmp_path, caplog):
    av = pytest.importorskip("av")
    path = tmp_path / "loud.mp4"
    with av.open(str(path), "w") as file:
        video = file.add_stream("libx264", 25)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        audio = file.add_stream("aac", 44100)
        for image in frames((48, 64)):
            file.mux(video.encode(av.VideoFrame.from_ndarray(image, "bgr24")))
        silence = np.zeros((1, 1024), np.float32)
        sound = av.AudioFrame.from_ndarray(silence, "fltp", "mono")
        sound.sample_rate = 44100
        file.mux(audio.encode(sound))
        file.mux([*video.encode(), *audio.encode()])
    caplog.set_level("INFO")
    open_output(Video(str(path)), str(tmp_path / "out"))
    assert any("sound" in line and str(path) in line for line in caplog.messages)
