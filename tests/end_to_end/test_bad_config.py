"""Mistyped keys and wrong values of a config: refused in one line, by every command."""

import cv2
import numpy as np
import pytest

from ppdet_hourglass import Predictor
from ppdet_hourglass.cli import main
from ppdet_hourglass.errors import UserError

from ..networks import CONFIG


@pytest.fixture
def refusal(config, capsys):
    """Runs a command that must fail; returns the one line it says."""

    def run(*argv):
        assert main(list(argv)) == 1
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith("error: ")
        return line[len("error: ") :]

    return run


@pytest.mark.parametrize(
    "option, near",
    [
        ("epochs=1", "epoch"),
        ("worker_nums=0", "worker_num"),
        ("TrainReader.batchsize=4", "batch_size"),
        ("HourglassNet.numstacks=2", "num_stacks"),
        ("LearningRate.baselr=0.1", "base_lr"),
        ("OptimizerBuilder.optimiser={type: Adam}", "optimizer"),
        ("use_gpus=false", "use_gpu"),
        ("EvalDataset.anno_pth=a.json", "anno_path"),
        ("my_own_key=3", None),
        ("TopDownHourglass.colour=red", None),
    ],
)
def test_mistyped_option(refusal, option, near):
    key = option.partition("=")[0]
    hint = f"; did you mean '{near}'?" if near else ""
    message = refusal("train", "-c", CONFIG, "-o", option)
    assert message == f"config key '{key}' does not exist{hint}"


POSITIVE = "a positive whole number"


@pytest.mark.parametrize(
    "option, expected, got",
    [
        ("epoch=[1,2]", POSITIVE, "a list of 2: [1, 2]"),
        ("epoch=", POSITIVE, "None"),
        ("epoch=true", POSITIVE, "True"),
        ("epoch=1e1", POSITIVE, "10.0"),
        ("snapshot_epoch=0", POSITIVE, "0"),
        ("log_iter=0", POSITIVE, "0"),
        ("keep_checkpoints=0", POSITIVE, "0"),
        ("seed=-1", "a whole number from 0 to 4294967295, or null", "-1"),
        ("worker_num=-1", "a whole number, 0 or more", "-1"),
        ("use_gpu=maybe", "true or false", "'maybe'"),
        ("weights=3", "a path or a URL", "3"),
        ("TrainReader.batch_size=-1", POSITIVE, "-1"),
        ("EvalReader.batch_size=abc", POSITIVE, "'abc'"),
        ("TrainReader=3", "a mapping of options", "3"),
        ("TrainReader.shuffle=maybe", "true or false", "'maybe'"),
        ("EvalReader.sample_transforms=Rot", "a list of transforms", "'Rot'"),
        ("HourglassNet.stage_channels=8", "a list of positive whole numbers", "8"),
        ("HourglassNet.feat_channels=0", POSITIVE, "0"),
        ("HourglassNet.init_std=abc", "a number", "'abc'"),
        ("LearningRate.base_lr=abc", "a number, 0 or more", "'abc'"),
        ("LearningRate.base_lr=-1e-3", "a number, 0 or more", "-0.001"),
        ("TopDownHourglass.flip_test=maybe", "true or false", "'maybe'"),
        ("TopDownHourglass.backbone=3", "a non-empty string", "3"),
        ("LearningRate.schedulers=3", "a list", "3"),
        ("EvalDataset.anno_path=[1]", "a path", "a list of 1: [1]"),
        ("TrainDataset.image_dir=3", "a path", "3"),
        ("TrainDataset.image_dir=", "a path", "None"),
    ],
)
def test_wrong_value(refusal, option, expected, got):
    key = option.partition("=")[0]
    message = refusal("train", "-c", CONFIG, "-o", option)
    assert message.startswith(f"config key '{key}' must be {expected}")
    assert message.endswith(f", but got {got}")


@pytest.mark.parametrize(
    "option, message",
    [
        (
            "HourglasNet.num_stacks=2",
            "config key 'HourglasNet' does not exist; did you mean 'HourglassNet'?",
        ),
        (
            "EvalReader.sample_transforms=[TopDownAffine]",
            "config key 'EvalReader.sample_transforms'[0] must be a transform, NAME: "
            "{...}, but got 'TopDownAffine'",
        ),
        (
            "architecture=TopDownHourglas",
            "config key 'architecture': TopDownHourglas does not exist; did you mean "
            "'TopDownHourglass'?",
        ),
        (
            "TopDownHourglass.loss=HeatmpLoss",
            "config key 'TopDownHourglass.loss': HeatmpLoss does not exist; did you "
            "mean 'HeatmapLoss'?",
        ),
        (
            "OptimizerBuilder.optimizer.type=Adamm",
            "config key 'OptimizerBuilder.optimizer' must be a mapping whose type is",
        ),
        ("epoch", "-o takes KEY=VALUE, but got 'epoch'"),
        ("epoch=[1", "-o epoch=[1 is not valid YAML: "),
    ],
)
def test_wrong_option(refusal, option, message):
    assert refusal("train", "-c", CONFIG, "-o", option).startswith(message)


