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
    video = Video.__new__(Video)
    video.path, video.name, video.rate = "somewhere/clip.avi", "clip.avi", 25.0
    output = open_output(video, str(tmp_path))
    assert isinstance(output, DrawnVideo)
    assert output.path == str(tmp_path / "clip.mp4")


def test_the_input_is_never_replaced(tmp_path):
    with pytest.raises(UserError) as caught:
        open_output(Images(str(tmp_path), ["a.jpg"]), f"{tmp_path}/../{tmp_path.name}")
    assert str(caught.value).endswith(" is the input's: name another")
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
