"""The README's ``pip install`` lines, one after the other in a fresh environment."""

import shlex

import pytest

from .running import run
from .test_readme import ENGLISH, commands

LINES = [
    line
    for line in dict.fromkeys(commands(ENGLISH))
    if line.startswith("pip install") and "/path/to" not in line
]

CHECKPOINT = """
import torch
from tests.convert.states import bearpaw
state = bearpaw(stacks=2, joints=16)
tensors = {f"module.{key}": torch.tensor(value) for key, value in state.items()}
torch.save({"state_dict": tensors}, "hg.pth")
"""


def refused(*arguments, **where):
    """The one line with which a command ends, without a traceback."""
    out = run(*arguments, status=1, **where)
    assert "Traceback" not in out, out[-3000:]
    (line,) = [line for line in out.splitlines() if line.startswith("error: ")]
    return line


def test_the_lines_are_found():
    assert [line.split()[2:] for line in LINES] == [
        ["-e", "'.[cpu,video]'"],
        ["--no-deps", "paddledet==2.6.0"],
        ["-e", "'.[convert]'"],
        ["-e", "'.[export,onnx]'"],
    ]


@pytest.mark.slow
def test_after_each_line_the_commands_run_or_say_what_is_missing(tmp_path, source):
    run("-m", "venv", tmp_path / "venv")
    where = {"python": str(tmp_path / "venv/bin/python"), "cwd": source}
    where["PYTHONPATH"] = ""
    evaluate = ["tools/eval.py", "-c", "configs/hourglass_sample.yml"]
    evaluate += ["-o", f"dataset_dir={tmp_path}/nowhere"]
    convert = ["-m", "ppdet_hourglass", "convert", "hg.pth", "hg.pdparams", "--verify"]
    convert += ["--overwrite"]
    installed = ""
    for line in LINES:
        run("-m", *shlex.split(line), "--quiet", "-c", "constraints.txt", **where)
        installed += line
        complete = "cpu" in installed and "paddledet" in installed
        missing = f"data set folder {tmp_path}/nowhere does not exist"
        message = refused(*evaluate, **where)
        assert (missing if complete else " is not installed: ") in message
        if "convert" in installed:
            run("-c", CHECKPOINT, **where)
        if complete and "convert" in installed:
            assert "verified: 2 stacks" in run(*convert, **where)
        else:
            refused(*convert, **where)