@pytest.mark.parametrize(
    "text, problems",
    [
        ("HourglasNet: {num_stacks: 2}", ["'HourglasNet'", "'HourglassNet'"]),
        (
            "TrainDataset: !MPIIDataset {anno_pth: a.json}",
            ["line 2", "!MPIIDataset.anno_pth", "'anno_path'"],
        ),
        (
            "TrainDataset: !MPIIDatset {}",
            ["line 2", "!MPIIDatset", "'MPIIDataset'"],
        ),
        (
            "LearningRate: {schedulers: [!CosineDecay {max_epoch: 3}]}",
            ["!CosineDecay.max_epoch", "'max_epochs'"],
        ),
        (
            "LearningRate: {schedulers: [!CosineDecay {max_epochs: many}]}",
            ["!CosineDecay.max_epochs", "'many'"],
        ),
        (
            "TrainReader:\n  sample_transforms:\n"
            "  - RandomFlipHalfBodyTransform: {rott: 40}",
            ["TrainReader.sample_transforms.RandomFlipHalfBodyTransform.rott", "'rot'"],
        ),
        (
            "EvalReader: {sample_transforms: [TopDownAfine: {trainsize: [64, 64]}]}",
            ["EvalReader.sample_transforms.TopDownAfine", "'TopDownAffine'"],
        ),
        ("epoch: 1.5", ["'epoch'", "1.5"]),
        ("HourglassNet:", ["'HourglassNet'", "None"]),
        (
            "TrainDataset: !KeypointTopDownCocoDataset {dataset_dir: a, image_dir: b, "
            "anno_path: c, num_joints: 2}",
            ["line 2", "!KeypointTopDownCocoDataset", "'trainsize'"],
        ),
        (
            "EvalDataset: !MPIIDataset [1,2,3,4,5,6,7,8,9]",
            ["line 2", "!MPIIDataset", "too many"],
        ),
    ],
)
def test_wrong_file(refusal, tmp_path, text, problems):
    path = tmp_path / "c.yml"
    path.write_text(f"_BASE_: [{CONFIG}]\n{text}")
    message = refusal("train", "-c", str(path))
    assert str(path) in message and all(part in message for part in problems)


@pytest.mark.parametrize(
    "text, problem",
    [
        ("_BASE_: a.yml", "'a.yml'"),
        ("_BASE_: [a.yml]", "{folder}/a.yml, which does not exist"),
        ("_BASE_: [c.yml]", "{folder}/c.yml, which is based on"),
    ],
)
def test_wrong_base(refusal, tmp_path, text, problem):
    path = tmp_path / "c.yml"
    path.write_text(text)
    message = refusal("train", "-c", str(path))
    assert message.startswith(f"{path}: _BASE_ ")
    assert problem.format(folder=tmp_path) in message


@pytest.mark.parametrize(
    "text, problem",
    [
        ("# nothing\n", "must hold keys and values, but holds None"),
        ("- 3", "must hold keys and values, but holds [3]"),
    ],
)
def test_no_config(refusal, tmp_path, text, problem):
    path = tmp_path / "c.yml"
    path.write_text(text)
    assert refusal("train", "-c", str(path)) == f"config file {path} {problem}"


def test_a_key_without_which_nothing_is_built(refusal, tmp_path):
    path = tmp_path / "c.yml"
    path.write_text("epoch: 3")
    assert refusal("train", "-c", str(path)) == (
        f"config file {path} does not set 'architecture'"
    )


def test_an_object_that_cannot_be_made(refusal):
    option = "LearningRate.schedulers=[!CosineDecay {max_epOchs: 3}]"
    message = refusal("train", "-c", CONFIG, "-o", option)
    assert message.startswith(f"-o {option}: ")
    assert "!CosineDecay.max_epOchs" in message and "'max_epochs'" in message
    option = "LearningRate.schedulers=[!CosineDecay {[]: 3}]"
    message = refusal("train", "-c", CONFIG, "-o", option)
    assert message.startswith(f"-o {option}")


def test_a_date_that_does_not_exist(refusal):
    assert refusal("train", "-c", CONFIG, "-o", "epoch=2020-13-45") == (
        "-o epoch=2020-13-45 is not valid YAML: month must be in 1..12"
    )


def test_the_base_that_is_wrong_is_named(refusal, tmp_path):
    (tmp_path / "base.yml").write_text("snapshot_epochs: 3")
    (tmp_path / "c.yml").write_text("_BASE_: [base.yml]\nepoch: 3")
    message = refusal("train", "-c", str(tmp_path / "c.yml"))
    assert message.startswith(f"{tmp_path}/base.yml: config key 'snapshot_epochs' ")


def test_every_command_checks(refusal, tmp_path):
    image, out = str(tmp_path / "person.png"), str(tmp_path / "out")
    cv2.imwrite(image, np.zeros((64, 64, 3), np.uint8))
    expected = "config key 'weigths' does not exist; did you mean 'weights'?"
    for argv in (
        ["train"],
        ["eval"],
        ["export", "--output_dir", out],
        ["infer", "--input", image, "--output", out, "--no_drawing"],
    ):
        assert refusal(*argv, "-c", CONFIG, "-o", "weigths=a.pdparams") == expected
    with pytest.raises(UserError) as error:
        Predictor.from_config(CONFIG, weigths="a.pdparams")
    assert str(error.value) == expected
