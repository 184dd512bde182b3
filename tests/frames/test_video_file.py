import numpy as np
import pytest

from ppdet_hourglass.errors import UserError
from ppdet_hourglass.frames.sources import Video
from ppdet_hourglass.frames.video_file import VideoFile


def write(path, rate, frames):
    video = VideoFile(str(path), rate)
    for frame in frames:
        video.write(frame)
    video.close()


def frames(size, count=5):
    height, width = size
    return [np.full((height, width, 3), 40 * k, np.uint8) for k in range(count)]


@pytest.mark.parametrize(
    "rate, kept",
    [(25.0, 25.0), (29.97002997, 29.97), (12.3456, 12.346), (118.473, 118.47)],
)
def test_frames_come_back(tmp_path, rate, kept):
    write(tmp_path / "a.mp4", rate, frames((48, 64)))
    source = Video(str(tmp_path / "a.mp4"))
    assert source.rate == pytest.approx(kept, abs=1e-3)
    images = [frame.image for frame in source]
    assert len(images) == source.length == 5
    assert all(image.shape == (48, 64, 3) for image in images)
    means = np.array([image.mean() for image in images])
    assert np.abs(means - 40 * np.arange(5)).max() <= 3


def test_an_odd_size_loses_its_last_row_and_column(tmp_path):
    write(tmp_path / "a.mp4", 25, frames((49, 65)))
    images = [frame.image for frame in Video(str(tmp_path / "a.mp4"))]
    assert len(images) == 5 and images[0].shape == (48, 64, 3)


def test_the_file_appears_when_it_is_whole(tmp_path):
    video = VideoFile(str(tmp_path / "a.mp4"), 25)
    video.write(frames((48, 64))[0])
    assert not (tmp_path / "a.mp4").exists()
    video.close()
    video.close()
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


def test_without_a_frame_there_is_no_file(tmp_path):
    write(tmp_path / "a.mp4", 25, [])
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_written(tmp_path):
    with pytest.raises(UserError) as caught:
        write(tmp_path / "none/a.mp4", 25, frames((48, 64)))
    assert str(caught.value) == (
        f"video {tmp_path}/none/a.mp4 cannot be written (64x48, 25 frames a second)"
    )
