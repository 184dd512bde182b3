"""The READMEs and pages: every command in them runs; both READMEs say the same."""

import inspect
import re
import shlex
import subprocess

import numpy as np
import pytest

from ppdet_hourglass import plugin
from ppdet_hourglass.compat.checkout import LANDMARKS

from .conftest import ROOT
from .networks import TINY, random_weights
from .running import clone, run

ENGLISH = (ROOT / "README.md").read_text(encoding="utf-8")
CHINESE = (ROOT / "README_cn.md").read_text(encoding="utf-8")
PAGES = {path.stem: path.read_text("utf-8") for path in (ROOT / "docs").glob("*.md")}


def blocks(text, language):
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def commands(text):
    """Commands of the bash blocks, without their comments."""
    lines = "".join(blocks(text, "bash")).splitlines()
    return [line.split("  #")[0].strip() for line in lines]


@pytest.fixture
def workplace(tmp_path, sample_people):
    """A clone with the sample people, also as MPII."""
    folder = clone(tmp_path)
    (folder / "dataset").mkdir()
    for name in ("mpii", "sample"):
        (folder / "dataset" / name).symlink_to(sample_people)
    return folder


def python(line, folder, *more, **environment):
    """Run a README line that starts with ``python``, with this interpreter."""
    words = shlex.split(line)
    assert words[0] == "python"
    return run(*words[1:], *more, cwd=folder, **environment)


def line_with(part):
    """The command of README, or else of a page, that contains a text."""
    for text in (ENGLISH, "".join(PAGES.values())):
        found = [line for line in dict.fromkeys(commands(text)) if part in line]
        if found:
            break
    (line,) = found
    return line


def test_both_languages_have_the_same_commands_tables_and_figures():
    assert commands(ENGLISH) == commands(CHINESE)
    assert len(commands(ENGLISH)) == 21
    for text in (ENGLISH, CHINESE):
        assert text.count("\n") <= 130 and "docs/people.jpg" in text
    assert (ROOT / "docs/people.jpg").stat().st_size < 200_000
    keys = [re.findall(r"^\| `(.+?)`", text, re.M) for text in (ENGLISH, CHINESE)]
    assert keys[0] == keys[1]
    rows = [re.findall(r"\| [\d.]+ (?=\|)", text) for text in (ENGLISH, CHINESE)]
    assert rows[0] == rows[1] and len(rows[0]) > 20


def test_both_languages_have_the_same_examples():
    english, chinese = (
        [line.split("  #")[0] for line in "".join(blocks(text, "python")).splitlines()]
        for text in (ENGLISH, CHINESE)
    )
    assert english and english == chinese


def test_make_commands_exist():
    for target in ("demo", "test"):
        assert f"make {target}" in commands(ENGLISH)
        make = ["make", "--dry-run", target]
        plan = subprocess.check_output(make, cwd=str(ROOT), text=True)
        assert "tools/train.py" in plan if target == "demo" else "pytest" in plan


def test_train_and_evaluate(workplace):
    train, evaluate = (
        line_with("tools/train.py"),
        line_with("eval.py -c configs/hourglass_mpii_256.yml -o weights"),
    )
    tiny = [*TINY, "HourglassNet.init_std=null"]
    python(train, workplace, "-o", *tiny)
    folder = workplace / "output/hourglass_mpii_256"
    assert (folder / "best_model.pdparams").exists()
    assert "[EVAL] " in python(evaluate, workplace, *tiny)


def test_report(workplace):
    folder = workplace / "output/hourglass_sample"
    folder.mkdir(parents=True)
    random_weights(folder / "best_model.pdparams", TINY)
    evaluate = "eval.py -c configs/hourglass_sample.yml --report"
    for line, more in (evaluate, ["-o", *TINY]), ("ppdet_hourglass report", []):
        python(line_with(line), workplace, *more)
        assert (folder / "report.html").stat().st_size > 10_000
        assert (folder / "report.jpg").stat().st_size > 10_000
        (folder / "report.html").unlink()


def test_sample(tmp_path):
    (tmp_path / "ppdet_hourglass").symlink_to(ROOT / "ppdet_hourglass")
    line = line_with("ppdet_hourglass sample")
    python(line, tmp_path, "--train", "3", "--val", "2")
    images = (tmp_path / "dataset/sample/images").iterdir()
    assert len(list(images)) == 5


def test_browse(workplace):
    python(line_with("ppdet_hourglass browse"), workplace)
    assert (workplace / "browse.html").stat().st_size > 10_000


def test_python_example(mpii):
    example = blocks(PAGES["train"], "python")[0]
    example = example.replace("dataset/mpii", str(mpii))
    names = {"predictions": np.zeros((2958, 16, 2))}
    exec(example, names)
    assert 0 <= names["result"].mean < 10


def test_installation_into_a_checkout(tmp_path, source):
    """A real wheel, in a folder of its own, without the clone beside it."""
    for name in LANDMARKS:
        path = tmp_path / "PaddleDetection" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir() if name == "configs" else path.touch()
    site = tmp_path / "site"
    pip = line_with("pip install /path/to")
    pip = pip.replace("/path/to/ppdet_hourglass", str(source))
    run("-m", *shlex.split(pip), "--no-deps", "--quiet", "--target", site)
    for command in ("install", "uninstall"):
        line = f"python -m ppdet_hourglass {command} /path/to/PaddleDetection"
        assert line in PAGES["checkout"]
        line = line.replace("/path/to", str(tmp_path))
        python(line, tmp_path, PYTHONPATH=str(site))
        present = (tmp_path / "PaddleDetection/configs/_base_/mpii.yml").exists()
        assert present == (command == "install")


FAMILY = ["HourglassNet", "StackedHourglass", "TopDownHourglass", "HeatmapLoss", "PCKh"]

#: Options that the config sets by other means, or that only PaddleDetection sets.
WIRED = {
    "TopDownHourglass": {"backbone", "head", "loss", "keypoints", "mean", "std"},
    "StackedHourglass": {"num_joints"},
    "PCKh": {"dataset", "keypoints", "save_dir", "filename", "output_eval"}
    | {"save_prediction_only"},
}


@pytest.mark.parametrize("name", FAMILY)
def test_every_option_is_in_the_table_with_its_default(name):
    parameters = inspect.signature(getattr(plugin, name).__init__).parameters
    options = set(parameters) - {"self"} - WIRED.get(name, set())
    text = PAGES["options"]
    for option in options:
        row = re.search(rf"\| `{name}\.{option}`.*?\| (.*?) \|", text)
        if row is None:  # shares the row of the option before it
            assert f"`{option}`" in text or f"`{name}.{option}`" in text, option
            continue
        default = parameters[option].default
        if not isinstance(default, list):
            shown = str(default).lower() if isinstance(default, bool) else default
            assert row.group(1).split(",")[0].strip("` ") == str(shown)
