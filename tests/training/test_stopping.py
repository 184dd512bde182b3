"""Signals while a run trains."""

import signal

import paddle
import paddle.distributed as dist
import pytest

from ppdet_hourglass.training.stopping import Stopper


@pytest.fixture
def stopper():
    return Stopper()


def test_signals_are_handled_while_it_listens(stopper):
    before = signal.getsignal(signal.SIGTERM)
    with stopper.listening():
        signal.raise_signal(signal.SIGTERM)
    assert stopper.agree(ask=True) == signal.SIGTERM
    assert signal.getsignal(signal.SIGTERM) is before
    with pytest.raises(SystemExit) as end:
        stopper.leave(stopper.signal, "epoch 0 before step 1", "out/0_1")
    assert end.value.code == 143


def test_the_second_ctrl_c_acts_at_once(stopper):
    # A test run in the background ignores Ctrl-C.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt), stopper.listening():
            signal.raise_signal(signal.SIGINT)
            assert stopper.signal == signal.SIGINT
            signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)


def test_signals_that_are_ignored_stay_so(stopper):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        with stopper.listening():
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)
    assert stopper.signal == 0


def test_processes_agree_a_step_after_they_asked(stopper, monkeypatch):
    """So that only steps that are logged, and wait anyway, are waited for."""
    exchanged = []

    def all_reduce(tensor, op):
        exchanged.append(tensor.item())
        paddle.assign(paddle.to_tensor([15], dtype="int32"), tensor)  # the other's

    monkeypatch.setattr(dist, "get_world_size", lambda: 2)
    monkeypatch.setattr(dist, "all_reduce", all_reduce)
    answers = [stopper.agree(ask=step % 3 == 0) for step in range(5)]
    assert answers == [0, 15, 0, 0, 15] and exchanged == [0, 0]
