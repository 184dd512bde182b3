"""``prepare``, and training data read from what it made."""

import json
import shutil

import cv2
import numpy as np
import pytest
from ppdet.data.transform.keypoint_operators import (
    RandomFlipHalfBodyTransform,
    TopDownAffine,
)

from benchmarks.input import write_people
from ppdet_hourglass.cli import main
from ppdet_hourglass.compat.config import load
from ppdet_hourglass.compat.stock import JOINTS_KEY
from ppdet_hourglass.data import cutting
from ppdet_hourglass.data.config_facts import fill_config
from ppdet_hourglass.data.cutting import OVERSAMPLING
from ppdet_hourglass.data.mpii_dataset import MPIIDataset
from ppdet_hourglass.data.prepared import PreparedPeople
from ppdet_hourglass.data.top_down_crop import TopDownCrop
from ppdet_hourglass.errors import UserError

from ..conftest import ROOT, refused

FAST = str(ROOT / "configs/hourglass_mpii_256_fast.yml")
PREPARED = str(ROOT / "configs/hourglass_mpii_256_prepared.yml")
pytestmark = pytest.mark.usefixtures("config")

COMMAND = "python -m ppdet_hourglass prepare"


@pytest.fixture
def people(sample_people, tmp_path):
    """A data set that a test may change."""
    return shutil.copytree(sample_people, tmp_path / "people")


@pytest.fixture
def prepare(config, people, tmp_path, capsys):
    """Runs the command; returns its status and the last line that it said."""

    def run(*options, flags=(), config=FAST):
        folder = ["--output", str(tmp_path / "cut"), "--workers", "2", *flags]
        argv = ["prepare", "-c", config, *folder]
        status = main([*argv, "-o", f"dataset_dir={people}", *options])
        return status, capsys.readouterr().err.splitlines()[-1:]

    return run


def configured(people, *options, config=FAST):
    cfg = load(config, [f"dataset_dir={people}", *options])
    fill_config(cfg)
    return cfg


def prepared_by(folder, *options):
    """The checked data set of the shipped config."""
    options = (f"TrainDataset.dataset_dir={folder}/cut", *options)
    cfg = configured("", *options, config=PREPARED)
    dataset = cfg["TrainDataset"]
    assert type(dataset) is PreparedPeople
    dataset.check_or_download_dataset()
    dataset.parse_dataset()
    return cfg, dataset


def samples(data, cfg, seed=0):
    from ppdet.data.reader import Compose

    data.check_or_download_dataset()
    data.parse_dataset()
    data.set_transform(Compose(cfg["TrainReader"]["sample_transforms"]))
    np.random.seed(seed)
    return [data[index] for index in range(len(data))]


def test_the_same_joints_and_nearly_the_same_pixels(prepare, people, tmp_path):
    assert prepare()[0] == 0
    cfg = configured(people)
    originals = samples(cfg["TrainDataset"], cfg)
    cfg, dataset = prepared_by(tmp_path)
    prepared = samples(dataset, cfg)
    assert len(prepared) == len(originals) == 8
    for theirs, ours in zip(originals, prepared):
        assert (ours["joints"] == theirs["joints"]).all()
        assert np.abs(ours["image"].astype(int) - theirs["image"]).mean() < 2


def test_crops_of_real_pictures(mpii, tmp_path):
    """Beside those that PaddleDetection's transforms make of the originals."""
    people = tmp_path / "people"
    people.mkdir()
    count = write_people(str(mpii), str(people))
    cut = str(tmp_path / "cut")
    assert (
        main(["prepare", "-c", FAST, "--output", cut, "-o", f"dataset_dir={people}"])
        == 0
    )
    cfg = configured(people)
    (options,) = cfg["TrainReader"]["sample_transforms"][0].values()
    stock = [RandomFlipHalfBodyTransform(**options), TopDownAffine([256, 256])]
    originals, prepared = MPIIDataset(str(people)), PreparedPeople(cut)
    prepared.transform = TopDownCrop(**options)
    differences = []
    for index in range(count):
        np.random.seed(index)
        expected = originals[index]
        for transform in stock:
            expected = transform(expected)
        np.random.seed(index)
        image = prepared[index]["image"].astype(int)
        differences.append(np.abs(image - expected["image"]).mean())
    assert np.mean(differences) < 2  # measured: 1.5


def test_any_reader_of_mpiis_layout_can_read_them(prepare, people, tmp_path):
    prepare()
    ours = MPIIDataset(str(tmp_path / "cut"))
    theirs = MPIIDataset(str(people))
    for index in range(len(theirs)):
        sample, original = ours[index], theirs[index]
        visible = original["joints_vis"][:, 0] > 0
        assert (sample["joints_vis"] == original["joints_vis"]).all()
        # joints relative to the crop, in crop sizes
        (a, b) = (
            (one[JOINTS_KEY][visible, :2] - one["center"]) / (200 * one["scale"])
            for one in (sample, original)
        )
        assert a == pytest.approx(b, abs=0.005)
        assert sample["image"].shape[0] <= 2.13 * OVERSAMPLING * 256 + 4


