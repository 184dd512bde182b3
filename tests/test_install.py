"""The README's ``pip install`` lines, one after the other in a fresh environment."""

import os
import shlex
import subprocess
import sys

import pytest

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


class Environment:
    """A virtual environment for a copy of the clone."""

    def __init__(self, folder, source):
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        self.python = str(folder / "bin/python")
        self.source = source

    def run(self, *arguments):
        """Run Python in the copy; returns exit status and output."""
        done = subprocess.run(
            [self.python, *arguments],
            cwd=str(self.source),
            env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return done.returncode, done.stdout

    def install(self, line):
        words = [*shlex.split(line), "--quiet", "-c", "constraints.txt"]
        status, out = self.run("-m", *words)
        assert status == 0, out[-3000:]


def refused(result):
    """The one line that a command ended with, without a traceback."""
    status, out = result
    assert status == 1 and "Traceback" not in out, out[-3000:]
    (line,) = [line for line in out.splitlines() if line.startswith("error: ")]
    return line


def test_the_lines_are_found():
    assert [line.split()[2:] for line in LINES] == [
        ["-e", "'.[cpu,draw]'"],
        ["--no-deps", "paddledet==2.6.0"],
        ["-e", "'.[convert]'"],
        ["-e", "'.[export,onnx]'"],
    ]


@pytest.mark.slow
@pytest.mark.parametrize("lines", [LINES, LINES[::-1]], ids=["in order", "reversed"])
def test_after_each_line_the_commands_run_or_say_what_is_missing(
    lines, tmp_path, source
):
    environment = Environment(tmp_path / "venv", source)
    evaluate = ["tools/eval.py", "-c", "configs/hourglass_sample.yml"]
    evaluate += ["-o", f"dataset_dir={tmp_path}/nowhere"]
    convert = ["-m", "ppdet_hourglass", "convert", "hg.pth", "hg.pdparams", "--verify"]
    convert += ["--overwrite"]
    installed = ""
    for line in lines:
        environment.install(line)
        installed += line
        message = refused(environment.run(*evaluate))
        complete = "cpu" in installed and "paddledet" in installed
        missing = f"data set folder {tmp_path}/nowhere does not exist"
        assert (missing if complete else " is not installed: ") in message
        if "convert" in installed:
            assert environment.run("-c", CHECKPOINT)[0] == 0
        if complete and "convert" in installed:
            status, out = environment.run(*convert)
            assert status == 0 and "verified: 2 stacks" in out, out[-3000:]
        else:
            refused(environment.run(*convert))
