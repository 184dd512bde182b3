"""Predictors on a config, against the evaluation of the same people."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from ppdet_hourglass import Predictor
from ppdet_hourglass.cli import main
from ppdet_hourglass.compat.config import load
from ppdet_hourglass.data.crop import CENTER_SHIFT_Y, PIXELS_PER_SCALE
from ppdet_hourglass.errors import UserError
from ppdet_hourglass.keypoints.keypoint_file import read_keypoints
from ppdet_hourglass.modeling.codec import HeatmapCodec
from ppdet_hourglass.predict.from_config import as_options, from_config, spec_of

from ..end_to_end.conftest import arguments
from ..networks import CONFIG, TINY, random_weights, values

OVERRIDES = values([*TINY, "use_gpu=false"])

#: What ``spec_of`` asks of an architecture.
MODEL = SimpleNamespace(codec=HeatmapCodec())


def box_of(record):
    """The box around which prediction cuts the crop that evaluation cuts.

    MPII's positions are 1-based, and its centres 15 px per unit scale too high.
    """
    side = PIXELS_PER_SCALE * record["scale"]
    x, y = record["center"]
    y += CENTER_SHIFT_Y * record["scale"]
    return [x - 1 - side / 2, y - 1 - side / 2, side, side]


@pytest.mark.parametrize(
    "people, decoder, flip_test, offset",
    [
        ("sample_people", "quarter", True, 0.5),
        ("five_people", "quarter", True, 0.5),
        ("five_people", "dark", False, 0.0),
    ],
)
def test_the_numbers_are_those_of_an_evaluation(
    config, weights, tmp_path, request, people, decoder, flip_test, offset
):
    folder = request.getfixturevalue(people)
    overrides = {
        **OVERRIDES,
        "TopDownHourglass.decoder": decoder,
        "TopDownHourglass.flip_test": flip_test,
        "TopDownHourglass.peak_offset": offset,
    }
    options = as_options({**overrides, "weights": weights})
    assert main(["eval", *arguments(folder, tmp_path, *options)]) == 0
    results = tmp_path / "hourglass_sample/keypoints_results.json"
    rows = [row["keypoints"] for row in json.loads(results.read_text())]
    evaluated = np.reshape(rows, (-1, 16, 3))

    predictor = Predictor.from_config(CONFIG, weights, batch_size=3, **overrides)
    records = json.loads((folder / "annotations/mpii_val.json").read_text())
    images = [folder / "images" / record["image"] for record in records]
    people = predictor(images, [[box_of(record)] for record in records])
    assert len(people) == len(evaluated)
    for (pose,), joints in zip(people, evaluated):
        assert np.abs(pose.keypoints - joints[:, :2]).max() < 0.05
        assert np.abs(pose.scores - joints[:, 2]).max() < 1e-3
        assert pose.score == pytest.approx(joints[:, 2].mean(), abs=1e-3)
    spread = np.std([pose.keypoints for (pose,) in people], axis=0)
    assert spread.min() > 1  # the comparison is one of different numbers


def test_the_spec_is_the_configs(config, weights):
    options = {"TopDownHourglass.decoder": "quarter", "trainsize": [96, 64]}
    spec = Predictor.from_config(CONFIG, weights, **OVERRIDES, **options).spec
    assert spec.input_size == (96, 64)
    assert spec.mean == (0.485, 0.456, 0.406) and spec.std == (0.229, 0.224, 0.225)
    assert spec.keypoints.name == "MPII"
    assert spec.codec == HeatmapCodec(True, True, "quarter")


def test_colors_of_0_to_255_and_an_oblong_crop():
    steps = [{"TopDownAffine": {"trainsize": [192, 256]}}]
    colors = {"mean": [127.5, 51, 0], "std": [255, 51, 25.5], "is_scale": False}
    reader = {"sample_transforms": [*steps, {"NormalizeImage": colors}]}
    spec = spec_of({"EvalReader": reader}, "x.yml", read_keypoints("lsp"), MODEL)
    assert spec.input_size == (192, 256)
    assert spec.mean == pytest.approx((0.5, 0.2, 0)) and spec.std == (1, 0.2, 0.1)


@pytest.mark.parametrize(
    "steps, problem",
    [
        ([], "EvalReader has no TopDownAffine, which prediction needs"),
        (
            [{"TopDownAffine": {"trainsize": [8, 8]}}],
            "EvalReader has no NormalizeImage, which prediction needs",
        ),
        (
            [{"TopDownAffine": {"use_udp": True}}, {"NormalizeImage": {}}],
            "EvalReader's TopDownAffine.use_udp is not supported",
        ),
    ],
)
def test_readers_that_prediction_cannot_follow(steps, problem):
    reader = {"sample_transforms": steps, "batch_transforms": None}
    with pytest.raises(UserError) as caught:
        spec_of({"EvalReader": reader}, "x.yml", read_keypoints("mpii"), MODEL)
    assert str(caught.value) == f"x.yml: {problem}"


def test_two_configs_in_one_process(config, weights, tmp_path):
    """PaddleDetection's one config keeps nothing of the first."""
    before = {name: str(value) for name, value in config.items()}
    assert len(Predictor.from_config(CONFIG, weights, **OVERRIDES).spec.keypoints) == 16
    lsp = [*TINY, "use_gpu=false", "keypoints=lsp"]
    other = random_weights(tmp_path / "lsp.pdparams", lsp)
    predictor = Predictor.from_config(CONFIG, other, **values(lsp))
    (pose,) = predictor(np.zeros((100, 80, 3), np.uint8))
    assert pose.keypoints.shape == (14, 2)
    assert pose.box.tolist() == [0, 0, 80, 100]
    assert {name: str(value) for name, value in config.items()} == before


def test_a_config_that_was_loaded_before(config, weights):
    """Its options neither reach the predictor nor change."""
    option = "OptimizerBuilder.optimizer.beta1=0.5"
    load(CONFIG, ["TopDownHourglass.peak_offset=0.25", option])
    before = {name: str(value) for name, value in config.items()}
    predictor = Predictor.from_config(CONFIG, weights, **OVERRIDES)
    assert predictor.spec.codec.peak_offset == 0.0
    assert {name: str(value) for name, value in config.items()} == before


def test_wrong_configs_and_weights(config, weights, tmp_path):
    def message(path, file, **overrides):
        with pytest.raises(UserError) as caught:
            Predictor.from_config(path, file, **{**OVERRIDES, **overrides})
        return str(caught.value).replace(f"{tmp_path}/", "")

    assert message("none.yml", weights) == "config file none.yml does not exist"
    missing = str(tmp_path / "no.pdparams")
    assert message(CONFIG, missing) == "weights no.pdparams (weights) do not exist"
    wider = {"HourglassNet.feat_channels": 12}
    assert message(CONFIG, weights, **wider).endswith("trained with another config?")
    assert message(CONFIG, weights, architecture="TopDownHRNet") == (
        "config key 'architecture' must be TopDownHourglass, but is TopDownHRNet"
    )
    with pytest.raises(UserError) as caught:
        from_config(CONFIG, options=["weights=null"])
    assert str(caught.value) == f"{CONFIG} has no key 'weights': give -o weights=FILE"
