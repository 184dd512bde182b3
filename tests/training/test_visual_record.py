"""What VisualDL is given, beside the whole training in ``tests/end_to_end``."""

import types

import pytest

from ppdet_hourglass.training.loss_watch import Step
from ppdet_hourglass.training.run_table import BEFORE, make_row
from ppdet_hourglass.training.visual_record import VisualRecord


@pytest.fixture
def visual():
    record = VisualRecord(types.SimpleNamespace(), types.SimpleNamespace(rows=[]))
    record.calls = []
    record.writer = types.SimpleNamespace(
        add_scalar=lambda *call: record.calls.append(call)
    )
    return record


def test_an_evaluation_adds_what_the_steps_did_not_write(visual, monkeypatch):
    monkeypatch.setitem(BEFORE, "temperature", ".1f")
    means = {"loss": 0.5, "loss_stack1": 0.25}
    visual._losses(10, Step(1, 9, 0.001, {}), means)
    assert visual.calls == [
        ("loss", 0.5, 20),
        ("loss_stack1", 0.25, 20),
        ("learning_rate", 0.001, 20),
    ]
    visual.calls.clear()
    facts = {"epoch": 1, "step": 20, "temperature": 61.5, "learning_rate": 0.001}
    visual.record.rows.append(make_row({**facts, **means}, {"Mean": 88.0}))
    visual.on_epoch_end({"mode": "eval"})
    assert visual.calls == [("temperature", 61.5, 20), ("Mean", 88.0, 20)]
