import pytest
import yaml

from ppdet_hourglass.compat.config import load
from ppdet_hourglass.compat.config_file import Tagged, exponents_are_numbers, read_files

from ..conftest import ROOT, refused


def test_files_are_read_with_their_bases_and_without_building_objects(tmp_path):
    (tmp_path / "low.yml").write_text("size: &size [64, 32]\nreader: {size: *size}")
    (tmp_path / "middle.yml").write_text("_BASE_: [low.yml]\nepoch: 3")
    (tmp_path / "top.yml").write_text(
        "_BASE_: [middle.yml]\nsteps: [!Nobodys {rate: 1e-3, name: '1e-3'}, !Plain ]"
    )
    top, middle, low = read_files(str(tmp_path / "top.yml"))
    steps = [Tagged("Nobodys", {"rate": 0.001, "name": "1e-3"}), Tagged("Plain", "")]
    assert top == (str(tmp_path / "top.yml"), {"steps": steps}, frozenset())
    assert middle.keys == {"epoch": 3}
    assert low.keys == {"size": [64, 32], "reader": {"size": [64, 32]}}
    assert low.anchored == {"size"}


@pytest.mark.parametrize(
    "content, problem",
    [
        (b"a: [1", "is not valid YAML: while parsing"),
        (b"a: \xff", "is not valid YAML: "),
        (b"plugin: !!python/name:no_such_package.X", "is not valid YAML: while"),
    ],
)
def test_unreadable_files(tmp_path, content, problem):
    path = tmp_path / "c.yml"
    path.write_bytes(content)
    message = refused(read_files, str(path))
    assert message.startswith(f"config file {path} {problem}") and "\n" not in message


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
    "text", ["epoch: {0}", "_BASE_: [low.yml]", "reader: [{{a: !Tag {{b: {0}}}}}]"]
)
def test_a_tag_that_runs_code(config, tmp_path, tag, value, text):
    done = tmp_path / "done"
    dangerous = f"{tag} {value.format(done=done)}"
    (tmp_path / "low.yml").write_text(f"\nepoch: {dangerous}")
    path = tmp_path / "c.yml"
    path.write_text(text.format(dangerous))
    name, line = ("low.yml", 2) if "BASE" in text else ("c.yml", 1)
    assert refused(load, str(path)) == (
        f"config file {tmp_path / name}: line {line}: {tag} could run code and is "
        "refused; of Python's tags only !!python/name: is read, as in the plugin line"
    )
    assert not done.exists()


def test_an_option_that_runs_code(config, tmp_path):
    done = tmp_path / "done"
    option = f"epoch={CALL} ['touch {done}']"
    message = refused(load, str(ROOT / "configs/hourglass_sample.yml"), [option])
    assert message.startswith(f"-o {option}: line 1: {CALL} could run code and is")
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
    with exponents_are_numbers():
        read = yaml.load(text, Loader=yaml.Loader)
    assert read == value and type(read) is type(value)
    assert yaml.load("1e-3", Loader=yaml.Loader) == "1e-3"
