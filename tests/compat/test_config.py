"""Reading configs; tests/end_to_end/test_bad_config.py has what is refused in them."""

import pytest
import yaml

from ppdet_hourglass.cli import parse
from ppdet_hourglass.compat import config as compat_config
from ppdet_hourglass.compat.config import read_files

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
    assert f"x/{name} does not exist" in refused(compat_config.load, f"x/{name}")


@pytest.mark.parametrize(
    "argv, problem",
    [
        (["train"], "-c/--config"),
        (
            ["train", "-c", CONFIG, "--use_vdl", "maybe"],
            "true or false, but got 'maybe'",
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


def test_files_are_read_with_their_bases_and_without_building_objects(tmp_path):
    (tmp_path / "low.yml").write_text("size: &size [64, 32]\nreader: {size: *size}")
    (tmp_path / "middle.yml").write_text("_BASE_: [low.yml]\nepoch: 3")
    (tmp_path / "top.yml").write_text(
        "_BASE_: [middle.yml]\n"
        "steps: [!CosineDecay {max_epochs: 1e1}, !LinearWarmup [5], '1e-3']"
    )
    files = read_files(str(tmp_path / "top.yml"))
    assert files == {
        str(tmp_path / "top.yml"): {"steps": [{"max_epochs": 10.0}, [5], "1e-3"]},
        str(tmp_path / "middle.yml"): {"epoch": 3},
        str(tmp_path / "low.yml"): {"size": [64, 32], "reader": {"size": [64, 32]}},
    }


@pytest.mark.parametrize(
    "content, problem",
    [
        (b"a: [1", "is not valid YAML: while parsing"),
        (b"a: \xff", "cannot be read: "),
        (b"plugin: !!python/name:no_such_package.X", "is not valid YAML: while"),
    ],
)
def test_unreadable_files(tmp_path, content, problem):
    path = tmp_path / "c.yml"
    path.write_bytes(content)
    message = refused(read_files, str(path))
    assert message.startswith(f"config file {path} {problem}") and "\n" not in message


ALIASES = "a: &a0 [1, 2]\n" + "".join(
    f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40)
)


@pytest.mark.parametrize("text", [ALIASES, "a: &a [*a]", "a: &a {b: *a}"])
def test_few_bytes_that_mean_many_values(tmp_path, text):
    (tmp_path / "c.yml").write_text(text)
    assert "aliases" in refused(read_files, str(tmp_path / "c.yml"))


def test_bases_that_double_at_each_level(tmp_path):
    for level in range(21):
        lower = [f"{level + 1}a.yml", f"{level + 1}b.yml"] if level < 20 else []
        for name in "ab":
            (tmp_path / f"{level}{name}.yml").write_text(f"_BASE_: {lower}\nx: 1")
    assert "exceeds" in refused(read_files, str(tmp_path / "0a.yml"))


CALL = "!!python/object/apply:os.system"


@pytest.mark.parametrize(
    "tag, value",
    [
        (CALL, "['touch {done}']"),
        ("!!python/object/new:os.system", "['touch {done}']"),
        ("!!python/object:subprocess.Popen", "{{args: [touch, {done}]}}"),
        ("!!python/module:antigravity", "''"),
    ],
)
@pytest.mark.parametrize(
    "text",
    ["epoch: {0}", "_BASE_: [low.yml]", "reader: [{{a: !CosineDecay {{b: {0}}}}}]"],
)
def test_a_tag_that_runs_code(config, tmp_path, tag, value, text):
    done = tmp_path / "done"
    dangerous = f"{tag} {value.format(done=done)}"
    (tmp_path / "low.yml").write_text(f"\nepoch: {dangerous}")
    path = tmp_path / "c.yml"
    path.write_text(text.format(dangerous))
    name, line = ("low.yml", 2) if "BASE" in text else ("c.yml", 1)
    message = refused(compat_config.load, str(path))
    assert f"{tmp_path / name}: line {line}: {tag} could run code" in message
    assert not done.exists()


def test_a_module_of_the_working_folder_is_not_imported(config, tmp_path, monkeypatch):
    (tmp_path / "evil.py").write_text("open('done', 'w')\nMANIFEST = 1")
    (tmp_path / "c.yml").write_text("plugin: !!python/name:evil.MANIFEST")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend("")
    message = refused(compat_config.load, "c.yml")
    assert "line 1" in message and "!!python/name:evil.MANIFEST" in message
    assert not (tmp_path / "done").exists()


def test_an_option_that_runs_code(config, tmp_path):
    done = tmp_path / "done"
    option = f"epoch={CALL} ['touch {done}']"
    message = refused(compat_config.load, CONFIG, [option])
    assert message.startswith(f"-o {option}: line 1: {CALL} could run code")
    assert not done.exists()


@pytest.mark.parametrize(
    "text, value",
    [
        ("1e-3", 0.001),
        ("-1E3", -1000.0),
        (".5e1", 5.0),
        ("2.e+1", 20.0),
        ("1.0e-3", 0.001),
        ("12", 12),
        ("'1e-3'", "1e-3"),
        ("e3", "e3"),
        ("1e3/best", "1e3/best"),
    ],
)
def test_exponents(text, value):
    read = yaml.load(text, Loader=yaml.Loader)
    assert read == value and type(read) is type(value)


def test_options_below_one_key_are_all_kept(config):
    options = ("type=SGD", "weight_decay=0.1")
    cfg = compat_config.load(
        CONFIG, [f"OptimizerBuilder.optimizer.{option}" for option in options]
    )
    chosen = cfg["OptimizerBuilder"]["optimizer"]
    assert (chosen["type"], chosen["weight_decay"]) == ("SGD", 0.1)