def test_it_goes_on_where_it_stopped(prepare, people, tmp_path, monkeypatch):
    images = tmp_path / "cut/images"
    whole = cutting.write_whole
    monkeypatch.setattr(cutting, "CHUNK", 1)

    def full_disk(path, content):
        if path.endswith("000005.jpg"):
            (images / "000005.jpg.tmp").write_bytes(content[:9])
            raise UserError(f"{path} cannot be written: No space left on device")
        whole(path, content)

    monkeypatch.setattr(cutting, "write_whole", full_disk)
    expected = f"error: {images}/000005.jpg cannot be written: No space left on device"
    assert prepare() == (1, [expected])
    message = refused(prepared_by, tmp_path)
    assert "completely" in message and COMMAND in message
    times = {path: path.stat().st_mtime_ns for path in images.glob("*.jpg")}
    assert times and images / "000005.jpg" not in times
    monkeypatch.setattr(cutting, "write_whole", whole)
    assert prepare()[0] == 0
    assert {path: path.stat().st_mtime_ns for path in times} == times
    assert cv2.imread(str(images / "000005.jpg")) is not None
    manifest = json.loads((tmp_path / "cut/manifest.json").read_text())
    assert manifest["finished"]
    assert manifest["people"] == len(prepared_by(tmp_path)[1])


def test_another_input_size(prepare, tmp_path):
    prepare()
    large = "trainsize=[384,384]"
    message = refused(prepared_by, tmp_path, large)
    for part in (f"{tmp_path}/cut", "input_size", "[256, 256]", "[384, 384]"):
        assert part in message
    status, (line,) = prepare(large)
    assert status == 1 and "[384, 384]" in line and "--force" in line
    assert prepare(large, flags=["--force"])[0] == 0
    prepared_by(tmp_path, large)


def test_another_keypoint_set(prepare, tmp_path):
    prepare()
    message = refused(prepared_by, tmp_path, "keypoints=lsp", "num_joints=14")
    assert "joints" in message and "pelvis" in message and "--force" in message


def test_a_manifest_of_another_version(prepare, tmp_path):
    prepare()
    path = tmp_path / "cut/manifest.json"
    manifest = json.loads(path.read_text())
    path.write_text(json.dumps({**manifest, "oversampling": 1.5}))
    message = refused(prepared_by, tmp_path)
    assert f"oversampling 1.5, but the config needs {OVERSAMPLING}" in message
    del manifest["joints"]  # which earlier ones do not have
    path.write_text(json.dumps(manifest))
    prepared_by(tmp_path)


def test_changed_annotations(prepare, people, tmp_path):
    prepare()
    path = people / "annotations/mpii_train.json"
    path.write_text(path.read_text() + " ")
    message = refused(prepared_by, tmp_path)
    assert f"{tmp_path}/cut" in message and "annotations_sha256" in message
    path.unlink()  # a machine without the originals
    prepared_by(tmp_path)


def test_a_lost_image(prepare, tmp_path):
    prepare()
    (tmp_path / "cut/images/000002.jpg").unlink()
    message = refused(prepared_by, tmp_path)
    assert "1 images, as 000002.jpg" in message and COMMAND in message


def test_what_is_no_prepared_folder(config, tmp_path):
    message = refused(prepared_by, tmp_path)
    assert f"{tmp_path}/cut" in message and COMMAND in message
    cfg = configured("", "TrainDataset.dataset_dir=null", config=PREPARED)
    assert "dataset_dir" in refused(len, cfg["TrainDataset"])


def test_stock_transforms_are_refused(prepare, tmp_path):
    """They would take the small image for the original."""
    prepare()
    load(str(ROOT / "configs/hourglass_mpii_256.yml"), [])
    message = refused(PreparedPeople(str(tmp_path / "cut")).check_or_download_dataset)
    assert "TopDownCrop" in message and "TrainReader.sample_transforms" in message


def test_prepared_people_are_not_prepared_again(prepare):
    status, (line,) = prepare(config=PREPARED)
    assert status == 1 and "prepared already" in line


def test_a_folder_of_other_files(prepare, tmp_path):
    (tmp_path / "cut").mkdir()
    (tmp_path / "cut/letter.txt").touch()
    status, (line,) = prepare()
    assert status == 1 and f"{tmp_path}/cut" in line and "empty folder" in line
    status, (line,) = prepare(flags=["--workers", "0"])
    assert status == 1 and "--workers" in line and "got 0" in line
