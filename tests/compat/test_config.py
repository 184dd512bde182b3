import pytest

from ppdet_hourglass.cli import parse
from ppdet_hourglass.compat import config as compat_config

from ..conftest import ROOT, refused

CONFIG = str(ROOT / "configs/hourglass_sample.yml")


def load(config, *argv):
    args = parse(["train", "-c", CONFIG, *argv])
    return compat_config.load(args.config, args.opt, args)


def test_flags_and_options_reach_the_config(config):
    cfg = load(config, "--eval", "--amp", "-o", "epoch=2", "TrainReader.batch_size=4")
    assert cfg.eval is True and cfg.amp is True and cfg.epoch == 2
    assert cfg["TrainReader"]["batch_size"] == 4
    assert cfg.filename == "hourglass_sample" and cfg.use_npu is False


@pytest.mark.parametrize(
    "name", ["configs/hourglass_sample.yml", "hourglass_sample.yml"]
)
def test_the_packages_own_configs_are_found_anywhere(
    config, tmp_path, monkeypatch, name
):
    monkeypatch.chdir(tmp_path)
    assert compat_config.load(name).filename == "hourglass_sample"
    assert refused(compat_config.load, f"x/{name}") == (
        f"config file x/{name} does not exist"
    )


@pytest.mark.parametrize(
    "argv, problem",
    [
        (["train"], "-c/--config"),
        (
            ["train", "-c", CONFIG, "--use_vdl", "maybe"],
            "true or false expected, but got 'maybe'",
        ),
    ],
)
def test_wrong_command_lines(capsys, argv, problem):
    with pytest.raises(SystemExit):
        parse(argv)
    assert problem in capsys.readouterr().err


def test_every_flag_of_the_stock_tools_that_applies():
    args = parse(
        ["train", "-c", "x", "-r", "y", "--fleet", "--to_static", "--use_vdl", "True"]
        + ["--save_prediction_only", "--enable_ce", "True", "--vdl_log_dir", "z"]
    )
    assert args.resume == "y" and args.fleet and args.to_static
    assert args.enable_ce is True and args.use_vdl is True
    assert parse(["train", "-c", "x", "--enable_ce"]).enable_ce
    args = parse(["eval", "-c", "x", "--output_eval", "y", "--save_prediction_only"])
    assert args.output_eval == "y" and args.save_prediction_only and not args.amp
