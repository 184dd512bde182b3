"""A long training takes no more memory, files, threads or processes: ``make soak``."""

import json
import os
import re
import signal
from pathlib import Path

import pytest

from ppdet_hourglass.sample import write_sample_dataset

from ..conftest import ROOT
from ..end_to_end.resumed import children

pytestmark = pytest.mark.slow

#: Steps of an epoch, after each of which people are evaluated, and epochs.
STEPS, EPOCHS = 200, 10

#: A batch of the sample network is small, so that all takes minutes.
BATCH = 2
OPTIONS = [f"TrainReader.batch_size={BATCH}", "worker_num=2", "log_iter=100"]


def resources(pid):
    """Resident memory in MB; numbers of open files, threads and processes below."""
    status = Path(f"/proc/{pid}/status").read_text()
    memory, threads = (
        int(re.search(rf"^{name}:\s+(\d+)", status, re.M)[1])
        for name in ("VmRSS", "Threads")
    )
    files = len(os.listdir(f"/proc/{pid}/fd"))
    return memory / 1024, (files, threads, len(children(pid)))


def sample_people(folder):
    """As many people as the steps take."""
    folder = write_sample_dataset(folder, train=BATCH * STEPS, val=16)
    path = folder / "annotations/mpii_train.json"
    path.write_text(json.dumps(json.loads(path.read_text())[: BATCH * STEPS]))
    return folder


def test_a_long_training_does_not_grow(start, tmp_path):
    people = sample_people(tmp_path / "set")
    options = [f"dataset_dir={people}", f"save_dir={tmp_path}", f"epoch={EPOCHS + 1}"]
    config = ["-c", ROOT / "configs/hourglass_sample.yml", "-o", *options, *OPTIONS]
    process = start("train", "--eval", *config, "snapshot_epoch=1")
    seen, lines = [], []
    for line in process.stdout:
        lines.append(line)
        # Amid the next epoch, when the threads of the evaluation's loader have ended.
        if re.search(rf"Epoch: \[[1-9]\d*\] \[100/{STEPS}\]", line):
            seen.append(resources(process.pid))
            print(len(seen) * STEPS, "steps:", seen[-1])
            if len(seen) == EPOCHS:
                process.send_signal(signal.SIGTERM)
    assert process.wait() == 143, "".join(lines[-20:])
    (first, counts), *_, (last, at_the_end) = seen
    assert abs(last / first - 1) < 0.05
    assert all(a <= b for a, b in zip(at_the_end, counts))
