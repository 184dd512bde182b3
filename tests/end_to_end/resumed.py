"""What trainings that end anywhere leave, and their processes."""

import json
from pathlib import Path

import numpy as np
import paddle

from ppdet_hourglass.training.table import AFTER, read_rows

#: Options of a training of four epochs, and more of them.
EPOCHS, STEPS = 4, 4
OPTIONS = [f"epoch={EPOCHS}", "seed=7"]
EMA = ["use_ema=true", "ema_decay=0.9"]
EVERY_STEP = ["snapshot_minutes=0.000001"]


def content(folder):
    """Everything that a training leaves, apart from names of runs."""
    values = {}
    for path in sorted(folder.glob("*.pd*")):
        if path.stem in ("model_final", "best_model"):
            for name, tensor in flat(paddle.load(str(path)), path.name):
                values[name] = tensor
    best = json.loads((folder / "best_model.json").read_text())
    rows = read_rows(str(folder / "results.csv"))
    assert len(rows) > 1
    table = [[row[name] for name in row if name not in AFTER] for row in rows]
    return values, best["figure"], best["epoch"], table


def flat(state, prefix):
    for name, value in state.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}.{name}")
        else:
            yield f"{prefix}.{name}", np.asarray(value)


def assert_equal_trainings(first, second):
    assert first[1:] == second[1:]
    assert first[0].keys() == second[0].keys() and len(first[0]) > 100
    different = [k for k in first[0] if not np.array_equal(first[0][k], second[0][k])]
    assert not different


def manifests(folder):
    """Those of a folder's snapshots."""
    others = ("keypoints_results", "versions")
    return [p for p in folder.glob("*.json") if p.stem not in others]


def children(pid):
    task = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in task.read_text().split()]


def lives(pid):
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return not status.rpartition(")")[2].startswith(" Z")
