import shutil

import cv2
import numpy as np
import pytest
from ppdet.data.transform.keypoint_operators import (
    RandomFlipHalfBodyTransform,
    ToHeatmapsTopDown,
    TopDownAffine,
)

from benchmarks.input import write_people
from ppdet_hourglass.compat.stock import JOINTS_KEY
from ppdet_hourglass.data import image_file
from ppdet_hourglass.data.image_file import ImageFile, Sample, scaling
from ppdet_hourglass.data.mpii_dataset import MPIIDataset
from ppdet_hourglass.data.top_down_crop import TopDownCrop
from ppdet_hourglass.keypoints.keypoint_set import read_keypoints

from ..conftest import refused
from ..modeling.oracle import numpy_targets

MPII = read_keypoints("mpii")
OPTIONS = {
    "trainsize": [128, 128],
    "upper_body_ids": list(MPII.upper_body),
    "flip_pairs": [list(pair) for pair in MPII.pairs],
    "pixel_std": 200,
    "scale": 0.5,
    "rot": 40,
    "prob_half_body": 0.4,
}
STOCK = [RandomFlipHalfBodyTransform(**OPTIONS), TopDownAffine([128, 128])]


def both(data, index, seed):
    """A person's sample of the stock transforms and ours, from the same seed."""
    data.transform = None
    np.random.seed(seed)
    stock = data[index]
    for transform in STOCK:
        stock = transform(stock)
    after = np.random.random()
    data.transform = TopDownCrop(**OPTIONS)
    np.random.seed(seed)
    ours = data[index]
    assert np.random.random() == after  # no random number more or less
    return stock, ours


def difference(stock, ours):
    return np.abs(stock["image"].astype(int) - ours["image"]).mean()


@pytest.mark.parametrize("seed", range(8))
def test_joints_and_targets_equal_the_stock_ones_to_the_bit(sample_people, seed):
    data = MPIIDataset(str(sample_people))
    for index in range(len(data)):
        stock, ours = both(data, index, seed)
        assert (ours["joints"][:, :2] == stock[JOINTS_KEY][:, :2]).all()
        joints, visible = ours["joints"][None, :, :2], ours["joints"][None, :, 2]
        targets, weights = numpy_targets(joints, visible, (4, 4), (32, 32))
        stock = ToHeatmapsTopDown([32, 32], 2)(stock)
        assert (targets[0] == stock["target"]).all()
        assert (weights[0] == stock["target_weight"][:, 0]).all()


def test_pixels_of_small_people_are_the_stock_ones(sample_people):
    data = MPIIDataset(str(sample_people))
    for index in range(len(data)):
        stock, ours = both(data, index, seed=index)
        assert ours["image"].dtype == np.uint8 and ours["image"].shape == (128, 128, 3)
        assert difference(stock, ours) < 2


def test_an_image_that_is_read_already(sample_people):
    data = MPIIDataset(str(sample_people))
    stock, _ = both(data, 0, seed=3)
    np.random.seed(3)
    data.transform = None
    sample = data[0]
    ours = TopDownCrop(**OPTIONS)({**sample, "image": sample["image"]})
    assert difference(stock, ours) < 0.01


def test_real_pictures(mpii, tmp_path):
    people = write_people(str(mpii), str(tmp_path))
    data = MPIIDataset(str(tmp_path))
    differences = [difference(*both(data, i, seed=i)) for i in range(people)]
    assert np.mean(differences) < 2  # measured: 0.9


@pytest.mark.parametrize(
    "zoom, factor", [(1.2, 1), (0.6, 1), (0.5, 2), (0.3, 2), (0.25, 4), (0.05, 4)]
)
@pytest.mark.parametrize("ending", ["jpg", "png"])
def test_a_jpeg_is_shrunk_by_less_than_its_crop(
    tmp_path, monkeypatch, zoom, factor, ending
):
    """On a slope of grey, any shift between the two pixel grids would show."""
    slope = np.add.outer(np.arange(751), np.arange(1001)) * 255 / 1750
    path = str(tmp_path / f"slope.{ending}")
    cv2.imwrite(path, np.repeat(slope[..., None], 3, 2).astype(np.uint8))
    read, asked = image_file.read_image, []

    def spy(path, record, shrink, **others):
        asked.append(shrink)
        return read(path, record, shrink=shrink, **others)

    monkeypatch.setattr(image_file, "read_image", spy)
    file = ImageFile(path)
    assert file.size == (1001, 751)
    size = int(1001 * zoom), int(751 * zoom)
    image, matrix = file.read_for(scaling(zoom), size)
    assert asked == [factor if ending == "jpg" else 1]
    assert image.shape == (-(-751 // asked[0]), -(-1001 // asked[0]), 4)
    x, y = 0.4 * 1001 * zoom, 0.6 * 751 * zoom  # in the crop
    there = tuple((np.linalg.inv(matrix) @ [x, y, 1])[:2].tolist())
    grey = cv2.getRectSubPix(image[..., 0].copy(), (1, 1), there)[0, 0]
    here = np.linalg.inv(scaling(zoom)) @ [x, y, 1]
    assert abs(int(grey) - (here[0] + here[1]) * 255 / 1750) < 1.5


@pytest.mark.parametrize("turn", range(0, 360, 30))
def test_no_row_that_a_crop_shows_is_left_out(tmp_path, turn):
    """Above and below the crop's corners, too: a black corner would show."""
    path = str(tmp_path / "noise.jpg")
    noise = np.random.default_rng(turn).integers(1, 255, (300, 400, 3), np.uint8)
    cv2.imwrite(path, noise)
    matrix = cv2.getRotationMatrix2D((200, 150), turn, 0.7)
    to_crop = np.vstack([matrix - [[0, 0, 168], [0, 0, 118]], [0, 0, 1]])
    part, moved = ImageFile(path).read_for(to_crop, (64, 64))
    assert part.shape[0] < 300 and (moved == to_crop).all()
    whole = cv2.cvtColor(cv2.imread(path), cv2.COLOR_BGR2RGB)
    expected, found = (
        cv2.warpAffine(image, to_crop[:2], (64, 64)) for image in (whole, part)
    )
    assert (found[..., :3] == expected).all()


def test_a_samples_image_is_read_when_it_is_asked_for(tmp_path, monkeypatch):
    path = str(tmp_path / "a.png")
    cv2.imwrite(path, np.full((2, 3, 3), (1, 2, 3), np.uint8))
    sample = Sample(ImageFile(path), {"score": 1})
    assert dict(sample) == {"score": 1} and sample.file.size == (3, 2)
    assert sample["image"][0, 0].tolist() == [3, 2, 1]  # red, green, blue
    monkeypatch.setattr(image_file, "read_image", None)
    assert sample["image"] is sample["image"] and "image" in sample
    with pytest.raises(KeyError):
        sample["center"]


def test_an_unreadable_image_is_an_error_without_a_stack_in_the_log(
    sample_people, tmp_path, caplog
):
    from ppdet.data.reader import Compose

    people = shutil.copytree(sample_people, tmp_path / "people")
    for path in (people / "images").iterdir():
        path.write_bytes(b"no image")
    data = MPIIDataset(str(people))
    for step in ({"TopDownCrop": OPTIONS}, {"TopDownAffine": {"trainsize": [64, 64]}}):
        data.set_transform(Compose([step]))
        assert refused(data.__getitem__, 0).endswith("cannot be read")
    assert "Traceback" not in caplog.text
