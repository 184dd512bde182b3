"""500 changed inputs; ``make fuzz`` runs 10,000."""

import random
import signal
import time

from ppdet_hourglass.errors import UserError

from . import harness
from .harness import fuzz, run_one
from .targets import TARGETS


def test_every_input_ends_in_a_result_or_a_line():
    finds, lines, results = fuzz(TARGETS, 500, seed=0)
    assert not finds, "\n".join(map(str, finds))
    assert lines + results == 500 and lines > 200 and results > 50


def test_the_harness_sees_what_is_wrong(monkeypatch):
    def outcome(function):
        return run_one(lambda *_: function(), random.Random(0))

    def raise_(error):
        raise error

    assert outcome(lambda: None) is None
    assert isinstance(outcome(lambda: raise_(UserError("a.json: wrong"))), UserError)
    assert "not a line" in outcome(lambda: raise_(UserError("")))
    assert "KeyError: 3" in outcome(lambda: raise_(KeyError(3)))
    assert "SystemExit" in outcome(lambda: raise_(SystemExit(1)))
    monkeypatch.setattr(harness, "LIMIT", 0.05)
    before = signal.signal(signal.SIGALRM, harness._hang)
    assert "Hang: no end after 0.05 s" in outcome(lambda: time.sleep(9))
    signal.signal(signal.SIGALRM, before)
