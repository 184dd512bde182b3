"""Two processes on the CPU do together what one does alone."""

import json
import re

import numpy as np
import pytest

from ppdet_hourglass.sample import write_sample_dataset

from ..launching import ended, launch, log
from ..networks import TINY, random_weights
from ..running import command, run
from .conftest import arguments

SCRIPT = "tests/end_to_end/recorded_training.py"


def test_two_processes_learn_as_one_with_twice_the_batch(sample_people, tmp_path):
    """Batch norm apart, which sees each process's people on a CPU: it is frozen."""
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    argv = arguments(sample_people, one, "seed=3", "TrainReader.batch_size=4")
    run(SCRIPT, one, *argv)
    whole = np.load(one / "0.npz")
    argv = arguments(sample_people, two, "seed=3")
    ended(launch(two, SCRIPT, two, *argv), two)
    parts = [np.load(two / f"{rank}.npz") for rank in (0, 1)]

    people = [part["people"] for part in parts]
    assert not set(people[0].ravel()) & set(people[1].ravel())
    np.testing.assert_array_equal(np.concatenate(people, axis=1), whole["people"])
    losses = np.mean([part["losses"] for part in parts], axis=0)
    np.testing.assert_allclose(losses, whole["losses"], rtol=1e-4)
    names = set(whole.files) - {"losses", "people"}
    assert len(names) > 20 and names == set(parts[0].files) - {"losses", "people"}
    for name in names:
        scale = abs(whole[name]).max()
        for part in parts:
            np.testing.assert_allclose(part[name], whole[name], atol=1e-4 * scale)


@pytest.mark.parametrize("size", [2, pytest.param(8, marks=pytest.mark.slow)])
def test_processes_share_an_evaluation(size, tmp_path):
    """Of five people: three batches, or one, so that the second process has none."""
    people = write_sample_dataset(tmp_path / "set", train=1, val=5)
    weights = random_weights(tmp_path / "w.pdparams", TINY, bias=1)
    options = [f"weights={weights}", f"EvalReader.batch_size={size}"]
    options.append("TopDownHourglass.decoder=quarter")  # DARK magnifies rounding
    one, two = tmp_path / "one", tmp_path / "two"
    alone = command("eval", *arguments(people, one, *options))
    argv = arguments(people, two, *options)
    report = ["--report", "--heatmaps", "1"]
    shared = ended(launch(two, "tools/eval.py", *report, *argv), two)
    assert "Total sample number: 5" in alone and "Total sample number: 5" in shared
    line = re.compile(r"\[EVAL\] .*")
    assert line.findall(shared) == line.findall(alone) and "[EVAL]" in alone
    assert "[EVAL]" not in log(two, rank=1)
    assert "report written to" in shared
    assert "report written to" not in log(two, rank=1)
    np.testing.assert_allclose(joints(two), joints(one), atol=1e-3)


def joints(folder):
    path = folder / "hourglass_sample/keypoints_results.json"
    return [row["keypoints"] for row in json.loads(path.read_text())]
