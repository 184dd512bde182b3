"""A config's check with PaddleDetection's own training tool, at which nobody edits.

With ``PADDLEDETECTION_ROOT``, a checkout, it is the real one; else
``stock_train.py`` does what it does.
"""

import json
import os
import re
from pathlib import Path

from ..conftest import ROOT
from ..networks import CONFIG, TINY
from ..running import run

HERE = Path(__file__).parent

#: Runs a tool once for each of several lists of options, all after one import.
RUNS = """\
import json, os, runpy, sys
tool, config, runs = sys.argv[1:]
import ppdet.engine
for options in json.loads(runs):
    print("BEGIN", flush=True)
    child = os.fork()
    if not child:
        sys.argv = [tool, "-c", config, "-o", *options]
        runpy.run_path(tool, run_name="__main__")
        sys.exit()
    print("END", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""

#: Option, and what its one line says beside the key.
REFUSED = {
    "epochs=1": "'epoch'",
    "worker_nums=0": "'worker_num'",
    "weigths=x": "'weights'",
    "TrainReader.batchsize=4": "'batch_size'",
    "HourglassNet.numstacks=2": "'num_stacks'",
    "LearningRate.baselr=0.1": "'base_lr'",
    "EvalDataset.anno_pth=a.json": "'anno_path'",
    "epoch=[1,2]": "[1, 2]",
    "my_own_key=3": "does not exist",
    "EvalReader=3": "a mapping of options",
    "TrainDataset.image_dir=": "a path, but got None",
    "LearningRate.base_lr=1e-3x": "'1e-3x'",
}


def train(runs, config=CONFIG):
    """Status and output of the stock tool for each list of options."""
    root = os.environ.get("PADDLEDETECTION_ROOT")
    tool = Path(root, "tools/train.py").resolve() if root else HERE / "stock_train.py"
    search = os.pathsep.join([str(ROOT), root or "", os.environ.get("PYTHONPATH", "")])
    out = run("-c", RUNS, tool, config, json.dumps(runs), PYTHONPATH=search)
    found = re.findall(r"^BEGIN\n(.*?)^END (\d+)$", out, re.DOTALL | re.MULTILINE)
    assert len(found) == len(runs), out
    return [(int(status), text) for text, status in found]


def test_mistyped_options_and_wrong_values_are_one_line():
    done = train([["use_gpu=false", option] for option in REFUSED])
    for (option, expected), (status, text) in zip(REFUSED.items(), done):
        (line,) = [line for line in text.splitlines() if "rror" in line]
        assert status == 1 and "Traceback" not in text
        key = option.partition("=")[0]
        assert line.startswith(f"error: config key '{key}' ") and expected in line


def test_exponents_are_numbers(sample_people, tmp_path):
    config = tmp_path / "c.yml"
    config.write_text(
        f"plugin: !!python/name:ppdet_hourglass.plugin.MANIFEST\n_BASE_: [{CONFIG}]\n"
        "LearningRate:\n"
        "  schedulers:\n"
        "  - !PiecewiseDecay {milestones: [3], gamma: 1e-1, use_warmup: false}\n"
    )
    options = [*TINY, "use_gpu=false", f"dataset_dir={sample_people}"]
    options += [f"save_dir={tmp_path}/out", "LearningRate.base_lr=1e-3"]
    ((status, text),) = train([options], config)
    assert status == 0, text
    assert "learning_rate: 0.001000" in text
