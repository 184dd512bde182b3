import sys
from fractions import Fraction

import cv2
import numpy as np
import pytest

from ppdet_hourglass.errors import UserError
from ppdet_hourglass.files import check_writable
from ppdet_hourglass.frames.outputs import (
    DrawnVideo,
    PictureFolder,
    open_output,
)
from ppdet_hourglass.frames.sources import Frame, Images, Video

GRAY = np.full((10, 12, 3), 90, np.uint8)


@pytest.mark.parametrize("name", ["a.jpg", "x/b.PNG", "c.webp", "d.tif"])
def test_pictures_keep_their_paths(tmp_path, name):
    output = open_output(Images("somewhere", [name]), str(tmp_path))
    assert isinstance(output, PictureFolder)
    output.write(Frame(name, 0, GRAY), GRAY)
    output.close()
    picture = cv2.imread(str(tmp_path / name))
    assert picture.shape == GRAY.shape and abs(int(picture[0, 0, 0]) - 90) <= 1


def test_a_video_is_named_after_its_input(tmp_path):
    pytest.importorskip("av")
    video = Video.__new__(Video)
    video.path, video.name = "somewhere/clip.avi", "clip.avi"
    video.rate = Fraction(25)
    output = open_output(video, str(tmp_path))
    assert isinstance(output, DrawnVideo)
    assert output.path == str(tmp_path / "clip.mp4")


def test_the_input_is_never_replaced(tmp_path):
    with pytest.raises(UserError) as caught:
        open_output(Images(str(tmp_path), ["a.jpg"]), f"{tmp_path}/../{tmp_path.name}")
    assert str(caught.value).endswith(" is the input folder: name another")
    video = Video.__new__(Video)
    video.path, video.name = str(tmp_path / "clip.mp4"), "clip.mp4"
    with pytest.raises(UserError) as caught:
        open_output(video, str(tmp_path))
    assert str(caught.value) == (
        f"output {tmp_path}/clip.mp4 is the input: name another folder"
    )


def test_folders_that_cannot_be_written(tmp_path):
    check_writable(str(tmp_path / "new/folder"))
    assert not list((tmp_path / "new/folder").iterdir())
    (tmp_path / "file").write_text("")
    for path, reason in (("file", "File exists"), ("file/x", "Not a directory")):
        with pytest.raises(UserError) as caught:
            check_writable(str(tmp_path / path))
        assert str(caught.value) == (
            f"output folder {tmp_path}/{path} cannot be written: {reason}"
        )
    with pytest.raises(UserError) as caught:
        PictureFolder(str(tmp_path / "file")).write(Frame("a.jpg", 0, GRAY), GRAY)
    assert str(caught.value).startswith(f"{tmp_path}/file/a.jpg cannot be written: ")


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


def test_a_video_that_cannot_be_written(tmp_path):
    with pytest.raises(UserError) as caught:
        write(tmp_path / "none/a.mp4", 25, frames((48, 64)))
    assert str(caught.value) == (
        f"video {tmp_path}/none/a.mp4 cannot be written: No such file or directory"
    )
    (tmp_path / "a.mp4/x").mkdir(parents=True)  # found out when it is renamed
    with pytest.raises(UserError) as caught:
        write(tmp_path / "a.mp4", 25, frames((48, 64)))
    assert str(caught.value) == (
        f"video {tmp_path}/a.mp4 cannot be written: Is a directory"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


def test_a_library_without_the_codec(tmp_path, monkeypatch):
    monkeypatch.setattr("ppdet_hourglass.frames.outputs.CODEC", "h265000")
    with pytest.raises(UserError) as caught:
        write(tmp_path / "a.mp4", 25, frames((48, 64)))
    assert str(caught.value).startswith(f"video {tmp_path}/a.mp4 cannot be written: ")
    assert "h265000" in str(caught.value) and not list(tmp_path.iterdir())


def test_the_video_library_is_missed_before_the_work(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    video = Video.__new__(Video)
    video.path, video.name, video.rate = "clip.avi", "clip.avi", Fraction(25)
    with pytest.raises(ModuleNotFoundError) as caught:
        open_output(video, str(tmp_path))
    assert caught.value.name == "av"
    assert open_output(Images("somewhere", ["a.jpg"]), str(tmp_path))
